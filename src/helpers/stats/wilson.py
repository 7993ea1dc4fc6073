"""Wilson's interval of a proportion or an area whose variance comes from readers and cases.

The effective sample size p (1 - p) / V replaces the number of answers, and Student's quantile the normal one (Dean and
Pagano 2015, Journal of Survey Statistics and Methodology 3:484, the modified Wilson interval for clustered surveys), so
the interval stays within 0..1 and has a width even if every answer is right. Near 0 and 1 the size is shrunk towards
that of answers all alike: one more wrong answer does not make the estimate more precise.

Readers differ on the scale of their evidence, which is normal, so their accuracies are more compressed near the limit
than answers are: the variance of answers is proportional to p (1 - p), that between readers to phi(Phi^-1(p))^2, which
is nearly proportional to (p (1 - p))^1.5. Each end of the interval has the variance that its own value would have.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import stdtr

from helpers.stats.crossed import t_quantile

WEIGHT = 1.5  # wrong answers; with less, a first wrong answer would narrow the interval
_SIGNS = np.array([-1.0, 1.0])
_STEPS, _CLOSE = 50, 1e-6  # at most; stop once no end moves more than this: the remaining error is its square


def wilson(value, variance, degrees, answers, between=0.0, confidence: float = 0.95):
    """Wilson interval of a proportion with a given variance: (low, high).

    The effective sample size is value (1 - value) / variance; if the variance is zero (all answers alike) it is
    ``answers`` (``answers_of``), and near 0 and 1 between the two. ``between``: the share of the variance (0..1) due to
    differences between readers (``Spread.between``).

    >>> p, n = 81 / 263, 263
    >>> [float(end.round(4)) for end in wilson(p, p * (1 - p) / n, np.inf, n)]  # Newcombe 1998, 17:857, table I
    [0.2553, 0.3662]
    >>> [float(end.round(4)) for end in wilson(0.0, 0.0, np.inf, 20)]
    [0.0, 0.1611]
    """
    given = (value, variance, degrees, answers, between)
    value, variance, degrees, answers, between = (np.asarray(number, dtype="float64") for number in given)
    size, square = _effective_size(value, variance, answers), t_quantile(degrees, confidence) ** 2
    sign = _SIGNS.reshape(2, *[1] * max(value.ndim, size.ndim, square.ndim, between.ndim))
    ends = _ends(value, size, square, sign)
    if between.any():
        ends = _settled(lambda at: _ends(value, _size_at(at, value, size, between), square, sign), ends)
    low, high = np.minimum(np.maximum(ends, 0.0), 1.0)
    return low, high


def wilson_p_value(value, variance, degrees, answers, null: float, between=0.0):
    """Two-sided p value that matches ``wilson``: below 1 - confidence exactly when the interval excludes ``null``.

    >>> round(float(wilson_p_value(0.6, 0.6 * 0.4 / 100, np.inf, 100, null=0.5)), 4)  # 60 of 100: z = 2
    0.0455
    """
    size = _size_at(null, value, _effective_size(value, variance, answers), between)
    with np.errstate(divide="ignore"):  # without any variance, any other value is infinitely far away
        statistic = np.abs(value - null) / np.sqrt(null * (1 - null) / size)
    return 2.0 * stdtr(degrees, -statistic)


def wilson_tails(value, variance, degrees, answers, limits: tuple[float, float], between=0.0) -> tuple[float, float]:
    """One-sided p values of a proportion lying at or below the lower, and at or above the upper, of two limits.

    >>> [round(p, 4) for p in wilson_tails(0.6, 0.6 * 0.4 / 100, np.inf, 100, (0.5, 0.6))]  # z = 2 and 0
    [0.0228, 0.5]
    """
    side = (value, variance, degrees, answers)
    lower, upper = (float(wilson_p_value(*side, limit, between)) / 2 for limit in limits)
    return lower if value >= limits[0] else 1.0 - lower, upper if value <= limits[1] else 1.0 - upper


def answers_of(cases, readers: float):
    """Independent answers that readers' answers to ``cases`` count for if all are alike: as if any two readers'
    answers to a case had a correlation of 1/4. ``readers``: per case, on average.

    >>> answers_of(20, 5)  # 20 x 5 answers by the design effect 1 + (5 - 1) / 4
    50.0
    >>> answers_of(60, 1)  # whoever they are, where each case was read by one of them
    60.0
    """
    return 4.0 * readers * cases / (readers + 3.0)


def _ends(value: np.ndarray, size, square, sign: np.ndarray) -> np.ndarray:
    """Wilson's two ends (2, ...) for the squared quantile ``square``; ``size`` may differ between them (2, ...), and
    ``sign`` is -1 for the lower and 1 for the upper."""
    with np.errstate(invalid="ignore", divide="ignore"):
        half = np.sqrt(square * value * (1 - value) / size + (square / (2 * size)) ** 2)
        return (value + square / (2 * size) + sign * half) / (1 + square / size)


def _settled(once: Callable[[np.ndarray], np.ndarray], ends: np.ndarray) -> np.ndarray:
    """Fixed point of ``once``, by Steffensen's method (Aitken's extrapolation from two steps)."""
    for _ in range(_STEPS):
        first = once(ends)
        second = once(first)
        with np.errstate(invalid="ignore", divide="ignore"):
            leap = ends - (first - ends) ** 2 / (second - 2.0 * first + ends)
        moved = np.where((leap > 0) & (leap < 1), leap, second)
        if not np.any(np.abs(moved - ends) > _CLOSE):
            return moved
        ends = moved
    return ends


def _size_at(true, value, size, between):
    """Effective size if the true proportion is ``true``; the part between readers scales with the root of p (1 - p)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(np.maximum(true * (1 - true), 0.0) / np.multiply(value, 1 - value))
        return size / (1 - between + between * np.where(np.isfinite(ratio), ratio, 1.0))


def _effective_size(value, variance, answers):
    """value (1 - value) / variance, shrunk towards ``answers`` if hardly any answer is wrong (or right).

    The reciprocal is a weighted mean of that of the estimate (weight: the wrong answers) and that of ``answers``
    (weight: ``WEIGHT``), so that one more wrong answer does not add precision. Never larger than the estimate.
    """
    wrong = answers * np.minimum(value, np.subtract(1.0, value))
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.divide(value * (1 - value), variance)
        drawn = (wrong + WEIGHT) / (wrong / size + WEIGHT / answers)
    return np.where(np.asarray(variance) == 0, answers, np.minimum(size, drawn))
