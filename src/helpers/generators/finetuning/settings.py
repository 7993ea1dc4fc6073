"""Settings of fine-tuning, and their ranges."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat

from helpers.checks import Positive, Several, checked
from helpers.errors import ParameterError


@checked(ParameterError)
class TuningSettings:
    """What a tuned model depends on besides data, base and budget; raises ParameterError for a value out of range.

    ``tune`` names the parts that are trained. With ``lora_rank`` above 0 only a LoRA of that rank is trained in each
    attention layer (Hu et al. 2021, arXiv 2106.09685); with 0 all weights are. ``resolution``, in pixels, is that at
    which the base sees images; None is its own. The learning rate falls over the last share ``falling`` of the budget.
    """

    tune: Several[Literal["unet", "text_encoder"]] = ("unet", "text_encoder")
    lora_rank: NonNegativeInt = 0
    resolution: Positive | None = None
    seed: int = 1
    batch: Positive = 16
    learning_rate: PositiveFloat = 5e-5
    warmup_images: int = 1000
    falling: Annotated[float, Field(ge=0, le=1)] = 0.0

    def __post_init__(self):
        if not self.tune or len(set(self.tune)) < len(self.tune):
            raise ParameterError(f"tune = {list(self.tune)}: name unet, text_encoder or both, each once")
