"""Covariances of the areas of all readers on all treatments, from the cases they share.

Three estimators: "delong" and "jackknife" (``structural.influence``), and "unbiased", that of U-statistics. With s_ij
the outcome of present case i against absent case j (1, 1/2 or 0), the square of the expected area is estimated without
bias by the pairs of pairs that share neither case, so that

    cov(A, A') = A A' - mean of s_ij s'_kl over i != k, j != l

(Gallas 2006, Academic Radiology 13:353). Unread cells drop out: each sum runs over the cases that were read. Treatments
without common cases have covariance zero.
"""

from dataclasses import dataclass

import numpy as np

from helpers.errors import StatisticsError
from helpers.stats.mrmc.panel import Panel
from helpers.stats.mrmc.structural import area, areas, influence

ESTIMATORS = ("delong", "jackknife", "unbiased")
_ROUNDING = 1e-14
_OUTCOMES_AT_ONCE = 200_000  # float32 sums of quarters stay exact up to four million


def covariances(panel: Panel, method: str = "delong") -> tuple[np.ndarray, np.ndarray]:
    """Areas (T, R) and their covariances (T, R, T, R) for these readers; NaN if a reader has a single case.

    Raises StatisticsError for a ``method`` not in ``ESTIMATORS``.
    """
    if method not in ESTIMATORS:
        raise StatisticsError(f"covariance = {method!r}: choose one of {', '.join(ESTIMATORS)}")
    if method == "unbiased":
        return _unbiased(panel)
    value, cases = influence(panel, method)
    flat = cases.reshape(value.size, -1)
    return value, (flat @ flat.T).reshape(*value.shape, *value.shape)


@dataclass(frozen=True)
class Overlap:
    """Products of outcomes of two treatments for one finding, over pairs of pairs; every array is (R, R).

    ``all_pairs`` A_r A'_s; the parts of it that share the present case, the absent case, or both (``same_present``
    includes both); and the share of all pairs that do (``share_...``), which for both is share_present x share_absent.
    """

    all_pairs: np.ndarray
    same_present: np.ndarray
    same_absent: np.ndarray
    same_both: np.ndarray
    share_present: np.ndarray
    share_absent: np.ndarray

    @property
    def apart(self) -> np.ndarray:
        """Sum of products over pairs of pairs that share no case."""
        return self.all_pairs - self.same_present - self.same_absent + self.same_both

    @property
    def share_apart(self) -> np.ndarray:
        """Share of pairs of pairs that share no case."""
        return (1.0 - self.share_present) * (1.0 - self.share_absent)


def overlap(panel: Panel, first: tuple[int, int], second: tuple[int, int]) -> Overlap:
    """Products of outcomes of two (treatment, finding) pairs, which share no case if the findings differ."""
    one, two = (_Outcomes.of(panel, *which) for which in (first, second))
    return Overlap(
        one.area[:, None] * two.area,
        one.by_present @ two.by_present.T,
        one.by_absent @ two.by_absent.T,
        _same_both(one, two),
        one.weight_present @ two.weight_present.T,
        one.weight_absent @ two.weight_absent.T,
    )


@dataclass(frozen=True)
class _Outcomes:
    """One treatment and finding: ``ratings`` (R, U), weights 1 / cases read of each truth (R, U), 0 where not of this
    truth or unread, weighted sums of outcomes by case (R, U) and over all (R,), the area."""

    ratings: np.ndarray
    weight_present: np.ndarray
    weight_absent: np.ndarray
    by_present: np.ndarray
    by_absent: np.ndarray
    area: np.ndarray

    @classmethod
    def of(cls, panel: Panel, treatment: int, finding: int) -> "_Outcomes":
        ratings, read = panel.ratings[treatment], panel.read[treatment]
        sides = [read & (panel.finding == finding) & (panel.truth == truth) for truth in (1, 0)]
        weights = [side / np.maximum(side.sum(axis=1, keepdims=True), 1) for side in sides]
        sums = np.zeros((2, *ratings.shape))
        for r, (present, absent) in enumerate(zip(*sides, strict=True)):
            if present.any() and absent.any():
                _, sums[0, r, present], sums[1, r, absent] = area(ratings[r, present], ratings[r, absent])
        by_present, by_absent = sums * np.array(weights)
        return cls(ratings, *weights, by_present, by_absent, by_present.sum(axis=1))


def _same_both(one: _Outcomes, two: _Outcomes) -> np.ndarray:
    """Weighted sum over i, j of s_ij s'_ij for every pair of readers (R, R), a few present cases at a time."""
    present = np.flatnonzero(one.weight_present.any(axis=0) & two.weight_present.any(axis=0))
    absent = np.flatnonzero(one.weight_absent.any(axis=0) & two.weight_absent.any(axis=0))
    total = np.zeros((len(one.area), len(two.area)))
    step = max(1, _OUTCOMES_AT_ONCE // max(1, len(absent)))
    for start in range(0, len(present), step):
        some = present[start : start + step]
        flat = [_outcomes(side.ratings[:, some], side.ratings[:, absent]) for side in (one, two)]
        total += flat[0] @ flat[1].T
    weight = [side.weight_present.max(axis=1) * side.weight_absent.max(axis=1) for side in (one, two)]
    return total * weight[0][:, None] * weight[1]


def _outcomes(present: np.ndarray, absent: np.ndarray) -> np.ndarray:
    """s_ij of every reader, 0 where either case is unread: (R, m n) float32."""
    wins = present[:, :, None] > absent[:, None, :]
    return (wins + 0.5 * (present[:, :, None] == absent[:, None, :])).astype(np.float32).reshape(len(present), -1)


def _unbiased(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    one_finding_each(panel)
    value = areas(panel)[0]
    result = np.zeros((*value.shape, *value.shape))
    findings = [panel.findings_of(t) for t in range(len(value))]
    for first in range(len(value)):
        for second in range(first, len(value)):
            for finding in np.intersect1d(findings[first], findings[second]):
                pairs = overlap(panel, (first, finding), (second, finding))
                with np.errstate(invalid="ignore", divide="ignore"):
                    covariance = rounded(pairs.all_pairs - pairs.apart / pairs.share_apart)
                result[first, :, second] += covariance / (len(findings[first]) * len(findings[second]))
            result[second, :, first] = result[first, :, second].T
    return value, result


def rounded(covariance):
    """The covariance, zero if it is only rounding error, as when all ratings are alike; NaN stays NaN."""
    return np.where(np.abs(covariance) < _ROUNDING, 0.0, covariance)


def one_finding_each(panel: Panel) -> None:
    """Raise StatisticsError if a case is rated for several findings: U-statistics then need more sums."""
    if len(np.unique(panel.case)) < len(panel.case):
        raise StatisticsError(
            "a case is asked for more than one finding; choose covariance 'delong' or 'jackknife', or one finding"
        )
