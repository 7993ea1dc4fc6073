"""Whether answers are right: what their tasks derive from rating and truth, and whether a table agrees."""

import numpy as np
import pandas as pd

from helpers.errors import TableError
from helpers.stats.scales import OWN, by_scale
from helpers.tasks import TASKS


def claims(readings: pd.DataFrame) -> pd.Series:
    """The answer that each rating gives, as its task names it; None if the rating leaves the question open, no cut-off
    is known, or the task or rating is unknown."""
    claim = pd.Series([None] * len(readings), index=readings.index, dtype=object)
    ratings = pd.to_numeric(readings["rating"]).astype("Float64")
    for scale, rows in by_scale(readings):
        for name, index in readings.loc[rows].groupby("task").groups.items():
            task, own = TASKS.get(name), ratings[index]
            if task is None or (task.ordered and scale is None):
                continue
            if task.ordered and scale != OWN:
                low, high = task.answers
                claim[index] = [None if pd.isna(call) else high if call else low for call in scale.calls(own)]
            else:
                claim[index] = [task.means.get(rating) for rating in own]
    return claim


def expected(readings: pd.DataFrame) -> pd.Series:
    """Int64 Series, 1 for right and 0 for wrong; missing if the answer is undetermined, no cut-off is known, the task
    needs a side that is blank, or the task or rating is unknown."""
    truth = pd.to_numeric(readings["truth"]).astype(int)
    side = readings["side"].astype(object).where(readings["side"].notna(), None)
    claim = claims(readings)
    right = [
        TASKS[task].agrees(answer, *trial) if task in TASKS else None
        for task, answer, *trial in zip(readings["task"], claim, readings["source"], truth, side, strict=True)
    ]
    return pd.Series(pd.array(right, dtype="boolean"), index=readings.index).astype("Int64")


def check_correct(readings: pd.DataFrame, origin: str) -> None:
    """Raise TableError if ``correct`` does not follow from the other columns, or is blank for a decided answer that
    lacks only its side."""
    should, given = expected(readings), readings["correct"]
    known = readings["side"].notna() | ~readings["task"].map(lambda task: bool(TASKS[task].places))
    decided = claims(readings).notna()
    same = (given == should).fillna(False).astype(bool) | (given.isna() & should.isna())
    wrong = (known & ~same) | (~known & (given.notna() != decided))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        own = readings.iloc[place]
        more = f" (and {int(wrong.sum()) - 1} more rows)" if wrong.sum() > 1 else ""
        raise TableError(
            f"{origin}: column 'correct', row {int(readings.index[place]) + 1}: value {own['correct']} does not follow "
            f"from rating {own['rating']} in task {own['task']!r} (side {own['side']!r}, source "
            f"{own['source']!r}, truth {own['truth']}){more}; "
            "1 is right, 0 is wrong, blank is for an undetermined answer only"
        )
