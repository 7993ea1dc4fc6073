"""Cluster-robust standard errors of a mixed model: the sandwich of the clusters' scores.

With A the negative Hessian of the log-likelihood at its maximum and s_g the score of cluster g,

    V = c A^-1 (sum over g of s_g s_g') A^-1,    CR0: c = 1,  CR1: c = G / (G - 1)

(Liang and Zeger 1986, Biometrika 73:13; Cameron and Miller 2015, Journal of Human Resources 50:317). The errors hold
even if the model's random part is wrong, as long as clusters are independent of each other: every random term must be
nested in the clusters. Intervals use Student's t with G - 1 degrees of freedom.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed.effects import tables
from helpers.stats.mixed.laplace import Laplace

CORRECTIONS = ("CR0", "CR1")


def robust(fit, cluster: str, correction: str = "CR1") -> pd.DataFrame:
    """Effects (then thresholds) of a fit, with standard errors robust to dependence within the levels of a column.

    Columns: term, estimate, standard_error, t, degrees (clusters - 1), p, low, high (95 %); an infinite estimate has no
    standard error. Raises StatisticsError for an unknown column or one with missing values, for fewer than two
    clusters, for a random term that joins rows of several clusters, for a restricted likelihood and for a fit without a
    maximum.

    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> robust(found, "reader")[["term", "standard_error", "t", "degrees", "p"]].round(3)
                 term  standard_error      t  degrees      p
    0       Intercept           0.518  1.937        3  0.148
    1  source[T.real]           0.151 -5.120        3  0.014
    """
    objective, found = fit.objective, fit.estimate
    if correction not in CORRECTIONS:
        raise StatisticsError(f"correction {correction!r}: choose from {', '.join(CORRECTIONS)}")
    if objective.restricted:
        raise StatisticsError("a restricted likelihood has no scores of clusters; fit with reml=False")
    if not found.converged and found.separation is None:
        raise StatisticsError("no maximum of the likelihood was found: it has no robust errors; use fewer terms")
    codes, count = _clusters(objective, cluster)
    scores = objective.scores(found.parameters, codes, count)
    spread = scores @ found.covariance
    covariance = spread.T @ spread * (count / (count - 1) if correction == "CR1" else 1.0)
    table = pd.concat(tables(objective, found, covariance, degrees=count - 1), ignore_index=True)
    table.insert(4, "degrees", count - 1)
    return table.rename(columns={"z": "t"})


def _clusters(objective: Laplace, cluster: str) -> tuple[np.ndarray, int]:
    """Cluster (n,) of each row, from 0, and their number."""
    rows = objective.design.rows
    if cluster not in rows:
        raise StatisticsError(f"no column {cluster!r} to cluster by; there is: {', '.join(map(str, rows.columns))}")
    if rows[cluster].isna().any():
        raise StatisticsError(f"column {cluster!r} has missing values; leave these rows out before the fit")
    codes, levels = pd.factorize(rows[cluster], sort=True)
    if len(levels) < 2:
        raise StatisticsError(f"column {cluster!r} has one level: two clusters or more are needed")
    for random in objective.design.random:
        if len(np.unique(np.column_stack([random.codes, codes]), axis=0)) > len(random.levels):
            name = random.term.name
            raise StatisticsError(
                f"rows of one {name} lie in several levels of {cluster!r}, so that its clusters are not independent: "
                f"fit without ({random.term.expression} | {name}) to cluster by {cluster}"
            )
    return codes, len(levels)
