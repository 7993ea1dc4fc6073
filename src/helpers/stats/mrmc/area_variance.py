"""Precision of areas under the ROC curve: the influence of each case, and two variances.

The influence of each case on a reader's area comes from DeLong's structural components (``structural``). Averaged over
readers they give Obuchowski and Rockette's variance (1995, Communications in Statistics 24:285) with Hillis' bound and
degrees of freedom (Hillis 2007, Statistics in Medicine 26:596, equation 28).
"""

from dataclasses import dataclass, replace

import numpy as np

from helpers.stats.crossed import Influence, Spread, spread
from helpers.stats.mrmc.panel import Panel
from helpers.stats.mrmc.structural import influence
from helpers.stats.wilson import answers_of


@dataclass(frozen=True)
class Area:
    """One source: the area of each reader who has one, with the influence of each case, its two variances, the number
    of cases of its smaller group, present or absent, and the mean number of readers per case."""

    moved: Influence
    spread: Spread
    smaller: int
    readers_of_a_case: float

    @property
    def answers(self) -> float:
        """Independent answers that the area is worth if every reader's is 0 or 1: near them one reader's area A has
        variance A (1 - A) / (2 n), n being the smaller group's size (Hanley and McNeil 1982, Radiology 143:29)."""
        return answers_of(2.0 * self.smaller, self.readers_of_a_case)

    def side(self, conclusion: str) -> tuple[float, float, float, float, float]:
        """Inputs to the interval of the area: value, variance, degrees of freedom, answers, between-reader share."""
        numbers = (self.spread.value, *self.spread.of(conclusion), self.answers, self.spread.between(conclusion))
        return tuple(map(float, numbers))

    @property
    def still(self) -> bool:
        """Whether no case affects any area: all ratings are alike, or fully separated."""
        return not self.moved.cases.any()


def areas_of(used: Panel, treatments: list[int]) -> list[Area]:
    """Areas of some treatments, each by the readers who have one on it; the columns of cases are the same."""
    able, (values, cases), stratum = used.able(), influence(used), _strata(used)
    areas = []
    for t in treatments:
        moved = Influence(values[t, able[t]], cases[t, able[t]], stratum)
        read = used.read[t, able[t]].sum(axis=0)
        smaller = min(cases_of(used, t, truth) for truth in (1, 0))
        areas.append(Area(moved, hillis(moved), smaller, float(read[read > 0].mean())))
    return areas


def cases_of(used: Panel, treatment: int, truth: int) -> int:
    """Number of cases that a treatment shows with (1) or without (0) the finding."""
    return len(np.unique(used.case[used.read[treatment].any(axis=0) & (used.truth == truth)]))


def _strata(used: Panel) -> np.ndarray:
    """Groups within which cases were sampled: finding, truth and the treatments that show them; (cases,) int.

    A single group if a case is rated for several findings. A group of one case says nothing about variance: it is
    merged with the largest group of the same finding and truth.
    """
    cases = used.case.max() + 1
    if len(np.unique(used.case)) < len(used.case):
        return np.zeros(cases, dtype=int)
    shown = used.read.any(axis=1)  # (T, U)
    group = np.unique(np.column_stack([used.finding, used.truth, *shown]), axis=0, return_inverse=True)[1].ravel()
    size = np.bincount(group)
    for unit in np.flatnonzero(size[group] == 1):
        alike = group[(used.finding == used.finding[unit]) & (used.truth == used.truth[unit])]
        group[unit] = alike[np.argmax(size[alike])]
    stratum = np.zeros(cases, dtype=int)
    stratum[used.case] = group
    return stratum


def hillis(moved: Influence) -> Spread:
    """Both variances (arrays, as ``spread``), with Hillis' degrees of freedom for readers like these.

    Hillis' degrees of freedom leave out the case terms. With few cases and readers who hardly differ they grow without
    bound, so they are capped at those of the cases.
    """
    result = spread(moved)
    readers = moved.value.shape[-1]
    if readers < 2:
        return result
    between = moved.value.var(axis=-1, ddof=1) / readers
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = np.fmin((readers - 1) * (result.like_variance / between) ** 2, result.these_degrees)
    wider = result.like_variance > result.these_variance
    return replace(result, like_degrees=np.where(wider, degrees, result.like_degrees))
