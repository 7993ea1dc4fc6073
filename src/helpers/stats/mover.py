"""MOVER: the interval of a difference, recovered from the intervals of its two sides.

Student's interval of a difference is symmetric; near 0 and 1, where accuracies and areas crowd against their limit, it
then contains the true value less often than promised. Wilson's intervals of the two sides respect the limit, and so
does what the distances to their ends give together: the method of variance estimates recovery (Zou and Donner 2008,
Statistics in Medicine 27:1693; with uncorrelated sides Newcombe 1998, Statistics in Medicine 17:873, method 10).
"""

import numpy as np

from helpers.errors import StatisticsError

STUDENT, MOVER = "student", "mover"
INTERVALS = (STUDENT, MOVER)
NEAR = 0.15  # from 0 or 1; nearer than this, MOVER intervals contain the true value more often (``coverage``)


def mover_interval(first: tuple, second: tuple, correlation=0.0) -> tuple[np.ndarray, np.ndarray]:
    """Interval (low, high) of first minus second, each given as (value, low, high); numbers or arrays of one shape.

    ``correlation`` is that of the two estimates, which the same readers have made: Zou and Donner 2008, equation 8.
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
    """Whether any of the accuracies or areas lies so near 0 or 1 that MOVER intervals are the better ones."""
    values = np.asarray(values, dtype="float64")
    return bool((np.minimum(values, 1 - values) < NEAR).any())


def check_interval(interval: str) -> None:
    """Raise StatisticsError for an interval that is none of ``INTERVALS``."""
    if interval not in INTERVALS:
        raise StatisticsError(f"interval = {interval!r}: choose one of {', '.join(INTERVALS)}")
