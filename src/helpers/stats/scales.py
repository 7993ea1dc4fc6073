"""The scale of ratings: its ends, where positive calls begin, and the value that leaves the question open.

A scale is written ``lowest..highest``, with ``positive from`` where positive calls begin and ``undetermined`` for a
value that leaves the question open:

>>> Scale.parse("1..5, positive from 4")
Scale(lowest=1.0, highest=5.0, positive=4.0, undetermined=None)
>>> Scale.parse("0..100").positive is None      # by order only: nothing is called present or absent
True

Without ``positive from``, a scale of 2, 3, 5 or 7 grades is symmetric: positive calls begin above its middle, and the
middle grade is undetermined. Any other scale has no cut-off until one is given; ``no cut-off`` declares that there is
none.

>>> str(Scale.parse("-2..2"))
'-2..2, positive from 1, undetermined 0'
>>> str(Scale.parse("0..1"))
'0..1, positive from 1'
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.tasks import RATINGS

UNKNOWN = "unknown"  # in column scale if the scale was not given: only the order of ratings counts
COLUMN = "scale"
NO_CUT_OFF = "not estimable: no cut-off (parameter 'scale': where calls begin)"
SYMMETRIC = (2, 3, 5, 7)  # numbers of grades that by common usage have a middle, or two sides
MOST_GRADES = 20  # with more, a scale is treated as continuous: it has no categories to agree on
_NUMBER = r"([+-]?\d+(?:\.\d+)?)"
_WRITTEN = re.compile(
    rf"{_NUMBER}\s*(?:\.\.|to)\s*{_NUMBER}(?:\s*,\s*positive from {_NUMBER})?(?:\s*,\s*undetermined {_NUMBER})?"
    r"(\s*,\s*no cut-?off)?"
)


@dataclass(frozen=True)
class Scale:
    """``lowest`` to ``highest``; a higher rating is stronger evidence for present (or synthetic, or right).

    A rating of ``positive`` or more calls present, one below calls absent, ``undetermined`` calls neither. ``positive``
    None: no calls. Raises StatisticsError if the numbers are not in this order.
    """

    lowest: float
    highest: float
    positive: float | None = None
    undetermined: float | None = None

    def __post_init__(self):
        inside = [v for v in (self.positive, self.undetermined) if v is not None]
        if not self.lowest < self.highest or not all(self.lowest <= value <= self.highest for value in inside):
            raise StatisticsError(
                f"scale {self}: the lowest rating comes first, and 'positive from' and 'undetermined' lie on the "
                "scale; turn ratings round where a low one speaks for present"
            )
        if self.positive == self.lowest or (self.positive is None and self.undetermined is not None):
            raise StatisticsError(f"scale {self}: 'positive from' needs ratings below it, which call absent")

    @classmethod
    def parse(cls, written: "str | Scale") -> "Scale":
        """Scale from text; raises a StatisticsError that shows how a scale is written."""
        if isinstance(written, Scale):
            return written
        found = _WRITTEN.fullmatch(str(written).strip().lower().replace("−", "-"))
        if not found:
            raise StatisticsError(
                f"scale {written!r} is not understood; write lowest..highest and where calls begin, as "
                "'1..5', '1..4, positive from 3' or '1..5, positive from 4, undetermined 3'"
            )
        *numbers, no_cut_off = found.groups()
        low, high, positive, undetermined = (None if text is None else float(text) for text in numbers)
        if positive is None and undetermined is None and not no_cut_off and high > low and is_whole(low, high):
            positive, undetermined = _symmetric(low, high)
        return cls(low, high, positive, undetermined)

    @property
    def grades(self) -> tuple[float, ...]:
        """Every rating on the scale if its ends are whole and it has at most ``MOST_GRADES`` grades; else empty."""
        if not is_whole(self.lowest, self.highest) and not is_whole(self.lowest - 0.5, self.highest - 0.5):
            return ()
        count = round(self.highest - self.lowest) + 1
        return tuple(self.lowest + step for step in range(count)) if count <= MOST_GRADES else ()

    def contains(self, ratings: pd.Series) -> pd.Series:
        """Which ratings lie between the scale's ends, bool."""
        return ratings.between(self.lowest, self.highest)

    def calls(self, ratings: pd.Series) -> pd.Series:
        """Calls of ratings, nullable boolean: True present, False absent, missing where the question is left open."""
        if self.positive is None:
            return pd.Series(pd.NA, index=ratings.index, dtype="boolean")
        called = (ratings >= self.positive).astype("boolean")
        return called if self.undetermined is None else called.mask(ratings == self.undetermined)

    def centred(self) -> tuple["Scale", float]:
        """The same scale with its middle at 0, and the middle: for answers between two alternatives.

        Raises StatisticsError if positive calls do not begin just above the middle.
        """
        middle = (self.lowest + self.highest) / 2
        grades = [grade for grade in self.grades if grade > middle]
        begins = grades[0] if grades else middle
        if self.positive != begins or self.undetermined not in (None, middle):
            raise StatisticsError(
                f"scale {self}: an answer between two alternatives needs a scale whose calls begin above its middle, "
                f"{middle:g}: '{self.lowest:g}..{self.highest:g}, positive from {begins:g}'"
            )
        undetermined = None if self.undetermined is None else 0.0
        return Scale(self.lowest - middle, self.highest - middle, begins - middle, undetermined), middle

    def __str__(self) -> str:
        parts = [f"{self.lowest:g}..{self.highest:g}"]
        parts += ["no cut-off"] if self.positive is None else [f"positive from {self.positive:g}"]
        parts += [] if self.undetermined is None else [f"undetermined {self.undetermined:g}"]
        return ", ".join(parts)


