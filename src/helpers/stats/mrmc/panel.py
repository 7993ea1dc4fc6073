"""The readings of several readers as one array of ratings: treatments x readers x cases, unread cells NaN.

A treatment is what is compared (usually the source of the images). A case may be shown by one treatment only (nested,
the design of this study) or by several (crossed): cases with the same name are the same case.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.readings import source_order, with_labels

COLUMNS = ["reader", "case", "finding", "truth", "rating"]


@dataclass(frozen=True)
class Panel:
    """``ratings`` (treatments T, readers R, units U) float, NaN where unread. A unit is a case rated for one finding:
    ``finding`` (U,) int, ``truth`` (U,) 0 or 1, ``case`` (U,) int, the case's number."""

    treatments: tuple[str, ...]
    readers: tuple[str, ...]
    ratings: np.ndarray
    finding: np.ndarray
    truth: np.ndarray
    case: np.ndarray

    @property
    def read(self) -> np.ndarray:
        """Which cells were read: (T, R, U) bool."""
        return ~np.isnan(self.ratings)

    def findings_of(self, treatment: int) -> np.ndarray:
        """Findings (int, sorted) that a treatment shows: its area is the mean over them."""
        return np.unique(self.finding[self.read[treatment].any(axis=0)])

    def able(self) -> np.ndarray:
        """Readers with at least one present and one absent case of every finding of a treatment: (T, R) bool."""
        able = np.zeros(self.ratings.shape[:2], dtype=bool)
        for t, read in enumerate(self.read):
            cells = [(self.finding == f) & (self.truth == side) for f in self.findings_of(t) for side in (0, 1)]
            able[t] = np.all([read[:, cell].any(axis=1) for cell in cells], axis=0) if cells else False
        return able

    def keep(self, readers: np.ndarray) -> "Panel":
        """The panel with only some readers, (R,) bool, and the units that they read."""
        names = tuple(name for name, kept in zip(self.readers, readers, strict=True) if kept)
        ratings = self.ratings[:, readers]
        units = ~np.isnan(ratings).all(axis=(0, 1))
        case = np.unique(self.case[units], return_inverse=True)[1]
        of_units = {"ratings": ratings[..., units], "finding": self.finding[units], "truth": self.truth[units]}
        return replace(self, readers=names, case=case, **of_units)

    def take(self, treatments: list[int]) -> "Panel":
        """The panel with only some treatments."""
        names = tuple(self.treatments[t] for t in treatments)
        return replace(self, treatments=names, ratings=self.ratings[treatments])


def panel(rows: pd.DataFrame, treatment: str = "source") -> Panel:
    """Readings (reader, case, finding, truth, rating and the column ``treatment``) as a Panel.

    Ratings are numbers or ordered categories: only their order counts. Raises StatisticsError for a missing column, no
    rows, text or blank ratings, a truth that is not 0 or 1, a case read twice, and a case that is present in one row
    and absent in another.
    """
    rows = with_labels(rows)
    _check(rows, treatment)
    names = source_order(rows[treatment]) if treatment == "source" else sorted(rows[treatment].unique())
    treatments = pd.Categorical(rows[treatment], categories=names).codes
    reader, readers = pd.factorize(rows["reader"], sort=True)
    case, cases = pd.factorize(rows["case"], sort=True)
    finding, findings = pd.factorize(rows["finding"], sort=True)
    units, unit = np.unique(case * len(findings) + finding, return_inverse=True)
    truth = np.zeros(len(units), dtype=int)
    truth[unit] = rows["truth"].to_numpy(int)
    clash = np.flatnonzero(truth[unit] != rows["truth"].to_numpy(int))
    if len(clash):
        row = rows.iloc[clash[0]]
        raise StatisticsError(
            f"case {row['case']!r} has the finding {row['finding']!r} present in one row and absent in another; "
            f"correct column 'truth', or give cases of different {treatment}s different names"
        )
    shape = (len(names), len(readers), len(units))
    cell = np.ravel_multi_index((treatments, reader, unit), shape)
    order = np.sort(cell)
    if (order[1:] == order[:-1]).any():
        row = rows.iloc[np.flatnonzero(pd.Series(cell).duplicated())[0]]
        raise StatisticsError(
            f"reader {row['reader']!r} rated case {row['case']!r} (finding {row['finding']!r}, {treatment} "
            f"{row[treatment]!r}) more than once; keep one row for each"
        )
    ratings = np.full(shape, np.nan)
    ratings.flat[cell] = as_numbers(rows["rating"])
    finding_of, case_of = units % len(findings), units // len(findings)
    return Panel(tuple(map(str, names)), tuple(map(str, readers)), ratings, finding_of, truth, case_of)


def as_numbers(ratings: pd.Series) -> np.ndarray:
    """Ratings as numbers; for ordered categories their ranks."""
    return ratings.cat.codes.to_numpy(float) if _is_ordered(ratings) else ratings.to_numpy(float)


def _is_ordered(ratings: pd.Series) -> bool:
    return isinstance(ratings.dtype, pd.CategoricalDtype) and ratings.dtype.ordered


def _check(rows: pd.DataFrame, treatment: str) -> None:
    missing = [name for name in [treatment, *COLUMNS] if name not in rows]
    if missing:
        raise StatisticsError(f"the readings have no column {missing[0]!r}; needed: {', '.join([treatment, *COLUMNS])}")
    if rows.empty:
        raise StatisticsError("there are no readings to analyse; read some cases first")
    for name in [treatment, *COLUMNS]:
        blank = rows[name].isna().to_numpy()
        if blank.any():
            raise StatisticsError(
                f"column {name!r} is blank in row {int(np.flatnonzero(blank)[0]) + 1}; leave out what was not read"
            )
    for name in ("rating", "truth"):
        if not pd.api.types.is_numeric_dtype(rows[name]) and not (name == "rating" and _is_ordered(rows[name])):
            raise StatisticsError(f"column {name!r} holds text ({rows[name].iloc[0]!r}); give numbers")
    odd = ~rows["truth"].isin([0, 1]).to_numpy()
    if odd.any():
        raise StatisticsError(
            f"column 'truth' is {rows['truth'].to_numpy()[odd][0]} in row {int(np.flatnonzero(odd)[0]) + 1}; "
            "give 1 (present) or 0 (absent)"
        )
