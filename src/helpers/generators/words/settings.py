"""The settings of a training of a small Stable Diffusion model."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from helpers.checks import Positive, checked
from helpers.errors import ParameterError


@checked(ParameterError)
class WordsSettings:
    """What a trained model depends on besides data, shape and budget; raises ParameterError for a value out of range.

    The learning rate falls over the last share ``falling`` of the budget. ``noise_mean`` and ``noise_deviation`` are
    those of the logit of the noise level sigma; larger images need more noise. ``from_noise`` is the share of images
    that are pure noise, as at the start of sampling. For the first ``words_first`` images only the text encoder is
    trained, to sketch the average image for given words, so that it tells left from right and little from much.
    Afterwards ``sketching`` is the weight of that task in the loss, so that it is not forgotten, and
    ``region_attention`` that of ``RegionAttention.error``, which teaches the UNet to look at what is said of each
    region. ``outlining`` is the weight of ``Outlining.error``, and ``coarse_weight`` that of the errors averaged over
    squares of an eighth of the image's side, where the noise exceeds the image: words tell little of fine detail
    (Hoogeboom et al. 2023, arXiv 2301.11093, section 3.4).

    Up to ``same_patient`` images of one patient are seen together with the same noise, so that they differ only in what
    words can describe; where they are nearly pure noise, errors in how they differ weigh ``difference_weight`` times as
    much as the error that they share. ``ema_width`` is the share of the training over which weights are averaged, as a
    relative standard deviation. ``grain`` is the noise level that sampling leaves in an image.
    """

    seed: int = 1
    batch: Positive = 16
    learning_rate: PositiveFloat = 3e-4
    warmup_images: int = 1000
    falling: Annotated[float, Field(ge=0, le=1)] = 0.0
    noise_mean: float = -0.4
    noise_deviation: PositiveFloat = 1.3
    from_noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    words_first: NonNegativeInt = 0
    sketching: NonNegativeFloat = 0.0
    region_attention: NonNegativeFloat = 0.0
    outlining: NonNegativeFloat = 0.0
    coarse_weight: NonNegativeFloat = 0.0
    same_patient: Positive = 1
    difference_weight: PositiveFloat = 1.0
    ema_width: Annotated[float, Field(gt=0, lt=0.28)] = 0.1  # 0.05 to 0.15 are usual
    grain: Annotated[float, Field(ge=0, le=0.2)] = 0.025