OWN = Scale(min(RATINGS), max(RATINGS), 1, 0)  # the five steps of the reading room


def is_whole(*numbers: float) -> bool:
    """Whether all numbers are whole."""
    return all(float(number).is_integer() for number in numbers)


def scale_in(written) -> Scale | None:
    """Scale of a cell of column ``scale``: blank is the reading room's own, ``UNKNOWN`` is None."""
    if written is None or pd.isna(written):
        return OWN
    return None if written == UNKNOWN else _parsed(written)


def scale_of(rows: pd.DataFrame) -> Scale | None:
    """The scale of all readings of a table; None if it is unknown, or if they are on different scales."""
    if COLUMN not in rows:
        return OWN
    written = rows[COLUMN].drop_duplicates()
    return scale_in(written.iloc[0]) if len(written) == 1 else None


def by_scale(rows: pd.DataFrame) -> list[tuple[Scale | None, pd.Index]]:
    """Scales of a table, each with the index of its rows."""
    if COLUMN not in rows:
        return [(OWN, rows.index)]
    return [(scale_in(name), part.index) for name, part in rows.groupby(COLUMN, sort=False, dropna=False)]


def without_cut_off(rows: pd.DataFrame) -> pd.Series:
    """Which readings can be neither right nor wrong, bool: no cut-off is known, and the table does not say."""
    lacking = pd.Series(False, index=rows.index)
    if COLUMN in rows:
        names = {n for n in rows[COLUMN].dropna().unique() if (s := scale_in(n)) is None or s.positive is None}
        lacking = rows[COLUMN].isin(names) & rows["correct"].isna()
    return lacking.astype(bool)


def levels(rows: pd.DataFrame, columns: tuple[str, ...] = ("rating",)) -> tuple[float, ...]:
    """The ratings that these readings could take, in rising order: the scale's grades, or else the values that occur.

    ``columns``: those that hold ratings.
    """
    scale = scale_of(rows)
    found = np.unique(rows[list(columns)].to_numpy(float, na_value=np.nan))
    found = found[~np.isnan(found)]
    if scale is not None and np.isin(found, scale.grades).all():
        return scale.grades
    return tuple(map(float, found))


def cut_points(rows: pd.DataFrame, most: int = 10) -> np.ndarray:
    """Thresholds between ratings, rising, float64: all levels above the lowest; of many levels, ``most`` quantiles."""
    known = np.array(levels(rows))
    if len(known) > most + 1:
        shares = np.arange(1, most + 1) / (most + 1)
        return np.unique(np.quantile(rows["rating"].to_numpy(float), shares, method="higher"))
    return known[1:] if len(known) > 1 else known


def _symmetric(low: float, high: float) -> tuple[float | None, float | None]:
    grades, middle = high - low + 1, (low + high) / 2
    if grades not in SYMMETRIC:
        return None, None
    return (middle + 1, middle) if middle.is_integer() else (high, None)


@lru_cache
def _parsed(written: str) -> Scale:
    return Scale.parse(written)
