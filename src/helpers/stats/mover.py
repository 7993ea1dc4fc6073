"""Intervals of a difference: Student's, or MOVER, recovered from the intervals of its two sides; one-sided p values.

Student's interval of a difference is symmetric; near 0 and 1, where accuracies and areas are close to their limit, it
contains the true value less often than its nominal level. Wilson's intervals of the two sides respect the limit, and so
does the combination of the distances to their ends: the method of variance estimates recovery (Zou and Donner 2008,
Statistics in Medicine 27:1693; with uncorrelated sides Newcombe 1998, Statistics in Medicine 17:873, method 10).
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Spread, t_interval, t_p_value
from helpers.stats.wilson import wilson

STUDENT, MOVER = "student", "mover"
INTERVALS = (STUDENT, MOVER)
_NARROW, _WIDE = 1e-9, 1.0 - 1e-12  # confidence levels between which a p value is sought
NEAR = 0.15  # from 0 or 1; nearer than this, MOVER intervals contain the true value more often (``coverage``)


def mover_interval(first: tuple, second: tuple, correlation=0.0) -> tuple[np.ndarray, np.ndarray]:
    """Interval (low, high) of first minus second, each given as (value, low, high); numbers or arrays of one shape.

    ``correlation`` is that of the two estimates, which come from the same readers: Zou and Donner 2008, equation 8.
    """
    (p1, l1, u1), (p2, l2, u2) = first, second

    def reach(one, two):
        return np.sqrt(np.maximum(one**2 - 2 * correlation * one * two + two**2, 0.0))

    return p1 - p2 - reach(p1 - l1, u2 - p2), p1 - p2 + reach(u1 - p1, p2 - l2)


def correlation_of(first, second, difference):
    """Correlation of two estimates from their variances and that of their difference; 0 where one does not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (first + second - difference) / (2 * np.sqrt(np.multiply(first, second)))
    return np.clip(np.where(np.isfinite(found), found, 0.0), -1.0, 1.0)


def are_near_limits(values) -> bool:
    """Whether any of the accuracies or areas lies so near 0 or 1 that MOVER intervals are better."""
    values = np.asarray(values, dtype="float64")
    return bool((np.minimum(values, 1 - values) < NEAR).any())


def check_interval(interval: str) -> None:
    """Raise StatisticsError for an interval that is not one of ``INTERVALS``."""
    if interval not in INTERVALS:
        raise StatisticsError(f"interval = {interval!r}: choose one of {', '.join(INTERVALS)}")


def bounds_of(sides: list[tuple], difference: tuple, interval: str, still: bool) -> Callable[[float], tuple]:
    """Map confidence to the interval of a difference, Student's or MOVER; NaN if it has no variance but its sides do.

    ``sides``: (value, variance, degrees, answers, between) of the two, as ``wilson`` takes them; ``difference``:
    (value, variance, degrees); ``still``: neither side has a variance, so that only MOVER is possible.

    >>> first, second = ((p, p * (1 - p) / n, np.inf, n, 0.0) for p, n in ((56 / 70, 70), (48 / 80, 80)))
    >>> both = (first[0] - second[0], first[1] + second[1], np.inf)
    >>> [round(end, 4) for end in bounds_of([first, second], both, "mover", False)(0.95)]  # Newcombe 1998, 17:873
    [0.0524, 0.3339]
    """
    value, variance, degrees = difference
    correlation = correlation_of(sides[0][1], sides[1][1], variance)

    def bounds(confidence: float) -> tuple[float, float]:
        if variance == 0 and not still:
            return float("nan"), float("nan")
        if interval == MOVER or variance == 0:
            alone = [(side[0], *wilson(*side, confidence)) for side in sides]
            return tuple(map(float, mover_interval(*alone, correlation)))
        return tuple(map(float, t_interval(value, variance, degrees, confidence)))

    return bounds


def conclusions_of(
    difference: Spread,
    sides_of: Callable[[str], list[tuple]],
    still: bool,
    interval: str,
    confidence: float,
    limits: tuple[float, float] | None,
) -> Iterator[tuple[str, tuple[float, ...], tuple[float, float]]]:
    """A difference of two proportions or areas for each conclusion: its name, (value, low, high, standard error,
    degrees of freedom, p value) and the one-sided p values at ``limits``.

    ``sides_of`` maps a conclusion to the two sides; these, ``still`` and ``interval`` are as in ``bounds_of``. The
    interval stays within -1..1; the p value is Student's.
    """
    for conclusion in (THESE, LIKE):
        value, variance, degrees = map(float, (difference.value, *difference.of(conclusion)))
        bounds = bounds_of(sides_of(conclusion), (value, variance, degrees), interval, still)
        low, high = np.clip(bounds(confidence), -1.0, 1.0)
        numbers = (value, low, high, variance**0.5, degrees, t_p_value(value, variance, degrees))
        yield conclusion, tuple(map(float, numbers)), tails(bounds, limits) if limits else (np.nan, np.nan)


def with_tails(table: pd.DataFrame, one_sided: list[tuple[float, float]]) -> pd.DataFrame:
    """The table with columns p_lower and p_upper.

    >>> with_tails(pd.DataFrame({"value": [0.1]}), [(0.01, 0.2)]).to_dict("list")
    {'value': [0.1], 'p_lower': [0.01], 'p_upper': [0.2]}
    """
    return table.assign(**dict(zip(("p_lower", "p_upper"), np.transpose(one_sided), strict=True)))


def tails(interval: Callable[[float], tuple], limits: tuple[float, float]) -> tuple[float, float]:
    """One-sided p values of a value lying at or below the lower, and at or above the upper, of two limits.

    ``interval`` maps confidence (0..1) to (low, high), which widens with it; the p value is the level at which the
    one-sided interval just excludes the limit. NaN if there is no interval.

    >>> interval = lambda confidence: t_interval(0.05, 0.03**2, np.inf, confidence)
    >>> [round(p, 4) for p in tails(interval, (0.0, 0.1))]  # of a normal estimate: z = 5 / 3
    [0.0478, 0.0478]
    """
    lowest, highest = interval(0.9)
    if not np.isfinite([lowest, highest]).all():
        return float("nan"), float("nan")
    return _tail(lambda c: interval(c)[0] - limits[0], lambda c: interval(c)[1] - limits[0]), _tail(
        lambda c: limits[1] - interval(c)[1], lambda c: limits[1] - interval(c)[0]
    )


def _tail(near: Callable[[float], float], far: Callable[[float], float]) -> float:
    """Level at which the nearer end passes its limit; if the estimate is beyond it, 1 minus that of the other end."""
    beyond = near(_NARROW) <= 0
    end = (lambda c: -far(c)) if beyond else near
    level = 0.0 if end(_WIDE) > 0 else 0.5 if end(_NARROW) <= 0 else (1.0 - brentq(end, _NARROW, _WIDE, xtol=1e-9)) / 2
    return 1.0 - level if beyond else level
