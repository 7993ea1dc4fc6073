"""The model behind the readings: evidence on a normal scale, with shares of variance of readers and cases.

A reading's evidence for the right answer is z = m_s + a_r + a_rs + b_c + e, normal with total variance 1 (probit
scale): reader, reader x source, case and the rest. It is right above +band, wrong below -band and undetermined
between. Shares are fitted by moments: the covariance of two scores that share a reader or a case fixes the
correlation of their evidence, through the integral of Plackett (1954, Biometrika 41:351)

    Phi2(h, k; rho) = Phi(h) Phi(k) + integral from 0 to rho of phi2(h, k; t) dt.
"""

from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from helpers.errors import StatisticsError
from helpers.stats.crossed import components, mean_influence
from helpers.stats.readings import score, source_order

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_LARGEST = 0.95  # correlations beyond this are not told apart from it


@dataclass(frozen=True)
class Latent:
    """Shares of the evidence's variance (0..1, sum below 1), and the half width of the undetermined band."""

    reader: float
    reader_by_source: float
    case: float
    band: float

    def __post_init__(self):
        shares = (self.reader, self.reader_by_source, self.case)
        if min(shares) < 0 or sum(shares) >= 1 or self.band < 0:
            raise StatisticsError(
                f"shares of variance reader {self.reader}, reader_by_source {self.reader_by_source}, case {self.case}: "
                "each must be 0 or more, their sum below 1, and the band 0 or more"
            )

    @property
    def rest(self) -> float:
        """Share that is neither reader nor case: reader x case and chance."""
        return 1.0 - self.reader - self.reader_by_source - self.case


def fit(rows: pd.DataFrame) -> Latent:
    """Fit the shares to the analysed readings of one task (all sources); shares below zero are set to zero.

    With one source, reader x source cannot be told from reader and is zero. Raises StatisticsError with fewer than
    two readers. With few readers the reader shares are themselves very uncertain.
    """
    readers = sorted(set(rows["reader"]))
    if len(readers) < 2:
        raise StatisticsError(
            "one reader: the variance between readers cannot be estimated; give assumed shares (parameter 'assumed')"
        )
    sources = source_order(rows["source"])
    margins, parts = [], []
    for source in sources:
        side = rows[rows["source"] == source]
        margins.append(_margin(side))
        parts.append(mean_influence(side, score(side).to_numpy(), readers))
    moments = [components(part) for part in parts if np.isfinite(part.value).all() and np.isfinite(part.cases).all()]
    if len(moments) < len(sources):
        raise StatisticsError("a reader has fewer than two cases of a source; leave that reader or source out")
    case = np.mean([correlation(m["case"], g, g) for m, g in zip(moments, margins, strict=True)])
    within = np.mean([correlation(m["reader"], g, g) for m, g in zip(moments, margins, strict=True)])
    pairs = list(combinations(range(len(sources)), 2))
    across = [correlation(_covariance(parts[i], parts[j]), margins[i], margins[j]) for i, j in pairs]
    reader = max(float(np.mean(across)), 0.0) if pairs else max(float(within), 0.0)
    by_source = max(float(within) - reader, 0.0) if pairs else 0.0
    shares = np.array([reader, by_source, max(float(case), 0.0)])
    shares *= min(1.0, _LARGEST / max(shares.sum(), 1e-9))
    return Latent(*map(float, shares), band=band(rows))


def band(rows: pd.DataFrame) -> float:
    """Half width of the undetermined band, mean over sources; 0 where nobody was undecided."""
    return float(np.mean([_margin(side)[1] for _, side in rows.groupby("source")]))


def describe(latent: Latent, origin: str) -> pd.DataFrame:
    """The shares as a table: name, component (in words), share, origin ("fitted" or "assumed")."""
    words = {"reader": "reader", "reader_by_source": "reader x source", "case": "case"}
    shares = asdict(latent)
    lines = [(name, title, shares[name], origin) for name, title in words.items()]
    lines.append(("rest", "rest (reader x case, chance)", latent.rest, origin))
    return pd.DataFrame(lines, columns=["name", "component", "share", "origin"])


def expected_score(mean, band: float):
    """Expected score of evidence with mean ``mean`` and variance 1: half of each threshold passed."""
    return 0.5 * (ndtr(mean - band) + ndtr(mean + band))


def mean_of(accuracy: float, band: float) -> float:
    """Mean of the evidence whose expected score is ``accuracy``, which lies strictly between 0 and 1."""
    if not 0 < accuracy < 1:
        raise StatisticsError(f"accuracy {accuracy}: must lie strictly between 0 and 1")
    return float(brentq(lambda mean: expected_score(mean, band) - accuracy, -9 - band, 9 + band))


def covariance(correlation_of_evidence: float, first: tuple[float, float], second: tuple[float, float]) -> float:
    """Covariance of two scores whose evidence has the given correlation; margins are (mean, band)."""
    rho = 0.5 * correlation_of_evidence * (_NODES + 1.0)
    total = 0.0
    for h in (first[0] - first[1], first[0] + first[1]):
        for k in (second[0] - second[1], second[0] + second[1]):
            rest = 1.0 - rho**2
            density = np.exp(-(h * h - 2 * rho * h * k + k * k) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
            total += 0.25 * 0.5 * correlation_of_evidence * (_WEIGHTS @ density)
    return float(total)


def correlation(covariance_of_scores: float, first: tuple[float, float], second: tuple[float, float]) -> float:
    """Correlation of the evidence that gives two scores this covariance; clipped to -0.95..0.95."""
    if covariance_of_scores >= covariance(_LARGEST, first, second):
        return _LARGEST
    if covariance_of_scores <= covariance(-_LARGEST, first, second):
        return -_LARGEST
    return float(brentq(lambda r: covariance(r, first, second) - covariance_of_scores, -_LARGEST, _LARGEST))


def _margin(rows: pd.DataFrame) -> tuple[float, float]:
    """(mean, band) of the evidence from the shares of right and undetermined answers, half an answer added to each."""
    right, wrong = (rows["correct"] == 1).sum(), (rows["correct"] == 0).sum()
    above, below = ndtri((right + 0.5) / (len(rows) + 1)), ndtri((wrong + 0.5) / (len(rows) + 1))
    return float(above - below) / 2, max(float(-above - below) / 2, 0.0)


def _covariance(first, second) -> float:
    return float(np.cov(first.value, second.value)[0, 1])
