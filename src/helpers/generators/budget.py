"""How long to train: a number of seconds, steps or images."""

from dataclasses import asdict, fields
from typing import Annotated

from pydantic import Field

from helpers.checks import Positive, checked
from helpers.errors import ParameterError

_EXAMPLE = 'write exactly one of {"seconds": 600}, {"steps": 2000}, {"images": 40000}'


@checked(ParameterError, "budget: ")
class Budget:
    """Exactly one limit: wall-clock seconds of training, optimiser steps, or training images seen.

    With a budget in steps or images, the seed determines the result; with one in seconds, it does not.
    Raises ParameterError unless exactly one limit is set and is positive.
    """

    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    steps: Positive | None = None
    images: Positive | None = None

    def __post_init__(self):
        if sum(limit is not None for limit in asdict(self).values()) != 1:
            raise ParameterError(f"budget: {_EXAMPLE}")

    @classmethod
    def from_parameter(cls, value: dict) -> "Budget":
        """Budget from a notebook parameter such as ``{"images": 40000}``; raises ParameterError on anything else."""
        try:
            return cls(**value)
        except (TypeError, ParameterError) as error:
            raise ParameterError(f"budget = {value!r}: {_EXAMPLE}") from error

    @property
    def unit(self) -> str:
        """The limit that is set: ``seconds``, ``steps`` or ``images``."""
        return next(field.name for field in fields(self) if getattr(self, field.name) is not None)

    @property
    def total(self) -> float:
        """The limit, in its unit."""
        return getattr(self, self.unit)

    def used(self, seconds: float, steps: int, images: int) -> float:
        """How much of the budget is used, in its unit; never more than the total."""
        return min({"seconds": seconds, "steps": steps, "images": images}[self.unit], self.total)

    def spent(self, seconds: float, steps: int, images: int) -> bool:
        """True when the budget is used up."""
        return self.used(seconds, steps, images) >= self.total
