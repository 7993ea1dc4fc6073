"""Intraclass correlation ICC(A,1): two-way random effects, absolute agreement, one rater.

McGraw and Wong 1996, Psychological Methods 1:30, case 2A; Shrout and Fleiss 1979, Psychological Bulletin 86:420,
ICC(2,1). Ratings are treated as numbers. From the mean squares of cases, raters and the rest:

    (MS_cases - MS_rest) / (MS_cases + (k - 1) MS_rest + k / n (MS_raters - MS_rest))

``icc`` takes weights for a bootstrap over cases: thousands of samples in one call. ``icc_interval`` is pingouin's
estimate of the same, with McGraw and Wong's interval for normal ratings, where raters are a sample too.
"""

import warnings

import numpy as np
import pandas as pd


def complete_cases(ratings: np.ndarray) -> np.ndarray:
    """Which cases (columns) every rater rated: bool (cases,)."""
    return ~np.isnan(ratings).any(axis=0)


def icc(ratings: np.ndarray, weights=None) -> np.ndarray:
    """ICC(A,1) of ratings (raters, cases) on the cases that all raters rated; one value per sample: (samples,).

    ``weights`` (samples, cases): how often each case counts in each sample; None counts each case once. NaN with one
    rater, with fewer than two complete cases, and if every rating is the same.
    """
    weights = np.ones((1, ratings.shape[1])) if weights is None else np.asarray(weights, dtype="float64")
    whole = complete_cases(ratings)
    ratings, weights = ratings[:, whole], weights[:, whole]
    raters, cases = len(ratings), weights.sum(axis=1)
    if raters < 2 or ratings.shape[1] < 2:
        return np.full(len(weights), np.nan)
    ratings = ratings - ratings.mean()
    own = ratings.mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rater = weights @ ratings.T / cases[:, None]
        grand = rater.mean(axis=1)
        by_case = raters * (weights @ own**2 - cases * grand**2)
        by_rater = cases * ((rater - grand[:, None]) ** 2).sum(axis=1)
        total = weights @ (ratings**2).sum(axis=0) - raters * cases * grand**2
        rest = np.maximum(total - by_case - by_rater, 0.0) / ((cases - 1) * (raters - 1))
        by_case, by_rater = by_case / (cases - 1), by_rater / (raters - 1)
        scale = by_case + (raters - 1) * rest + raters / cases * (by_rater - rest)
        return np.where(scale > 1e-12, (by_case - rest) / scale, np.nan)


def icc_interval(ratings: np.ndarray) -> tuple[float, float, float]:
    """ICC(A,1) of ratings (raters, cases) on the cases that all raters rated, and its 95 % interval (low, high).

    NaN if ``icc`` is NaN or there are fewer than five ratings; the interval is NaN if raters differ only in level.
    """
    import pingouin  # imported here, as it loads matplotlib

    whole = ratings[:, complete_cases(ratings)]
    if np.isnan(icc(whole)[0]) or whole.size < 5:
        return (float("nan"),) * 3
    table = pd.DataFrame(whole).rename_axis("rater").reset_index().melt("rater", var_name="case", value_name="rating")
    pingouin.options["round.column.CI95"] = None  # otherwise two decimals
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # divisions by zero; their NaN are kept
        found = pingouin.intraclass_corr(table, targets="case", raters="rater", ratings="rating")
    line = found.set_index("Type").loc["ICC(A,1)"]
    return float(line["ICC"]), *map(float, line["CI95"])
