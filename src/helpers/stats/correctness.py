"""Whether answers are right: what their tasks say of rating and truth, and whether a table says the same."""

import numpy as np
import pandas as pd

from helpers.errors import TableError
from helpers.tasks import TASKS


def expected(readings: pd.DataFrame) -> pd.Series:
    """1 right, 0 wrong, Int64 Series; missing where the answer is undetermined, where its task needs a side that is
    blank, and for a task or rating that is not known."""
    rating, truth = (pd.to_numeric(readings[name]).astype(int) for name in ("rating", "truth"))
    side = readings["side"].astype(object).where(readings["side"].notna(), None)
    right = [
        TASKS[task].is_right(rating, *trial) if _can_be_given(task, rating) else None
        for task, rating, *trial in zip(readings["task"], rating, readings["source"], truth, side, strict=True)
    ]
    return pd.Series(pd.array(right, dtype="boolean"), index=readings.index).astype("Int64")


def check_correct(readings: pd.DataFrame, origin: str) -> None:
    """Raise TableError where ``correct`` does not follow from the rest, or is blank for a decided answer that only
    lacks its side."""
    should, given = expected(readings), readings["correct"]
    tasks = readings["task"].map(TASKS.get)
    known = readings["side"].notna() | ~tasks.map(lambda task: bool(task.places))
    decided = [task.means[rating] is not None for task, rating in zip(tasks, readings["rating"], strict=True)]
    same = (given == should).fillna(False).astype(bool) | (given.isna() & should.isna())
    wrong = (known & ~same) | (~known & (given.notna() != decided))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        own = readings.iloc[row]
        raise TableError(
            f"{origin}: column 'correct', row {row + 1}: value {own['correct']} does not follow from "
            f"rating {own['rating']} in task {own['task']!r} (side {own['side']!r}, source "
            f"{own['source']!r}, truth {own['truth']}); "
            "1 is right, 0 is wrong, blank is for an undetermined answer only"
        )


def _can_be_given(task: str, rating: int) -> bool:
    return task in TASKS and rating in TASKS[task].means
