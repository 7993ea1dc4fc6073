"""Population-averaged probabilities or means of a mixed model, with intervals.

Standard errors are by the delta method over all parameters, variances included.
"""

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from helpers.stats.mixed.effects import Z
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.prediction import NO_ROWS, Cell, cells_of, labels_of, predictions
from helpers.stats.mixed.profile import end_of_combination

CERTAIN = 1e-6  # from 0 or 1: with separation, a probability that stands for 0 or 1 itself
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
    cells = cells_of(fit.objective, by)
    keys, lines = [], []
    for cell in cells:
        values, slopes = predictions(fit.objective, fit.estimate.parameters, cell)
        errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, fit.estimate.covariance, slopes), 0.0))
        for label, value, error in zip(labels_of(fit.objective), values, errors, strict=True):
            keys.append((*cell.levels, *label))
            lines.append((value, error, *_interval(fit.objective, value, error), _note(fit, cell, value)))
    names = [*by, *(["category"] if isinstance(fit.objective.family, CumulativeLogit) else [])]
    column = "mean" if isinstance(fit.objective.family, Gaussian) else "probability"
    numbers = [column, "standard_error", "low", "high"]
    table = pd.concat(
        [pd.DataFrame(keys, columns=names), pd.DataFrame(lines, columns=[*numbers, "note"])],
        axis=1,
    )
    table.loc[table["note"] == NO_ROWS, numbers] = np.nan
    table.loc[table["note"] == NO_INTERVAL, numbers[1:]] = np.nan
    for place in np.flatnonzero(table["note"] == ONE_SIDED):
        table.loc[place, numbers[1:]] = (np.nan, *_one_sided(fit, cells, place))
    return table


def _interval(objective: Laplace, value: float, error: float) -> tuple[float, float]:
    if isinstance(objective.family, Gaussian):
        return value - Z * error, value + Z * error
    spread = value * (1.0 - value)
    if not spread > 0:
        return np.nan, np.nan
    centre, half = logit(value), Z * error / spread
    return float(expit(centre - half)), float(expit(centre + half))


def _note(fit, cell: Cell, value: float) -> str:
    if not cell.estimable:
        return NO_ROWS
    if fit.estimate.separation is None or min(value, 1.0 - value) > CERTAIN:
        return ""
    return NO_INTERVAL if isinstance(fit.objective.family, CumulativeLogit) else ONE_SIDED


def _one_sided(fit, cells: list[Cell], place: int) -> tuple[float, float]:
    """Interval of a probability at 0 or 1: its value where the cell's mean logit leaves its profile interval."""
    value = predictions(fit.objective, fit.estimate.parameters, cells[place])[0][0]
    certain = float(value > 0.5)
    end = end_of_combination(fit, cells[place].share @ cells[place].fixed, 1.0 - 2.0 * certain)
    other = 1.0 - certain if end is None else predictions(fit.objective, end, cells[place])[0][0]
    return min(other, certain), max(other, certain)
