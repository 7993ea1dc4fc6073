"""Settings of the training from words: their ranges, and the exponent of the average."""

from typing import Annotated

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveFloat

from helpers.checks import Positive, checked
from helpers.errors import ParameterError


@checked(ParameterError)
class WordsSettings:
    """What a trained model depends on besides data, shape and budget; ParameterError for a value out of range.

    ``noise_mean`` and ``noise_deviation`` are those of the logit of the noise level sigma; larger images need more
    noise. ``from_noise`` is the share of images that are pure noise, as every drawing is at first. For the first
    ``words_first`` images the text encoder learns alone, to sketch what images of such words look like on average, so
    that it tells left from right and little from much. Up to ``same_patient`` images of one patient are seen side by
    side under the same noise: all that differs is what words can tell. ``ema_width`` is the share of the training over
    which weights are averaged, as a relative standard deviation.
    """

    seed: int = 1
    batch: Positive = 16
    learning_rate: PositiveFloat = 3e-4
    warmup_images: int = 1000
    noise_mean: float = 0.4
    noise_deviation: PositiveFloat = 1.0
    from_noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    words_first: NonNegativeInt = 0
    same_patient: Positive = 1
    ema_width: Annotated[float, Field(gt=0, lt=0.28)] = 0.1  # 0.05 to 0.15 are usual


def ema_exponent(width: float) -> float:
    """Exponent of the power-law average of a relative ``width`` (Karras et al. 2024, arXiv 2312.02696, equation 123).

    width^2 = (g + 1) / ((g + 2)^2 (g + 3)), solved for the largest real g.
    """
    roots = np.roots([1, 7, 16 - width**-2, 12 - width**-2])
    return float(np.max(roots.real[np.abs(roots.imag) < 1e-9]))
