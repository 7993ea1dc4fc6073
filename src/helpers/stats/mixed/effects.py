"""Wald tables of fixed effects and thresholds, for any covariance of the parameters."""

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr, stdtrit

from helpers.stats.mixed.estimate import Estimate
from helpers.stats.mixed.families import CumulativeLogit
from helpers.stats.mixed.laplace import Laplace

COLUMNS = ["standard_error", "z", "p", "low", "high"]
Z = float(ndtri(0.975))


def wald(values: np.ndarray, errors: np.ndarray, degrees: float = np.inf) -> dict[str, np.ndarray]:
    """``COLUMNS`` from values and their standard errors: normal, or Student's t with ``degrees``; 95 % intervals."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.asarray(values) / errors
        half = stdtrit(degrees, 0.975) * errors
        columns = (errors, z, 2.0 * stdtr(degrees, -np.abs(z)), values - half, values + half)
    return dict(zip(COLUMNS, columns, strict=True))


def tables(
    objective: Laplace, estimate: Estimate, covariance: np.ndarray, degrees: float = np.inf
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fixed effects, and thresholds of an ordinal model (else empty): term, estimate, then ``COLUMNS``.

    ``covariance`` (size, size) is that of all parameters. An infinite estimate has no standard error.
    """
    layout, family = objective.layout, objective.family
    theta, nuisance, beta = layout.parts(estimate.parameters)
    start = layout.size - layout.fixed
    names, values = [], np.empty(0)
    directions = np.eye(layout.size)
    if isinstance(family, CumulativeLogit):
        names, values = list(family.nuisance_names), family.thresholds(nuisance)
        directions[len(theta) : start, len(theta) : start] = family.jacobian(nuisance)
    ends = np.concatenate([values, beta])
    limits = np.array([estimate.limit(row) for row in np.eye(len(ends))])
    variance = np.einsum("ij,jk,ik->i", directions, covariance, directions)[layout.size - len(ends) :]
    errors = np.where(limits == 0, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    ends = ends + limits
    terms = pd.Series([*names, *objective.design.names], dtype=str)
    table = pd.DataFrame({"term": terms, "estimate": ends, **wald(ends, errors, degrees)})
    return table[len(names) :].reset_index(drop=True), table[: len(names)]
