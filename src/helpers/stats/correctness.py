"""Whether answers are right: what follows from rating and truth, and whether a table says the same."""

import numpy as np
import pandas as pd

from helpers.errors import TableError
from helpers.tables import PAIR, REAL, SINGLE


def expected(readings: pd.DataFrame) -> pd.Series:
    """1 right, 0 wrong, by the sign of the rating: Int64 Series; missing where the rating is 0 or a pair has no side.

    A pair is right on the side of the synthetic image, a single image by its source, a finding by its truth.
    """
    rating = pd.to_numeric(readings["rating"]).astype(int)
    task = readings["task"]
    claim = np.select(
        [task == PAIR, task == SINGLE],
        [(rating > 0) == (readings["side"] == "right"), (rating > 0) == (readings["source"] != REAL)],
        (rating > 0) == (pd.to_numeric(readings["truth"]) == 1),
    )
    return pd.Series(claim, index=readings.index).astype("Int64").mask((rating == 0) | ~_known(readings))


def check_correct(readings: pd.DataFrame, origin: str) -> None:
    """Raise TableError where ``correct`` does not follow from the rest, or is blank for a decided pair without side."""
    known, should, given = _known(readings), expected(readings), readings["correct"]
    same = (given == should).fillna(False).astype(bool) | (given.isna() & should.isna())
    wrong = (known & ~same) | (~known & ((readings["rating"] == 0) != given.isna()))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        own = readings.iloc[row]
        raise TableError(
            f"{origin}: column 'correct', row {row + 1}: value {own['correct']} does not follow from "
            f"rating {own['rating']} in task {own['task']!r} (side {own['side']!r}, source "
            f"{own['source']!r}, truth {own['truth']}); "
            "1 is right, 0 is wrong, blank goes with rating 0 only"
        )


def _known(readings: pd.DataFrame) -> pd.Series:
    """Whether the table says what the right answer is: a pair may lack the side of its synthetic image."""
    return ~((readings["task"] == PAIR) & readings["side"].isna())
