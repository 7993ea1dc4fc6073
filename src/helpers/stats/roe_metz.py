"""Simulated studies with known true values, after Roe and Metz (1997, Academic Radiology 4:298).

The evidence of reader r on case c from source s with truth t is normal with total variance 1 (``latent``):

    z = mean_st + reader_rt + reader x source_rst + case_c + case x source_cs + rest

Effects of a reader are drawn anew for each truth, those of cases for each source (nested) unless all sources show the
same cases (crossed). The grade is the number of thresholds that z passes. A choice between two images has one truth
and its accuracy is the mean grade; ratings of a finding have two truths, absent and present, and an area under the ROC
curve between them. The distribution of the readings is known, so every true value below is exact.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from helpers.errors import StatisticsError
from helpers.placements import graded_placements
from helpers.stats.crossed import Influence, complete_influence
from helpers.stats.latent import Latent, expected_score, mean_of

ACCURACY, AREA = "accuracy", "auc"
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Evidence:
    """Evidence of simulated studies without the readers' own effects, and those effects, as float32.

    ``cases`` (sets, sources, truths, readers, cases); ``readers`` (sets, sources, truths, readers, 1).
    """

    cases: np.ndarray
    readers: np.ndarray


def means(measure: str, latent: Latent, values: list[float]) -> np.ndarray:
    """Mean evidence (sources, truths) whose expected accuracy or area is ``values``, one for each source."""
    if measure == ACCURACY:
        return np.array([[mean_of(value, latent.thresholds)] for value in values])
    return np.array([[-0.5, 0.5]]) * np.array([[separation_of(value, latent.thresholds)] for value in values])


def draw(
    latent: Latent,
    means: np.ndarray,
    readers: int,
    cases: int,
    sets: int,
    generator: np.random.Generator,
    crossed: bool = False,
) -> Evidence:
    """Draw the evidence of ``sets`` studies; ``means`` (sources, truths); ``cases`` count those of one source.

    With two truths, each has half of the cases (rounded down).
    """

    def normal(share: float, *shape: int) -> np.ndarray:
        return np.float32(np.sqrt(share)) * generator.standard_normal(shape, dtype=np.float32)

    sources, truths = np.shape(means)
    of_truth = cases // truths
    evidence = normal(latent.rest, sets, sources, truths, readers, of_truth)
    evidence += normal(latent.case, sets, 1 if crossed else sources, truths, 1, of_truth)
    if latent.case_by_source:
        evidence += normal(latent.case_by_source, sets, sources, truths, 1, of_truth)
    evidence += np.asarray(means, dtype=np.float32)[:, :, None, None]
    reader = normal(latent.reader, sets, 1, truths, readers, 1)
    return Evidence(evidence, reader + normal(latent.reader_by_source, sets, sources, truths, readers, 1))


def grades(evidence: np.ndarray, thresholds: tuple[float, ...]) -> np.ndarray:
    """Number of thresholds passed, int8, the shape of ``evidence``."""
    passed = np.zeros(evidence.shape, dtype=np.int8)
    for threshold in thresholds:
        passed += evidence > np.float32(threshold)
    return passed


def influence(grades: np.ndarray, largest: int) -> Influence:
    """Accuracy or area of each reader of complete studies (..., truths, readers, cases), with each case's influence.

    ``largest`` is the highest grade. One truth: the mean grade, as a share of the highest. Two: the area under the ROC
    curve between the first (absent) and the second, with DeLong's structural components: the same numbers as
    ``mrmc.area``, for many studies at once.
    """
    if grades.shape[-3] == 1:
        return complete_influence(grades[..., 0, :, :] / largest)
    absent, present = grades[..., 0, :, :], grades[..., 1, :, :]
    over_absent = graded_placements(absent, present, largest)  # V10 of the present cases
    under_present = 1.0 - graded_placements(present, absent, largest)  # V01 of the absent cases
    value, count = over_absent.mean(axis=-1), grades.shape[-1]
    both = np.concatenate([under_present, over_absent], axis=-1)
    scale = np.sqrt(count / (count - 1)) / count if count > 1 else np.nan
    return Influence(value, (both - value[..., None]) * scale, np.repeat([0, 1], count))


def influence_of_read(grades: np.ndarray, read: np.ndarray, largest: int) -> Influence:
    """``influence`` of studies in which only some cases were read: ``read`` (bool) has the shape of ``grades``."""
    if grades.shape[-3] == 1:
        return _read_mean(grades[..., 0, :, :] / largest, read[..., 0, :, :], np.zeros(grades.shape[-1], dtype=int))
    counts = np.stack([((grades == g) & read).sum(axis=-1) for g in range(largest + 1)], axis=-1)
    below = (np.cumsum(counts, axis=-1) - counts / 2.0) / counts.sum(axis=-1, keepdims=True)
    placed = np.take_along_axis(below[..., ::-1, :, :], grades.astype(np.int64), axis=-1)  # in the other truth
    sides = [
        _read_mean(side, read[..., truth, :, :], np.full(grades.shape[-1], truth))
        for truth, side in ((0, 1.0 - placed[..., 0, :, :]), (1, placed[..., 1, :, :]))
    ]
    cases = np.concatenate([side.cases for side in sides], axis=-1)
    return Influence(sides[1].value, cases, np.concatenate([side.stratum for side in sides]))


def _read_mean(scores: np.ndarray, read: np.ndarray, stratum: np.ndarray) -> Influence:
    """Influence on each reader's mean of the scores (..., R, C) that were read."""
    count = read.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(read, scores, 0.0).sum(axis=-1, keepdims=True) / count
        scale = 1.0 / np.sqrt(count * (count - 1.0))
    return Influence(value[..., 0], np.where(read, (scores - value) * scale, 0.0), stratum)


