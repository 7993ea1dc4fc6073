"""The trials of one reader, as the plan has them: what the reader may know of them, and the answers of practice."""

from dataclasses import dataclass
from itertools import starmap

import pandas as pd

from helpers.errors import ReadingError
from helpers.tables import BESIDE
from helpers.tasks import right_answer


@dataclass(frozen=True)
class Trial:
    """What a reader may know of a trial: the question and its images from left to right, never the truth."""

    trial_id: str
    position: int
    task: str
    finding: str
    is_practice: bool
    images: tuple[str, ...]


def trials_of(plan: pd.DataFrame, reader: str) -> tuple[Trial, ...]:
    """A reader's trials in order, from a plan table; raises ReadingError when the plan has no such reader."""
    rows = plan[plan.reader == reader].sort_values("position")
    if rows.empty:
        known = ", ".join(sorted(plan.reader.unique()))
        raise ReadingError(f"reader {reader!r} is not in the plan; it has {known}")
    images = [tuple(ids.split(BESIDE)) for ids in rows.images]
    columns = (rows.trial_id, rows.position.astype(int), rows.task, rows.finding, rows.is_practice)
    return tuple(starmap(Trial, zip(*(column.tolist() for column in columns), images, strict=True)))


def practice_answers(plan: pd.DataFrame, reader: str) -> dict[str, str]:
    """The right answer of a reader's practice trials, by trial_id; nothing of any other trial."""
    rows = plan[(plan.reader == reader) & plan.is_practice]
    return {row.trial_id: right_answer(row) for row in rows.itertuples()}
