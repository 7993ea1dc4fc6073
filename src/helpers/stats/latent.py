"""The model behind the readings: evidence on a normal scale, with shares of variance of readers and cases.

A reading's evidence z is normal with total variance 1 (probit scale): reader, reader x source, case and the rest. The
answer is the number of thresholds that z passes. A choice between two images has two, at -+ band around no evidence:
wrong, undetermined, right. A rating of a finding has four. Shares are fitted by moments: the covariance of two answers
that share a reader or a case fixes the correlation of their evidence, through the integral of Plackett (1954,
Biometrika 41:351)

    Phi2(h, k; rho) = Phi(h) Phi(k) + integral from 0 to rho of phi2(h, k; t) dt.

Ratings of images with and without the finding also share what a reader adds to all of them alike, a criterion. It
cancels in the area under the ROC curve, so it is taken out: the shares are those of the variance without it.
"""

from dataclasses import asdict, dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from helpers.errors import StatisticsError
from helpers.stats.crossed import Influence, components, mean_influence
from helpers.stats.readings import source_order
from helpers.stats.scales import cut_points
from helpers.tables import CONDITIONALITY

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_LARGEST = 0.95  # correlations beyond this cannot be told from it


@dataclass(frozen=True)
class Latent:
    """Shares of the evidence's variance (0..1, sum below 1), and the thresholds between answers, rising."""

    reader: float
    reader_by_source: float
    case: float
    thresholds: tuple[float, ...]

    def __post_init__(self):
        shares = (self.reader, self.reader_by_source, self.case)
        if min(shares) < 0 or sum(shares) >= 1:
            raise StatisticsError(
                f"shares of variance reader {self.reader}, reader_by_source {self.reader_by_source}, case {self.case}: "
                "each must be 0 or more, and their sum below 1"
            )
        if not self.thresholds or min(np.diff(self.thresholds), default=0.0) < 0:
            raise StatisticsError(f"thresholds {self.thresholds}: give one or more, in rising order")

    @property
    def rest(self) -> float:
        """Share that is neither reader nor case: reader x case and chance."""
        return 1.0 - self.reader - self.reader_by_source - self.case


@dataclass(frozen=True)
class _Group:
    """Readings of one source, and for ratings of one truth: influence on each reader's mean, distances of margins."""

    source: str
    truth: int
    margin: np.ndarray
    influence: Influence


def fit(rows: pd.DataFrame) -> Latent:
    """Fit the shares to the analysed readings of one task (all sources); shares below zero are set to zero.

    With one source, reader x source cannot be told from reader and is zero. Readers without two cases of each source
    (for ratings: of each truth too) are left out: ``able``. Raises StatisticsError with fewer than two readers. With
    few readers the reader shares are themselves very uncertain.
    """
    readers = able(rows)
    if len(readers) < 2:
        raise StatisticsError(
            "the variance between readers needs two readers with two cases of each source (ratings: of each truth), "
            f"and there are {len(readers)}; leave out a source, or give assumed shares (parameter 'assumed')"
        )
    groups = _groups(rows[rows["reader"].isin(readers)], readers, cut_points(rows))
    moments = [components(group.influence) for group in groups]
    case = np.mean([correlation(m["case"], g.margin, g.margin) for m, g in zip(moments, groups, strict=True)])
    alike: dict[tuple[bool, bool], list[float]] = {}
    for i, j in combinations_with_replacement(range(len(groups)), 2):
        one, two = groups[i], groups[j]
        shared = moments[i]["reader"] if i == j else _covariance(one.influence, two.influence)
        kind = (one.source == two.source, one.truth == two.truth)
        alike.setdefault(kind, []).append(correlation(shared, one.margin, two.margin))
    mean = {kind: float(np.mean(found)) for kind, found in alike.items()}
    criterion, criterion_of_source = mean.get((False, False), 0.0), mean.get((True, False), 0.0)
    if (False, True) in mean:
        reader = max(mean[False, True] - criterion, 0.0)
        by_source = max(mean[True, True] - criterion_of_source - reader, 0.0)
    else:
        reader, by_source = max(mean[True, True] - criterion_of_source, 0.0), 0.0
    shares = np.array([reader, by_source, max(float(case), 0.0)]) / (1.0 - np.clip(criterion_of_source, 0.0, 0.5))
    shares *= min(1.0, _LARGEST / max(shares.sum(), 1e-9))
    return Latent(*map(float, shares), thresholds=thresholds(rows))


def able(rows: pd.DataFrame) -> list[str]:
    """Readers with at least two cases of each source, and for ratings of each truth of it; sorted."""
    counts = pd.DataFrame({side: own.groupby("reader")["case"].nunique() for side, own in _sides(rows)})
    return sorted(counts.index[(counts.fillna(0) > 1).all(axis=1)])


