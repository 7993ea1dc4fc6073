"""The trials of one reader from the plan: what the reader may know about them, and the answers of practice trials."""

from dataclasses import dataclass

import pandas as pd

from helpers.errors import ReadingError
from helpers.tables import BESIDE
from helpers.tasks import TASKS


@dataclass(frozen=True)
class Trial:
    """What a reader may know about a trial: the question and its images from left to right, never the truth."""

    trial_id: str
    position: int
    task: str
    finding: str
    is_practice: bool
    images: tuple[str, ...]


def trials_of(plan: pd.DataFrame, reader: str) -> tuple[Trial, ...]:
    """A reader's trials in order, from a plan table; raises ReadingError if the plan has no such reader."""
    rows = _rows_of(plan, reader)
    if rows.empty:
        known = ", ".join(sorted(plan.reader.unique()))
        raise ReadingError(f"reader {reader!r} is not in the plan; it has {known}")
    columns = (rows[name].tolist() for name in ("trial_id", "position", "task", "finding", "is_practice", "images"))
    trials = [Trial(*told, tuple(images.split(BESIDE))) for *told, images in zip(*columns, strict=True)]
    return tuple(sorted(trials, key=lambda trial: trial.position))


def practice_answers(plan: pd.DataFrame, reader: str) -> dict[str, str]:
    """The right answers of a reader's practice trials, by trial_id; nothing about any other trial."""
    rows = _rows_of(plan, reader)
    columns = (rows[name].tolist() for name in ("is_practice", "trial_id", "task", "source", "present", "side"))
    told = zip(*columns, strict=True)
    return {trial_id: TASKS[task].right(*truth) for is_practice, trial_id, task, *truth in told if is_practice}


def _rows_of(plan: pd.DataFrame, reader: str) -> pd.DataFrame:
    is_own = plan.reader == reader
    return plan if is_own.all() else plan[is_own]
