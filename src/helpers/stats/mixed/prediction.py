"""Mean predictions over the observed rows with some columns set, and their gradients in all parameters.

On the logit scale random effects are integrated out with the Gauss-Hermite rule over the variance of their sum (Zeger,
Liang and Albert 1988, Biometrika 44:1049), so a probability is that of a new reader and a new case.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit, roots_hermitenorm

from helpers.errors import StatisticsError
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace

NODES = 60
NO_ROWS = "not estimable: no rows have this combination"


@dataclass(frozen=True)
class Cell:
    """Distinct rows with the columns set: ``fixed`` (m, p), ``raw`` (m, K) values of random terms, ``share`` (m,)."""

    levels: tuple
    fixed: np.ndarray
    raw: np.ndarray
    share: np.ndarray
    estimable: bool


def cells_of(objective: Laplace, by: list[str]) -> list[Cell]:
    """One cell for each combination of the levels of the ``by`` columns, in all observed rows.

    A column used only in the random part that has one value for each combination takes that value. Raises
    StatisticsError for columns that the fixed part does not use.
    """
    design = objective.design
    used = {str(name) for name in design.spec.required_variables}
    unknown = [name for name in by if name not in used]
    if unknown or not by:
        raise StatisticsError(
            f"no fixed effect of {', '.join(map(repr, unknown)) or 'nothing'} in {design.formula.text!r}; choose from: "
            f"{', '.join(sorted(used))}"
        )
    random = {str(name) for term in design.random for name in term.spec.required_variables} - used
    groups = design.rows.groupby(by, observed=True)
    tied = {name: groups[name].first() for name in random if groups[name].nunique().max() == 1}
    cells = []
    for levels in product(*(_levels(design.rows[name]) for name in by)):
        rows = design.rows.copy()
        for name, level in zip(by, levels, strict=True):
            rows[name] = pd.Series([level] * len(rows), dtype=rows[name].dtype)
        key = levels if len(by) > 1 else levels[0]
        rows = rows.assign(**{name: values[key] for name, values in tied.items() if key in values})
        fixed, estimable = design.fixed_for(rows)
        raw = np.concatenate(design.random_values_for(rows), axis=1)
        distinct, counts = np.unique(np.column_stack([fixed, raw]), axis=0, return_counts=True)
        fixed, raw = distinct[:, : fixed.shape[1]], distinct[:, fixed.shape[1] :]
        cells.append(Cell(levels, fixed, raw, counts / counts.sum(), bool(estimable.all())))
    return cells


def _levels(column: pd.Series) -> list:
    categorical = isinstance(column.dtype, pd.CategoricalDtype)
    return list(column.cat.categories) if categorical else sorted(column.unique().tolist())


def labels_of(objective: Laplace) -> list[tuple]:
    """Labels of the predictions of one cell: the categories of an ordinal response, else empty."""
    ordinal = isinstance(objective.family, CumulativeLogit)
    return [(label,) for label in objective.family.labels] if ordinal else [()]


def predictions(objective: Laplace, parameters: np.ndarray, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Mean predictions (J,) and their gradients (J, size)."""
    _, nuisance, beta = objective.layout.parts(parameters)
    if isinstance(objective.family, Gaussian):
        value, slope = linear_mean(objective, parameters, cell)
        return np.array([value]), slope[None]
    eta = cell.fixed @ beta
    if not isinstance(objective.family, CumulativeLogit):
        value, slope = _averaged(objective, parameters, cell, eta, cell.fixed)
        return np.array([value]), slope[None]
    thresholds, jacobian = objective.family.thresholds(nuisance), objective.family.jacobian(nuisance)
    place = slice(objective.layout.theta, objective.layout.theta + len(nuisance))
    values, slopes = [0.0], [np.zeros(len(parameters))]
    for threshold, by_nuisance in zip(thresholds, jacobian, strict=True):
        value, slope = _averaged(objective, parameters, cell, threshold - eta, -cell.fixed)
        slope[place] = by_nuisance * slope[place].sum()
        values.append(value)
        slopes.append(slope)
    return np.diff([*values, 1.0]), np.diff([*slopes, np.zeros(len(parameters))], axis=0)


def linear_mean(objective: Laplace, parameters: np.ndarray, cell: Cell) -> tuple[float, np.ndarray]:
    """Mean linear predictor without random effects, and its gradient (size,)."""
    slope = np.zeros(len(parameters))
    slope[len(slope) - objective.layout.fixed :] = cell.share @ cell.fixed
    return float(slope @ parameters), slope


def _averaged(objective: Laplace, parameters: np.ndarray, cell: Cell, eta: np.ndarray, by_beta: np.ndarray):
    """Mean of E F(eta + random), F logistic, and its gradient; with thresholds, the first nuisance entry holds the
    derivative with respect to eta. dE/d variance is E F'' / 2 (heat equation)."""
    layout, theta = objective.layout, objective.layout.parts(parameters)[0]
    factors = layout.factors(theta)
    loadings = [cell.raw[:, objective.slice(k)] @ factor for k, factor in enumerate(factors)]
    variance = sum((part**2).sum(axis=1) for part in loadings)
    nodes, weights = _rule()
    p = expit(eta[:, None] + np.sqrt(variance)[:, None] * nodes)
    first = (p * (1.0 - p)) @ weights * cell.share
    second = (p * (1.0 - p) * (1.0 - 2.0 * p)) @ weights * cell.share
    slope = np.zeros(layout.size)
    for place, (k, r, c) in enumerate(layout.places()):
        slope[place] = second @ (cell.raw[:, objective.starts[k] + r] * loadings[k][:, c])
    if layout.nuisance:
        slope[layout.theta] = first.sum()
    slope[layout.size - layout.fixed :] = first @ by_beta
    return float(cell.share @ (p @ weights)), slope


@cache
def _rule() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = roots_hermitenorm(NODES)
    return nodes, weights / weights.sum()