def true_values(latent: Latent, means: np.ndarray, readers: np.ndarray) -> np.ndarray:
    """Mean accuracy or area of the readers drawn: (sets, sources), from effects (sets, sources, truths, readers, 1)."""
    left = np.sqrt(latent.rest + latent.case + latent.case_by_source)
    shifted = (np.asarray(means)[:, :, None] + readers[..., 0].astype(float)) / left  # (sets, sources, truths, readers)
    thresholds = np.array(latent.thresholds) / left
    if shifted.shape[2] == 1:
        return expected_score(shifted[:, :, 0], thresholds).mean(axis=-1)
    return _graded_area(shifted[:, :, 0], shifted[:, :, 1], thresholds).mean(axis=-1)


def expected_area(separation: float, thresholds: tuple[float, ...]) -> float:
    """Area under the curve of graded evidence of total variance 1 and means -+ separation / 2, over all readers.

    Equal grades count as one half. Without grading it would be Phi(separation / sqrt(2)).
    """
    half = np.asarray(separation, dtype=float) / 2
    return float(_graded_area(-half, half, np.array(thresholds)))


def separation_of(area: float, thresholds: tuple[float, ...]) -> float:
    """Distance of the means whose expected area is ``area``, strictly between 0 and 1."""
    if not 0 < area < 1:
        raise StatisticsError(f"area under the curve {area}: must lie strictly between 0 and 1")
    furthest = 2 * (max(map(abs, thresholds)) + 9.0)
    return float(brentq(lambda distance: expected_area(distance, thresholds) - area, -furthest, furthest))


def _graded_area(absent, present, thresholds: np.ndarray) -> np.ndarray:
    """Area between the grades of two normals with variance 1 and the given means (arrays of one shape)."""
    absent, present = (ndtr(np.asarray(mean)[..., None] - thresholds) for mean in (absent, present))
    ones, zeros = np.ones_like(absent[..., :1]), np.zeros_like(absent[..., :1])
    reached = np.concatenate([ones, present, zeros], axis=-1)
    below = 1.0 - np.concatenate([ones, absent, zeros], axis=-1)
    return ((reached[..., :-1] - reached[..., 1:]) * 0.5 * (below[..., :-1] + below[..., 1:])).sum(axis=-1)


def true_icc(latent: Latent) -> float:
    """ICC(A,1) of the grades of evidence with mean 0, for readers in general: variance of cases over total variance."""
    case = latent.case + latent.case_by_source
    given_case = _passed(_NODES * np.sqrt(case), 1.0 - case, latent.thresholds).sum(axis=-1)
    return float(_variance_over_cases(given_case) / _grade_variance(0.0, 1.0, latent.thresholds))


def true_icc_of(latent: Latent, readers: np.ndarray) -> np.ndarray:
    """ICC(A,1) of the readers drawn, over all cases: (sets,), from their effects (sets, readers).

    The limit of the estimate as cases increase: covariance of two readers over cases, divided by the mean variance over
    cases plus the variance between the readers' means.
    """
    shift, count = readers.astype(float), readers.shape[-1]
    case = latent.case + latent.case_by_source
    by_case = shift[..., None] + _NODES * np.sqrt(case)  # (sets, readers, nodes)
    given_case = _passed(by_case, latent.rest, latent.thresholds).sum(axis=-1)
    of_mean, of_each = _variance_over_cases(given_case.mean(axis=-2)), _variance_over_cases(given_case).mean(axis=-1)
    shared = (count * of_mean - of_each) / (count - 1)
    own = _grade_variance(shift, latent.rest + case, latent.thresholds).mean(axis=-1)
    return shared / (own + (given_case @ _WEIGHTS).var(axis=-1, ddof=1))


def _passed(mean, variance: float, thresholds: tuple[float, ...]) -> np.ndarray:
    """Probability of passing each threshold: (..., thresholds)."""
    return ndtr((np.asarray(mean, dtype=float)[..., None] - np.asarray(thresholds)) / np.sqrt(variance))


def _grade_variance(mean, variance: float, thresholds: tuple[float, ...]) -> np.ndarray:
    passed = _passed(mean, variance, thresholds)
    squares = passed @ (2.0 * np.arange(len(thresholds)) + 1.0)  # k^2 is the sum of the first k odd numbers
    return squares - passed.sum(axis=-1) ** 2


def _variance_over_cases(given_case: np.ndarray) -> np.ndarray:
    """Variance over the case effect of a function of it at the quadrature's nodes (..., nodes)."""
    return given_case**2 @ _WEIGHTS - (given_case @ _WEIGHTS) ** 2
