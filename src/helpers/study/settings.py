"""What the study owner decides about the plan: the parameters of notebook 06."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from helpers.checks import Positive, Several, checked, chosen
from helpers.errors import ParameterError
from helpers.tasks import CONDITIONALITY, PAIR, TASKS

GUEST = "guest"  # has their own order of trials in every plan, to try out the reading room; never analysed


ENLARGE_AT_MOST = 4.0  # times, even if the screen has room for a larger image


@checked(ParameterError)
class PlanSettings:
    """Parameters of notebook 06.

    ``pairs_per_cell``: realism pairs for each source and cell. ``singles_per_cell``: single-image realism trials for
    each source and cell, and as many real ones. ``conditionality_per_cell``: for real and each source, per cell.
    ``choices_per_cell``: choices of one image among several, for each source and cell.
    ``tasks``: the blocks in their order. ``small_cells``: what to do if a cell has too few images, "error" or
    "reduce". ``enlarge_at_most``: most CSS pixels that one image pixel may span when the reading room fits an image to
    the screen. Raises ParameterError naming the parameter.
    """

    readers: Several[Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=200)]]
    seed: int
    tasks: Several[Literal[tuple(TASKS)]] = (PAIR, CONDITIONALITY)
    pairs_per_cell: Positive = 6
    singles_per_cell: Positive = 6
    conditionality_per_cell: Positive = 6
    choices_per_cell: Positive = 6
    practice_per_task: NonNegativeInt = 3
    repeat_fraction: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    max_run: Annotated[int, Field(ge=2)] = 4
    split: str = "test"
    small_cells: Literal["error", "reduce"] = "error"
    enlarge_at_most: Annotated[float, Field(ge=1, allow_inf_nan=False)] = ENLARGE_AT_MOST

    def __post_init__(self):
        for name in ("readers", "tasks"):
            values = getattr(self, name)
            if not values or len(set(values)) != len(values):
                raise ParameterError(f"{name} = {list(values)}: must be a list of distinct names, at least one")


def settings_from(parameters: Mapping) -> PlanSettings:
    """Settings from the parameters of notebook 06, which have the same names; the guest is added to the readers."""
    settings = chosen(PlanSettings, parameters)
    return replace(settings, readers=(*settings.readers, GUEST))
