"""Ratings of pairs, oriented so that + points to the synthetic image, whichever side it was shown on.

Otherwise, readers who see the sides swapped would seem to disagree.
"""

import pandas as pd

from helpers.tables import PAIR


def oriented(rows: pd.DataFrame) -> pd.Series:
    """Ratings with + pointing to the synthetic image of a pair; ratings of single images are unchanged.

    >>> rows = pd.DataFrame({"task": "realism_pair", "side": ["left", "right"], "rating": [-2, 2]})
    >>> oriented(rows).tolist()  # synthetic on the left, then on the right
    [2.0, 2.0]
    """
    rating = rows["rating"].astype("float64")
    return rating.where((rows["task"] != PAIR) | (rows["side"] != "left"), -rating)


def with_orientation(readings: pd.DataFrame) -> pd.DataFrame:
    """The readings with oriented ratings in place of the original ones.

    >>> rows = pd.DataFrame({"task": "realism_pair", "side": ["left", "right"], "rating": [-1, -1]})
    >>> with_orientation(rows)["rating"].tolist()
    [1.0, -1.0]
    """
    return readings.assign(rating=oriented(readings))


def rating_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Oriented ratings, float64: one row per reader, one column per (case, source, finding), NaN where not read."""
    table = rows.assign(oriented=oriented(rows))
    return table.pivot(index="reader", columns=["case", "source", "finding"], values="oriented")
