"""The shares of the latent model, fitted to readings by the method of moments.

The covariance of two answers that share a reader or a case fixes the correlation of their evidence, through the
integral of Plackett (1954, Biometrika 41:351)

    Phi2(h, k; rho) = Phi(h) Phi(k) + integral from 0 to rho of phi2(h, k; t) dt.

Ratings of images with and without the finding also share a criterion, which a reader adds to all of them alike, and
readers differ in how much of the scale they use. Neither changes the area under the ROC curve, so the readers' shares
are estimated from the readers' areas. In the model the area of a reader is the probability that the evidence of an
image with the finding exceeds that of one without; their difference is normal, and its correlation between two sources
is the share of readers: the same integral holds with the quantiles of the two areas. The share of cases is relative to
the variance without the criterion.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtri

from helpers.errors import StatisticsError
from helpers.stats.crossed import Influence, aligned, mean_influence
from helpers.stats.groups import AREA, groups_of
from helpers.stats.latent import Latent
from helpers.stats.readings import source_order
from helpers.stats.scales import cut_points
from helpers.tables import CONDITIONALITY

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_LARGEST = 0.95  # larger correlations cannot be distinguished from it


@dataclass(frozen=True)
class _Group:
    """Readings of one source (for ratings also of one truth): margins, and influence on each reader's mean in columns
    common to all groups."""

    source: str
    truth: int
    margin: np.ndarray
    influence: Influence

    @property
    def shown(self) -> np.ndarray:
        """Which cases (C,) the group has."""
        return self.influence.cases.any(axis=0)


def fit(rows: pd.DataFrame) -> Latent:
    """Fit the shares to the analysed readings of one task (all sources); shares below zero are set to zero.

    With one source, reader x source cannot be separated from reader and is zero; so is case x source if the sources
    show different cases. Readers without two cases of each source (for ratings: of each truth of every finding) are
    left out (``able``). Raises StatisticsError with fewer than two readers. With few readers the reader shares are
    themselves very uncertain.
    """
    readers = able(rows)
    if len(readers) < 2:
        raise StatisticsError(
            "the variance between readers needs two readers with two cases of each source (ratings: of each truth "
            f"of every finding), and there are {len(readers)}; leave out a source, or give assumed shares (parameter "
            "'assumed')"
        )
    used = rows[rows["reader"].isin(readers)]
    groups = _groups(used, readers, cut_points(rows))
    skills = _areas(used) if are_ratings(rows) else groups
    reader, by_source = _split([_of_readers(one, two) for one, two in _pairs(skills)])
    same = [(one, two) for one, two in _pairs(groups) if one.truth == two.truth and _are_crossed(one, two)]
    case, case_by_source = _split([_of_cases(one, two) for one, two in same])
    left = 1.0 - np.clip(_criterion(groups), 0.0, 0.5)
    shares = np.array([reader, by_source, case / left, case_by_source / left])
    shares *= min(1.0, _LARGEST / max(shares.sum(), 1e-9))
    reader, by_source, case, case_by_source = map(float, shares)
    return Latent(reader, by_source, case, thresholds(rows), case_by_source)


def able(rows: pd.DataFrame) -> list[str]:
    """Readers, sorted, with two cases of each source (for ratings: of each truth of every finding, and with areas)."""
    parts = ["reader", "finding"] if are_ratings(rows) else ["reader"]  # an area is the mean over findings
    counts = {side: own.groupby(parts)["case"].nunique().groupby("reader").min() for side, own in _sides(rows)}
    enough = set(pd.DataFrame(counts).fillna(0).gt(1).all(axis=1).loc[lambda found: found].index)
    if enough and are_ratings(rows):
        found = groups_of(rows, rows["source"], AREA)
        enough &= set(np.array(found.readers)[np.isfinite(found.value).all(axis=0)])
    return sorted(enough)


def thresholds(rows: pd.DataFrame) -> tuple[float, ...]:
    """Thresholds of the readings, mean over sources: -+ band for a choice (0 if nobody was undecided), or one fewer
    than the grades of the scale (with many different ratings, those at ten quantiles).

    For ratings, zero is half-way between the mean evidence of images with and without the finding.
    """
    cuts = cut_points(rows)
    margins = np.array([_margin(side, cuts) for _, side in _sides(rows)])
    if not are_ratings(rows):
        band = float(np.maximum(margins[:, 0] - margins[:, 1], 0.0).mean()) / 2
        return (-band, band)
    return tuple(float(t) for t in -margins.mean(axis=0))


def are_ratings(rows: pd.DataFrame) -> bool:
    """Whether the readings rate a finding, rather than choose between real and synthetic."""
    return rows["task"].iloc[0] == CONDITIONALITY


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
    """Readings by (source, truth); a choice between two images has one truth, coded 1."""
    truth = rows["truth"] if are_ratings(rows) else 1
    order = {source: place for place, source in enumerate(source_order(rows["source"]))}
    grouped = rows.assign(side=truth).groupby(["source", "side"])
    return sorted(grouped, key=lambda group: (order[group[0][0]], group[0][1]))


def _passed(rows: pd.DataFrame, cuts: np.ndarray) -> np.ndarray:
    """Thresholds passed by each reading, bool (n, thresholds): for ratings, those at ``cuts``; for a choice, those
    below undetermined and below right answers."""
    if are_ratings(rows):
        return rows["rating"].to_numpy(float)[:, None] >= cuts
    correct = rows["correct"]
    return np.stack([~(correct == 0).fillna(False).to_numpy(bool), (correct == 1).fillna(False).to_numpy(bool)], axis=1)


def _groups(rows: pd.DataFrame, readers: list[str], cuts: np.ndarray) -> list[_Group]:
    sides, parts, cases = _sides(rows), [], []
    for _, side in sides:
        score = pd.Series(_passed(side, cuts).mean(axis=1), index=side.index)
        if are_ratings(rows):  # findings that are easier for everyone are not differences between cases
            score = score - score.groupby(side["finding"]).transform("mean") + score.mean()
        parts.append(mean_influence(side, score.to_numpy(), readers))
        cases.append(np.sort(side["case"].unique()))
    found = zip(sides, aligned(parts, cases), strict=True)
    return [_Group(*key, _margin(side, cuts), influence) for (key, side), influence in found]


def _areas(rows: pd.DataFrame) -> list[_Group]:
    """Areas under the ROC curve of each source; the margin is that of the mean, half a reading added to each side."""
    found = groups_of(rows, rows["source"], AREA)
    areas = []
    for name, value, cases, readings in zip(found.names, found.value, found.cases, found.readings, strict=True):
        count = readings.sum()
        margin = ndtri((value.mean() * count + 0.5) / (count + 1.0))
        areas.append(_Group(name, 1, np.array([margin]), Influence(value, cases, found.stratum)))
    return areas


def _pairs(groups: list[_Group]) -> list[tuple[_Group, _Group]]:
    return list(combinations_with_replacement(groups, 2))


def _split(found: list[tuple[bool, float]]) -> tuple[float, float]:
    """Shares common to all sources and specific to each, at least 0, from correlations given as (within one source,
    correlation). Without pairs of two sources, all is common."""
    within = np.mean([correlation for same, correlation in found if same])
    across = [correlation for same, correlation in found if not same]
    common = max(float(np.mean(across) if across else within), 0.0)
    return common, max(float(within) - common, 0.0) if across else 0.0


def _of_readers(one: _Group, two: _Group) -> tuple[bool, float]:
    """Correlation due to readers between two groups (or within one), excluding that due to cases."""
    own, shared = _shared(one.influence, two.influence)
    between = np.cov(one.influence.value, two.influence.value)[0, 1]
    return one.source == two.source, correlation(between - (own - shared), one.margin, two.margin)


def _are_crossed(one: _Group, two: _Group) -> bool:
    """Whether two groups show the same cases: at least half of those of the group with fewer."""
    return 2 * (one.shown & two.shown).sum() >= min(one.shown.sum(), two.shown.sum())


def _of_cases(one: _Group, two: _Group) -> tuple[bool, float]:
    """Correlation due to cases between different readers of two groups, or within one."""
    both = max((one.shown & two.shown).sum(), 1)
    covariance = _shared(one.influence, two.influence)[1] * one.shown.sum() * two.shown.sum() / both
    return one.source == two.source, correlation(covariance, one.margin, two.margin)


def _shared(first: Influence, second: Influence) -> tuple[float, float]:
    """Covariance of two estimates due to their cases: for the same reader, and for two different readers."""
    readers = len(first.value)
    own = (first.cases * second.cases).sum(axis=1).mean()
    of_means = (first.cases.mean(axis=0) * second.cases.mean(axis=0)).sum()
    return own, (readers * of_means - own) / (readers - 1)


def _criterion(groups: list[_Group]) -> float:
    """Correlation due to the criterion, which readers add to images with and without the finding; 0 for a choice."""
    found = [
        correlation(np.cov(one.influence.value, two.influence.value)[0, 1], one.margin, two.margin)
        for one, two in _pairs(groups)
        if one.source == two.source and one.truth != two.truth
    ]
    return float(np.mean(found)) if found else 0.0


def _margin(rows: pd.DataFrame, cuts: np.ndarray) -> np.ndarray:
    """Distance of the mean evidence above each threshold, from the shares passed, half an answer added to each side."""
    return ndtri((_passed(rows, cuts).sum(axis=0) + 0.5) / (len(rows) + 1.0))