def thresholds(rows: pd.DataFrame) -> tuple[float, ...]:
    """Thresholds of the readings, mean over sources: -+ band of a choice (0 where nobody was undecided), or one less
    than the scale has grades (of many different ratings, those at ten quantiles).

    Those of ratings have their zero half-way between the mean evidence of images with and without the finding.
    """
    cuts = cut_points(rows)
    margins = np.array([_margin(side, cuts) for _, side in _sides(rows)])
    if not are_ratings(rows):
        band = float(np.maximum(margins[:, 0] - margins[:, 1], 0.0).mean()) / 2
        return (-band, band)
    return tuple(float(t) for t in -margins.mean(axis=0))


def are_ratings(rows: pd.DataFrame) -> bool:
    """Whether the readings rate a finding, and are no choice between real and synthetic."""
    return rows["task"].iloc[0] == CONDITIONALITY


def describe(latent: Latent, origin: str) -> pd.DataFrame:
    """The shares as a table: name, component (in words), share, origin ("fitted" or "assumed")."""
    words = {"reader": "reader", "reader_by_source": "reader x source", "case": "case"}
    shares = asdict(latent)
    lines = [(name, title, shares[name], origin) for name, title in words.items()]
    lines.append(("rest", "residual (reader x case, chance)", latent.rest, origin))
    return pd.DataFrame(lines, columns=["name", "component", "share", "origin"])


def expected_score(mean, thresholds):
    """Expected share of the thresholds passed by evidence with mean ``mean`` (any shape) and variance 1."""
    return ndtr(np.asarray(mean, dtype=float)[..., None] - np.asarray(thresholds)).mean(axis=-1)


def mean_of(accuracy: float, thresholds: tuple[float, ...]) -> float:
    """Mean of the evidence whose expected score is ``accuracy``, which lies strictly between 0 and 1."""
    if not 0 < accuracy < 1:
        raise StatisticsError(f"accuracy {accuracy}: must lie strictly between 0 and 1")
    low, high = min(thresholds) - 9.0, max(thresholds) + 9.0
    return float(brentq(lambda mean: expected_score(mean, thresholds) - accuracy, low, high))


def covariance(correlation_of_evidence: float, first, second) -> float:
    """Covariance of two scores (shares of thresholds passed) whose evidence has the given correlation.

    ``first`` (h,) and ``second`` (k,) are the distances of the mean above each threshold.
    """
    rho = 0.5 * correlation_of_evidence * (_NODES + 1.0)
    rest = 1.0 - rho**2
    h, k = np.asarray(first, dtype=float)[:, None, None], np.asarray(second, dtype=float)[:, None]
    density = np.exp(-(h * h - 2 * rho * h * k + k * k) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))  # (h, k, nodes)
    return float(0.5 * correlation_of_evidence * (density @ _WEIGHTS).mean())


def correlation(covariance_of_scores: float, first, second) -> float:
    """Correlation of the evidence that gives two scores this covariance; clipped to -0.95..0.95."""
    if covariance_of_scores >= covariance(_LARGEST, first, second):
        return _LARGEST
    if covariance_of_scores <= covariance(-_LARGEST, first, second):
        return -_LARGEST
    return float(brentq(lambda r: covariance(r, first, second) - covariance_of_scores, -_LARGEST, _LARGEST))


def _sides(rows: pd.DataFrame) -> list[tuple[tuple, pd.DataFrame]]:
    """Readings by (source, truth); a choice between two images has one truth, written 1."""
    truth = rows["truth"] if are_ratings(rows) else 1
    order = {source: place for place, source in enumerate(source_order(rows["source"]))}
    grouped = rows.assign(side=truth).groupby(["source", "side"])
    return sorted(grouped, key=lambda group: (order[group[0][0]], group[0][1]))


def _passed(rows: pd.DataFrame, cuts: np.ndarray) -> np.ndarray:
    """Thresholds passed by each reading, bool (n, thresholds): of a rating, those at the ratings ``cuts``; or of right
    and undetermined answers."""
    if are_ratings(rows):
        return rows["rating"].to_numpy(float)[:, None] >= cuts
    correct = rows["correct"]
    return np.stack([~(correct == 0).fillna(False).to_numpy(bool), (correct == 1).fillna(False).to_numpy(bool)], axis=1)


def _groups(rows: pd.DataFrame, readers: list[str], cuts: np.ndarray) -> list[_Group]:
    groups = []
    for (source, truth), side in _sides(rows):
        score = pd.Series(_passed(side, cuts).mean(axis=1), index=side.index)
        if are_ratings(rows):  # findings that are easier for everyone are no difference between cases
            score = score - score.groupby(side["finding"]).transform("mean") + score.mean()
        groups.append(_Group(source, truth, _margin(side, cuts), mean_influence(side, score.to_numpy(), readers)))
    return groups


def _margin(rows: pd.DataFrame, cuts: np.ndarray) -> np.ndarray:
    """Distance of the mean evidence above each threshold, from the shares passed, half an answer added to each side."""
    return ndtri((_passed(rows, cuts).sum(axis=0) + 0.5) / (len(rows) + 1.0))


def _covariance(first: Influence, second: Influence) -> float:
    return float(np.cov(first.value, second.value)[0, 1])
