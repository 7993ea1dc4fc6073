"""Population-averaged probabilities or means of a mixed model, with intervals.

Standard errors use the delta method over all parameters, including variances.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from helpers.stats.mixed.effects import Z
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.prediction import NO_ROWS, Cell, cells_of, labels_of, predictions
from helpers.stats.mixed.profile import end_of_combination

CERTAIN = 1e-6  # distance from 0 or 1 below which, with separation, a probability stands for 0 or 1
ONE_SIDED = "separation: predicted without error; profile likelihood interval"
NO_INTERVAL = "separation: predicted without error; no interval"


def marginal(fit, by: list[str]) -> pd.DataFrame:
    """Mean prediction with the ``by`` columns set to each combination of their levels, random effects integrated out.

    Columns: by..., probability (binomial: of 1 or success; ordinal: of each ``category``; Gaussian: ``mean``),
    standard_error, low, high, note. 95 % intervals: delta method on the logit scale. Raises StatisticsError for columns
    that the fixed part does not use.

    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> marginal(found, ["source"])[["source", "probability", "low", "high"]].round(3)
      source  probability    low   high
    0    gan        0.711  0.542  0.837
    1   real        0.552  0.379  0.713
    """
    lines = []
    for cell in cells_of(fit.objective, by):
        values, slopes = predictions(fit.objective, fit.estimate.parameters, cell)
        errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, fit.estimate.covariance, slopes), 0.0))
        for label, value, error in zip(labels_of(fit.objective), values, errors, strict=True):
            lines.append((*cell.levels, *label, *_numbers(fit, cell, value, error)))
    names = [*by, *(["category"] if isinstance(fit.objective.family, CumulativeLogit) else [])]
    column = "mean" if isinstance(fit.objective.family, Gaussian) else "probability"
    return pd.DataFrame(lines, columns=[*names, column, "standard_error", "low", "high", "note"])


def _numbers(fit, cell: Cell, value: float, error: float) -> tuple[float, float, float, float, str]:
    """Value, standard error, low, high and note."""
    if not cell.estimable:
        return np.nan, np.nan, np.nan, np.nan, NO_ROWS
    if fit.estimate.separation is None or min(value, 1.0 - value) > CERTAIN:
        return value, error, *_interval(fit.objective, value, error), ""
    if isinstance(fit.objective.family, CumulativeLogit):
        return value, np.nan, np.nan, np.nan, NO_INTERVAL
    return value, np.nan, *_one_sided(fit, cell, float(value > 0.5)), ONE_SIDED


def _interval(objective: Laplace, value: float, error: float) -> tuple[float, float]:
    if isinstance(objective.family, Gaussian):
        return value - Z * error, value + Z * error
    spread = value * (1.0 - value)
    if not spread > 0:
        return np.nan, np.nan
    centre, half = logit(value), Z * error / spread
    return float(expit(centre - half)), float(expit(centre + half))


def _one_sided(fit, cell: Cell, certain: float) -> tuple[float, float]:
    """Interval of a probability at 0 or 1, to its value at the end of the profile interval of the mean logit."""
    end = end_of_combination(fit, cell.share @ cell.fixed, 1.0 - 2.0 * certain)
    other = 1.0 - certain if end is None else predictions(fit.objective, end, cell)[0][0]
    return min(other, certain), max(other, certain)
