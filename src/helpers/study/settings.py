"""What the study owner decides about the plan: the parameters of notebook 06."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from helpers.errors import ParameterError
from helpers.tasks import CONDITIONALITY, PAIR, TASKS

SMALL_CELLS = ("error", "reduce")
GUEST = "guest"  # has an order of trials of their own in every plan, to try the reading room; is never analysed
COUNTS = (*dict.fromkeys(task.count for task in TASKS.values()), "practice_per_task")


@dataclass(frozen=True)
class PlanSettings:
    """Parameters of notebook 06.

    ``pairs_per_cell``: realism pairs for each source and cell. ``singles_per_cell``: single-image realism trials for
    each source and cell, and as many real ones. ``conditionality_per_cell``: for real and each source, and cell.
    ``choices_per_cell``: choices of one image among several, for each source and cell.
    ``tasks``: the blocks in their order. ``small_cells``: what to do where a cell has too few images, "error" or
    "reduce". Raises ParameterError naming the parameter.
    """

    readers: tuple[str, ...]
    seed: int
    tasks: tuple[str, ...] = (PAIR, CONDITIONALITY)
    pairs_per_cell: int = 6
    singles_per_cell: int = 6
    conditionality_per_cell: int = 6
    choices_per_cell: int = 6
    practice_per_task: int = 3
    repeat_fraction: float = 0.1
    max_run: int = 4
    split: str = "test"
    small_cells: str = "error"

    def __post_init__(self):
        for name, known in (("readers", None), ("tasks", TASKS)):
            values = tuple(getattr(self, name)) if not isinstance(getattr(self, name), str) else ()
            object.__setattr__(self, name, values)
            text = all(isinstance(value, str) and 0 < len(value.strip()) == len(value) <= 200 for value in values)
            if not values or not text or len(set(values)) != len(values):
                raise ParameterError(f"{name} = {list(values)}: must be a list of distinct names, at least one")
            if known and not set(values) <= set(known):
                raise ParameterError(f"{name} = {list(values)}: choose from {', '.join(known)}")
        for name in COUNTS:
            least = 0 if name == "practice_per_task" else 1
            if type(getattr(self, name)) is not int or getattr(self, name) < least:
                raise ParameterError(f"{name} = {getattr(self, name)!r}: must be a whole number, {least} or more")
        if not isinstance(self.repeat_fraction, int | float) or not 0 <= self.repeat_fraction <= 0.5:
            raise ParameterError(f"repeat_fraction = {self.repeat_fraction!r}: must lie between 0 and 0.5")
        if type(self.max_run) is not int or self.max_run < 2:
            raise ParameterError(f"max_run = {self.max_run!r}: must be a whole number, 2 or more")
        if self.small_cells not in SMALL_CELLS:
            raise ParameterError(f"small_cells = {self.small_cells!r}: must be one of {', '.join(SMALL_CELLS)}")


def settings_from(parameters: Mapping) -> PlanSettings:
    """Settings from the parameters of notebook 06, which has the same names; the guest joins the readers."""
    settings = PlanSettings(**{field.name: parameters[field.name] for field in fields(PlanSettings)})
    return replace(settings, readers=(*settings.readers, GUEST))
