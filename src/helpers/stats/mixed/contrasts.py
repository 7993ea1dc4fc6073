"""Pairwise differences between the levels of a column of a mixed model."""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.stats.mixed.effects import COLUMNS, wald
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.prediction import NO_ROWS, Cell, cells_of, linear_mean, predictions

NO_FINITE = "separation: the difference has no finite estimate"


def contrasts(fit, column: str) -> pd.DataFrame:
    """Differences between all pairs of levels of a column, first minus second.

    One row for each pair and ``scale``: "probability" (population-averaged, binomial only), "log odds" (for the same
    reader and case, averaged over the rows; binomial and ordinal) or "mean" (Gaussian). Columns: first, second, scale,
    difference, standard_error, z, p, low, high (Wald, 95 %, not adjusted for the number of pairs), note.

    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> contrasts(found, "source")[["first", "second", "scale", "difference", "p"]].round(3)
      first second        scale  difference      p
    0   gan   real  probability       0.160  0.003
    1   gan   real     log odds       0.771  0.002
    """
    objective, estimate = fit.objective, fit.estimate
    lines = []
    for first, second in combinations(cells_of(objective, [column]), 2):
        for scale in _scales(objective.family):
            parts = [_on_scale(objective, estimate.parameters, cell, scale) for cell in (first, second)]
            slope = parts[0][1] - parts[1][1]
            note = "" if first.estimable and second.estimable else NO_ROWS
            limit = estimate.limit(slope[len(slope) - objective.layout.fixed :]) if scale == "log odds" else 0.0
            note = note or ("" if limit == 0 else NO_FINITE)
            difference = np.nan if note == NO_ROWS else parts[0][0] - parts[1][0] + limit
            error = np.nan if note else np.sqrt(max(float(slope @ estimate.covariance @ slope), 0.0))
            lines.append((*first.levels, *second.levels, scale, difference, *wald(difference, error).values(), note))
    return pd.DataFrame(lines, columns=["first", "second", "scale", "difference", *COLUMNS, "note"])


def _scales(family) -> tuple[str, ...]:
    if isinstance(family, Gaussian):
        return ("mean",)
    return ("log odds",) if isinstance(family, CumulativeLogit) else ("probability", "log odds")


def _on_scale(objective: Laplace, parameters: np.ndarray, cell: Cell, scale: str) -> tuple[float, np.ndarray]:
    if scale == "probability":
        values, slopes = predictions(objective, parameters, cell)
        return values[0], slopes[0]
    return linear_mean(objective, parameters, cell)
