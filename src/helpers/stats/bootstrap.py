"""Bootstrap over cases, all ratings of a case together; intervals are corrected for bias, skewness and sample size.

BCa interval, Efron 1987, Journal of the American Statistical Association 82:171, with the tails widened to Student's t
and n / (n - 1) as in Hesterberg 2015, The American Statistician 69:371 (expanded percentiles): plain percentile
intervals from 24 cases miss the true value in up to 14 % of studies instead of 5 %.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from helpers.stats.crossed import t_quantile

LEFT_OUT = 200  # at most this many parts are left out in turn to estimate the skewness


def case_samples(cases, seed: int, resamples: int) -> np.ndarray:
    """Counts of each rating: (1 + resamples + parts, ratings), float64; ``cases`` (ratings,) names their cases.

    Row 0 is the original ratings; then come the bootstrap samples; then all ratings but those of one part of the cases
    (one case each, up to 200 parts). The same seed and cases give the same samples.
    """
    code, names = pd.factorize(np.asarray(cases), sort=True)
    count = len(names)
    drawn = np.random.default_rng([seed, 10]).multinomial(count, np.full(count, 1 / count), resamples)
    parts = np.arange(count) % min(count, LEFT_OUT)
    left_out = np.arange(parts.max() + 1)[:, None] != parts
    return np.vstack([np.ones(count), drawn, left_out])[:, code]


def interval(values: np.ndarray, resamples: int, cases: int) -> tuple[float, float]:
    """Interval (low, high) of an estimate from its values on ``case_samples``; NaN with fewer than two cases.

    Samples on which the estimate has no value (NaN) are left out.
    """
    value, drawn, left_out = values[0], values[1 : 1 + resamples], values[1 + resamples :]
    drawn, left_out = drawn[~np.isnan(drawn)], left_out[~np.isnan(left_out)]
    if np.isnan(value) or cases < 2 or not len(drawn):
        return float("nan"), float("nan")
    below = (drawn < value).sum() + 0.5 * (drawn == value).sum()
    bias = ndtri((below + 0.5) / (len(drawn) + 1))
    moves = left_out.mean() - left_out if len(left_out) else np.zeros(1)
    spread = (moves**2).sum()
    skewness = (moves**3).sum() / (6.0 * spread**1.5) if spread > 0 else 0.0
    quantile = t_quantile(cases - 1) * np.sqrt(cases / (cases - 1.0))
    # Far out in the tail the correction has a pole; there the most extreme drawn value is used.
    ends = [bias + tail / max(1.0 - skewness * tail, 1e-9) for tail in (bias - quantile, bias + quantile)]
    return tuple(float(end) for end in np.quantile(drawn, ndtr(ends)))
