"""The model behind the readings: evidence on a normal scale, with shares of variance for readers and cases.

A reading's evidence z is normal with total variance 1 (probit scale): reader, reader x source, case, case x source and
the rest. The answer is the number of thresholds that z passes. A choice between two images has two, at -+ band around
no evidence: wrong, undetermined, right. A rating of a finding has four. ``latent_fit`` fits it to readings.
"""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from helpers.errors import StatisticsError


@dataclass(frozen=True)
class Latent:
    """Shares of the evidence's variance (0..1, sum below 1), and the thresholds between answers, rising.

    ``case_by_source`` is the share specific to a case in one source, when two sources show the same cases.
    """

    reader: float
    reader_by_source: float
    case: float
    thresholds: tuple[float, ...]
    case_by_source: float = 0.0

    def __post_init__(self):
        shares = (self.reader, self.reader_by_source, self.case, self.case_by_source)
        if min(shares) < 0 or sum(shares) >= 1:
            raise StatisticsError(
                f"shares of variance reader {self.reader}, reader_by_source {self.reader_by_source}, case {self.case}, "
                f"case_by_source {self.case_by_source}: each must be 0 or more, and their sum below 1"
            )
        if not self.thresholds or min(np.diff(self.thresholds), default=0.0) < 0:
            raise StatisticsError(f"thresholds {self.thresholds}: give one or more, in rising order")

    @property
    def rest(self) -> float:
        """Share that is neither reader nor case: reader x case and chance."""
        return 1.0 - self.reader - self.reader_by_source - self.case - self.case_by_source


def describe(latent: Latent, origin: str) -> pd.DataFrame:
    """The shares as a table: name, component (in words), share, origin ("fitted" or "assumed")."""
    words = {"reader": "reader", "reader_by_source": "reader x source", "case": "case"}
    words |= {"case_by_source": "case x source"} if latent.case_by_source else {}
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
