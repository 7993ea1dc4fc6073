"""Cumulative logit mixed model for ordered answers, by Laplace approximation or quadrature, as in R's ordinal::clmm."""

from numbers import Number

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed.design import build
from helpers.stats.mixed.estimate import estimate
from helpers.stats.mixed.families import CumulativeLogit
from helpers.stats.mixed.formula import parse
from helpers.stats.mixed.quadrature import likelihood
from helpers.stats.mixed.results import MixedFit, assemble


def fit_ordinal(formula: str, rows: pd.DataFrame, quadrature_points: int = 1) -> MixedFit:
    """Fit the model P(answer <= j) = F(threshold_j - eta), F logistic (McCullagh 1980), with random terms in eta.

    The response is a column of numbers, or an ordered categorical; the values that occur are the categories. A positive
    effect shifts answers up. The formula must have an intercept, which the thresholds replace. ``quadrature_points`` as
    in ``glmm.fit`` (clmm's nAGQ). Raises StatisticsError for text answers, and for a response that is the same in all
    rows.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbbcccc"), "shown": [0, 0, 1, 1] * 3,
    ...     "rating": [1, 2, 3, 5, 2, 2, 4, 5, 1, 3, 2, 4]})
    >>> found = fit_ordinal("rating ~ shown + (1 | reader)", rows)
    >>> found.thresholds["term"].tolist()
    ['1|2', '2|3', '3|4', '4|5']
    >>> found.fixed[["term", "estimate", "p"]].round(2)
        term  estimate     p
    0  shown      3.74  0.02
    """
    parsed = parse(formula)
    design = build(parsed, rows).without_intercept()
    if len(parsed.response) != 1 or parsed.response[0] not in design.rows:
        raise StatisticsError(f"formula {formula!r}: the response of an ordinal model is one column")
    answers = design.rows[parsed.response[0]]
    ordered = isinstance(answers.dtype, pd.CategoricalDtype) and answers.cat.ordered
    if not (ordered or pd.api.types.is_numeric_dtype(answers)):
        raise StatisticsError(f"response {parsed.response[0]!r} must be numbers or an ordered categorical, not text")
    category, labels = (answers.cat.codes, answers.cat.categories) if ordered else pd.factorize(answers, sort=True)
    if len(labels) < 2:
        raise StatisticsError(f"response {parsed.response[0]!r} is the same in all rows: nothing to fit")
    names = tuple(f"{label:g}" if isinstance(label, Number) else str(label) for label in labels)
    objective = likelihood(design, CumulativeLogit(np.asarray(category, dtype=int), names), quadrature_points)
    return assemble(objective, estimate(objective))
