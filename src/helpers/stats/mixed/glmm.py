"""Binomial and Gaussian mixed models by maximum likelihood.

Binomial: Laplace's approximation over fixed effects and covariances jointly, as in lme4's glmer with nAGQ = 1, or
adaptive quadrature with one grouping factor.
Gaussian: exact maximum or restricted likelihood, as in lme4's lmer.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed.design import Design, build
from helpers.stats.mixed.estimate import estimate
from helpers.stats.mixed.families import Binomial, Gaussian
from helpers.stats.mixed.formula import parse
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.quadrature import likelihood
from helpers.stats.mixed.results import MixedFit, assemble


def fit(
    formula: str, rows: pd.DataFrame, family: str = "binomial", reml: bool = False, quadrature_points: int = 1
) -> MixedFit:
    """Fit a mixed model such as ``"correct ~ source * finding + (1 | reader) + (1 | case)"``; see ``formula.parse``.

    ``family`` "binomial": the response is 0 or 1 (or bool), or ``cbind(successes, failures)`` with expressions of
    columns, such as ``cbind(incidence, size - incidence)``; logit link. "gaussian": any number; ``reml`` asks for the
    restricted likelihood. ``quadrature_points`` above 1 asks for adaptive Gauss-Hermite quadrature of a binomial model
    with one grouping factor and one effect per level (lme4's nAGQ); see ``quadrature``. Rows with a missing value in
    any column of the formula are left out, with a note. Raises StatisticsError for a response that does not suit the
    family or is the same in all rows, and for groups with one level (Gaussian: with as many effects as rows).

    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts, quadrature_points=9)
    >>> found.fixed[["term", "estimate", "standard_error", "p"]].round(3)
                 term  estimate  standard_error      p
    0       Intercept     1.004           0.409  0.014
    1  source[T.real]    -0.771           0.253  0.002
    """
    parsed = parse(formula)
    if family not in ("binomial", "gaussian"):
        raise StatisticsError(f"family {family!r}: choose 'binomial' or 'gaussian'")
    if reml and family == "binomial":
        raise StatisticsError("reml=True is for family='gaussian' only")
    if quadrature_points != 1 and family == "gaussian":
        raise StatisticsError("quadrature_points is for family='binomial': the likelihood of a gaussian model is exact")
    design = build(parsed, rows)
    if family == "binomial":
        objective = likelihood(design, _binomial(design), quadrature_points)
    else:
        objective = Laplace(design, _gaussian(design), restricted=reml)
    return assemble(objective, estimate(objective))


def _number(design: Design, expression: str) -> np.ndarray:
    rows = design.rows
    try:
        values = rows[expression] if expression in rows else rows.eval(expression, engine="python")
        return np.broadcast_to(np.asarray(values, dtype="float64"), len(rows))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StatisticsError(f"response {expression!r} must be numbers: {error}") from error


def _binomial(design: Design) -> Binomial:
    expressions = design.formula.response
    counts = [_number(design, expression) for expression in expressions]
    if len(counts) == 1:
        if not np.isin(counts[0], (0.0, 1.0)).all():
            odd = sorted(set(counts[0]) - {0.0, 1.0})[0]
            raise StatisticsError(f"response {expressions[0]!r} must be 0 or 1, but a row has {odd:g}")
        counts.append(1.0 - counts[0])
    for expression, values in zip(expressions, counts, strict=False):
        if (values < 0).any() or (values != np.round(values)).any():
            raise StatisticsError(f"response {expression!r} must be whole numbers from 0 up")
    successes, trials = counts[0], counts[0] + counts[1]
    if successes.sum() in (0.0, trials.sum()):
        raise StatisticsError(f"response {expressions[0]!r} is the same in all rows: nothing to fit")
    return Binomial(successes, trials)


def _gaussian(design: Design) -> Gaussian:
    if len(design.formula.response) != 1:
        raise StatisticsError("cbind() is for family='binomial'; a gaussian model has one response")
    response = _number(design, design.formula.response[0])
    if np.ptp(response) == 0:
        raise StatisticsError(f"response {design.formula.response[0]!r} is the same in all rows: nothing to fit")
    for random in design.random:
        if len(random.levels) * random.width >= len(response):
            raise StatisticsError(
                f"random term ({random.term.expression} | {random.term.name}) has as many effects as there are rows: "
                "it cannot be told from the residual; leave it out"
            )
    return Gaussian(response)
