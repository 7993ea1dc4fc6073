"""Area under a part of the ROC curve, and how each case moves it.

The empirical curve joins the operating points by straight lines (ties are slopes), as for the whole area. The part is
where the specificity, or the sensitivity, lies between two bounds. Plain areas and McClish's standardised ones are
those of R's pROC (Robin et al. 2011, BMC Bioinformatics 12:77).
"""

from dataclasses import dataclass

import numpy as np

from helpers.errors import StatisticsError
from helpers.stats.mrmc.panel import Panel

ROUNDING = 1e-12  # below this an area has not moved
FOCUSES = ("specificity", "sensitivity")


def operating_curve(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates from (0, 0) to (1, 1), one point for each distinct rating and the corner."""
    levels = np.unique(np.concatenate([positive, negative]))[::-1]
    false, true = (1.0 - np.searchsorted(np.sort(side), levels, "left") / len(side) for side in (negative, positive))
    return np.append(0.0, false), np.append(0.0, true)


@dataclass(frozen=True)
class Span:
    """The part of the curve: ``start`` .. ``stop`` on the axis of the false positive rate, or of the sensitivity."""

    start: float
    stop: float
    focus: str

    @classmethod
    def of(cls, low: float, high: float, focus: str) -> "Span":
        """Bounds of the specificity or sensitivity; raises StatisticsError when they or the focus make no sense."""
        if focus not in FOCUSES:
            raise StatisticsError(f"focus = {focus!r}: choose one of {', '.join(FOCUSES)}")
        if not 0 <= low < high <= 1:
            raise StatisticsError(f"partial area from {low} to {high} of the {focus}: give 0 <= low < high <= 1")
        return cls(1.0 - high, 1.0 - low, focus) if focus == "specificity" else cls(low, high, focus)

    @property
    def width(self) -> float:
        """The largest possible area."""
        return self.stop - self.start

    @property
    def diagonal(self) -> float:
        """The area of a reader who guesses."""
        rising = (self.stop**2 - self.start**2) / 2
        return rising if self.focus == "specificity" else self.width - rising

    def slope(self, standardised: bool) -> float:
        """What one unit of area becomes: McClish's scale, or itself."""
        return 0.5 / (self.width - self.diagonal) if standardised else 1.0

    def rescaled(self, area, standardised: bool):
        """McClish's standardised area, (1 + (area - diagonal) / (width - diagonal)) / 2; or the area itself."""
        return 0.5 + (area - self.diagonal) * self.slope(True) if standardised else area

    def area(self, positive: np.ndarray, negative: np.ndarray) -> float:
        """Area under the part of one reader's curve, 0 .. width; ratings (m,) and (n,)."""
        false, true = operating_curve(positive, negative)
        along, height = (false, true) if self.focus == "specificity" else (true, 1.0 - false)
        return _trapezoids(along, height, self.start, self.stop)

    def influence(self, panel: Panel) -> tuple[np.ndarray, np.ndarray]:
        """Share of the width (T, R), mean over findings, and each case's jackknife influence on it (T, R, cases).

        Cases of one rating and truth leave the same area behind, which is computed once. NaN where a reader has a
        single present or absent case. Every reader must be able.
        """
        treatments, readers, _ = panel.ratings.shape
        value = np.zeros((treatments, readers))
        cases = np.zeros((treatments, readers, panel.case.max() + 1))
        for t in range(treatments):
            findings = panel.findings_of(t)
            for f in findings:
                for r in range(readers):
                    units = np.flatnonzero((panel.finding == f) & panel.read[t, r])
                    ratings, truth = panel.ratings[t, r, units], panel.truth[units]
                    scale = 1.0 / (len(findings) * self.width)
                    value[t, r] += scale * self.area(ratings[truth == 1], ratings[truth == 0])
                    moved = scale * np.sqrt((len(units) - 1) / len(units)) * self._left_out(ratings, truth)
                    np.add.at(cases[t, r], panel.case[units], moved)
        return value, cases

    def _left_out(self, ratings: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """Mean over cases of the area without a case, minus the area without this case: (n,)."""
        kinds, kind = np.unique(np.column_stack([truth, ratings]), axis=0, return_inverse=True)
        if min(truth.sum(), len(truth) - truth.sum()) < 2:
            return np.full(len(truth), np.nan)
        without = np.empty(len(kinds))
        for k in range(len(kinds)):
            rest = np.arange(len(truth)) != np.flatnonzero(kind.ravel() == k)[0]
            without[k] = self.area(ratings[rest & (truth == 1)], ratings[rest & (truth == 0)])
        areas = without[kind.ravel()]
        moved = areas.mean() - areas
        return np.where(np.abs(moved) > ROUNDING, moved, 0.0)


def _trapezoids(along: np.ndarray, height: np.ndarray, start: float, stop: float) -> float:
    """Area under a piecewise linear curve (rising ``along``, vertical steps allowed) between two bounds."""
    left, right = along[:-1], along[1:]
    low, high = np.clip(left, start, stop), np.clip(right, start, stop)
    length = right - left
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(length > 0, (height[1:] - height[:-1]) / length, 0.0)
    middle = height[:-1] + slope * ((low + high) / 2 - left)
    return min(float(((high - low) * middle).sum()), stop - start)
