"""Figures of merit of one reader's marks on images, with their values when each case is left out.

Weighted AFROC, AFROC, AFROC1 and the area of the highest ratings compare false positives with lesions pair by pair
(Chakraborty and Berbaum 2004, Medical Physics 31:2313; Chakraborty and Zhai 2016, Medical Physics 43:2548):

    sum over cases k and lesions l of w_l psi(x_k, y_l) / (cases x sum of w_l)
    psi = 1 where x < y, 1/2 where x = y, else 0

x_k is the highest rating of a false mark on case k, y_l the rating of lesion l, and both are minus infinity if nothing
was marked: an unmarked lesion loses to every mark and ties with an unmarked case. The LROC curve (Swensson 1996,
Medical Physics 23:1709) has one place and rating per case: the share of abnormal cases located correctly (PCL) against
the false positive fraction.
"""

from dataclasses import dataclass

import numpy as np

from helpers.errors import StatisticsError

WEIGHTED_AFROC, AFROC, AFROC1, HIGHEST = "weighted AFROC", "AFROC", "AFROC1", "highest rating ROC"
LROC_AREA, LROC_PCL = "LROC area", "LROC PCL"
FIGURES = (WEIGHTED_AFROC, AFROC, AFROC1, HIGHEST, LROC_AREA, LROC_PCL)


@dataclass(frozen=True)
class Marked:
    """What one reader marked on one treatment; ratings are -inf where nothing was marked.

    ``false`` (K,) the highest rating of a false mark on each case, ``truth`` (K,) whether the case is abnormal,
    ``lesion`` (L,) the rating of each lesion, ``weight`` (L,) its weight (adding up to 1 on a case) and ``case`` (L,)
    the number of its case.
    """

    false: np.ndarray
    truth: np.ndarray
    lesion: np.ndarray
    weight: np.ndarray
    case: np.ndarray


def figure_of_merit(marked: Marked, figure: str, at: float = 0.2) -> tuple[float, np.ndarray]:
    """The figure of merit, and its values with each case left out (K,); ``at`` is the false positive fraction of PCL.

    NaN if no normal or no abnormal case is left. Raises StatisticsError for an unknown figure, for ``at`` outside 0..1,
    and for an LROC figure if a case has no rating.
    """
    if figure not in FIGURES:
        raise StatisticsError(f"figure = {figure!r}: choose one of {', '.join(FIGURES)}")
    if figure == LROC_PCL:
        return _pcl(marked, at)
    return _without_each(*_pairs(marked, figure))


def _pairs(marked: Marked, figure: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of w psi by case of the false mark and case of the lesion (K, K); whether a case counts for false marks
    (K,); summed weights of each case's lesions (K,)."""
    cases, normal = len(marked.truth), marked.truth == 0
    if figure == HIGHEST:
        y = np.full(cases, -np.inf)
        np.maximum.at(y, marked.case, marked.lesion)
        y, of, weight = np.maximum(y, marked.false)[~normal], np.flatnonzero(~normal), np.ones((~normal).sum())
    elif figure == LROC_AREA:
        y, of = _located(marked)
        weight = np.ones(len(of))
    else:
        y, of = marked.lesion, marked.case
        weight = marked.weight if figure == WEIGHTED_AFROC else np.ones(len(y))
    counts = np.ones(cases, dtype=bool) if figure == AFROC1 else normal
    x = np.where(counts, marked.false, -np.inf)[:, None]
    sums = np.zeros((cases, cases))
    np.add.at(sums.T, of, (weight * ((x < y) + 0.5 * (x == y)) * counts[:, None]).T)
    return sums, counts.astype(float), np.bincount(of, weight, cases)


def _without_each(sums: np.ndarray, counts: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """A ratio of sums over pairs of cases, and the same with each case left out in turn."""
    total, size = sums.sum(), counts.sum() * weights.sum()
    left = total - sums.sum(axis=0) - sums.sum(axis=1) + np.diag(sums)
    left_size = (counts.sum() - counts) * (weights.sum() - weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.divide(total, size)), left / left_size


def _located(marked: Marked) -> tuple[np.ndarray, np.ndarray]:
    """Rating of each abnormal case if its lesion was located, else -inf, and the number of the case."""
    of = np.flatnonzero(marked.truth == 1)
    y = np.full(len(marked.truth), -np.inf)
    np.maximum.at(y, marked.case, marked.lesion)
    silent = np.isinf(np.maximum(y, marked.false))
    if silent.any():
        raise StatisticsError(
            f"cases that have no rating: {silent.sum()}; LROC asks for one place and rating on every case; "
            f"take {AFROC1!r} or {WEIGHTED_AFROC!r} for free marks"
        )
    return y[of], of


def _pcl(marked: Marked, at: float) -> tuple[float, np.ndarray]:
    if not 0 < at <= 1:
        raise StatisticsError(f"at = {at!r}: give the false positive fraction of PCL, above 0 and up to 1")
    y, of = _located(marked)
    normal = np.flatnonzero(marked.truth == 0)
    x = marked.false[normal]
    left = np.full(len(marked.truth), np.nan)
    left[normal] = [_pcl_at(np.delete(x, i), y, at) for i in range(len(normal))]
    left[of] = [_pcl_at(x, np.delete(y, i), at) for i in range(len(of))]
    return _pcl_at(x, y, at), left


def _pcl_at(x: np.ndarray, y: np.ndarray, at: float) -> float:
    """Share located at a false positive fraction, by linear interpolation on the empirical curve.

    Where the curve rises without new false positives, interpolation from the left reaches its lower end.
    """
    if not len(x) or not len(y):
        return float("nan")
    cuts = np.unique(np.concatenate([x, y[np.isfinite(y)]]))[::-1]
    false, located = ((np.sort(side).searchsorted(cuts) * -1.0 + len(side)) / len(side) for side in (x, y))
    false, located = np.append(0.0, false), np.append(0.0, located)
    before, after = false < at, false >= at
    low, high = false[before].max(), false[after].min()
    share = (at - low) / (high - low)
    return float((1 - share) * located[before].max() + share * located[after].min())
