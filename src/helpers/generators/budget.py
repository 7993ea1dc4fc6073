"""How long to train: a number of seconds, steps or images."""

from dataclasses import dataclass, fields

from helpers.errors import ParameterError

_EXAMPLE = 'write exactly one of {"seconds": 600}, {"steps": 2000}, {"images": 40000}'


@dataclass(frozen=True)
class Budget:
    """Exactly one limit: wall-clock seconds of training, optimiser steps, or training images seen.

    A budget in steps or images lets a seed fix the result; one in seconds does not.
    Raises ParameterError unless exactly one limit is set and is positive.
    """

    seconds: float | None = None
    steps: int | None = None
    images: int | None = None

    def __post_init__(self):
        limits = {field.name: getattr(self, field.name) for field in fields(self)}
        limits = {name: value for name, value in limits.items() if value is not None}
        if len(limits) != 1:
            raise ParameterError(f"budget = {limits}: {_EXAMPLE}")
        name, value = next(iter(limits.items()))
        whole = name == "seconds" or isinstance(value, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not whole or not 0 < value < float("inf"):
            kind = "number" if name == "seconds" else "whole number"
            raise ParameterError(f"budget = {limits}: {name} must be a positive {kind}; {_EXAMPLE}")

    @classmethod
    def from_parameter(cls, value: dict) -> "Budget":
        """Budget from a notebook parameter such as ``{"images": 40000}``; raises ParameterError on anything else."""
        names = {field.name for field in fields(cls)}
        if not isinstance(value, dict) or not set(value) <= names:
            raise ParameterError(f"budget = {value!r}: {_EXAMPLE}")
        return cls(**value)

    @property
    def unit(self) -> str:
        """The limit that is set: ``seconds``, ``steps`` or ``images``."""
        return next(field.name for field in fields(self) if getattr(self, field.name) is not None)

    @property
    def total(self) -> float:
        """The limit, in its unit."""
        return getattr(self, self.unit)

    def used(self, seconds: float, steps: int, images: int) -> float:
        """How much of the budget is used, in its unit; never more than the whole."""
        return min({"seconds": seconds, "steps": steps, "images": images}[self.unit], self.total)

    def spent(self, seconds: float, steps: int, images: int) -> bool:
        """True when the budget is used up."""
        return self.used(seconds, steps, images) >= self.total
