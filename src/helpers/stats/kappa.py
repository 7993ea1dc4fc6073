"""Chance-corrected agreement of raters on a scale of categories: (observed - chance) / (1 - chance).

Each coefficient takes ratings (raters, cases), NaN where a case is not rated, and weights (samples, cases), how often
each case counts in each sample; None counts each case once. It gives one value per sample, float64 (samples,), NaN
where it is undefined. One call thus gives an estimate together with its bootstrap over cases.

- ``cohen_kappa``: Cohen 1960, Educational and Psychological Measurement 20:37; weighted, Cohen 1968, Psychological
  Bulletin 70:213; for more than two raters, the mean over pairs, Light 1971, Psychological Bulletin 76:365.
- ``fleiss_kappa``: Fleiss 1971, Psychological Bulletin 76:378.
- ``gwet_ac``: AC1, Gwet 2008, British Journal of Mathematical and Statistical Psychology 61:29; AC2, its weighted
  form, Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, with missing ratings.
- ``ordinal_alpha``: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, ordinal data.
"""

from itertools import combinations

import numpy as np
from scipy.special import ndtr

from helpers.errors import StatisticsError
from helpers.tables import RATINGS

UNWEIGHTED, LINEAR, QUADRATIC = "unweighted", "linear", "quadratic"
_POWERS = {UNWEIGHTED: 0, LINEAR: 1, QUADRATIC: 2}


def disagreement(scheme: str, size: int) -> np.ndarray:
    """Disagreement of two categories, whole numbers (size, size): 1, their distance, or its square; 0 on the diagonal.

    ``scheme``: "unweighted", "linear" or "quadratic". The weight is 1 minus this divided by its largest entry.
    """
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return np.where(distance > 0, distance ** _POWERS[scheme], 0).astype("float64")


def _agreement(scheme: str, size: int) -> np.ndarray:
    """The weight of two categories (size, size): 1 where they are the same, 0 where they are furthest apart."""
    penalty = disagreement(scheme, size)
    return 1.0 - penalty / max(penalty.max(), 1.0)


def cohen_kappa(ratings: np.ndarray, weights=None, scheme: str = QUADRATIC, categories=RATINGS) -> np.ndarray:
    """Cohen's kappa, the mean over pairs of raters, each pair on the cases that both rated: (samples,).

    Pairs with fewer than two common cases, or who gave all of them the same rating, are left out of the mean.
    """
    penalty, values = disagreement(scheme, len(categories)), []
    for first, second in combinations(range(len(ratings)), 2):
        table = _cross_table(ratings[[first, second]], _weights(ratings, weights), categories)
        if table[0].sum() < 2:
            continue
        observed, chance = _penalties(table, penalty)
        with np.errstate(invalid="ignore", divide="ignore"):
            values.append(np.where(chance > 0, 1.0 - observed / chance, np.nan))
    return _mean_of_known(values, len(_weights(ratings, weights)))


def cohen_test(ratings: np.ndarray, scheme: str = QUADRATIC, categories=RATINGS) -> tuple[float, float, float]:
    """Kappa of two raters (2, cases), z and two-sided p value against chance, for independent cases.

    Variance under chance of Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72:323, equation 9, which the R
    package irr uses. NaN where kappa is not defined.
    """
    table = _cross_table(ratings, _weights(ratings, None), categories)[0]
    agreement, cases = _agreement(scheme, len(categories)), table.sum()
    value = cohen_kappa(ratings, None, scheme, categories)[0]
    if np.isnan(value):
        return (float("nan"),) * 3
    rows, columns = table.sum(axis=1) / cases, table.sum(axis=0) / cases
    chance = np.outer(rows, columns)
    expected = (chance * agreement).sum()
    margins = np.add.outer(agreement @ columns, rows @ agreement)
    variance = ((chance * (agreement - margins) ** 2).sum() - expected**2) / (cases * (1.0 - expected) ** 2)
    return _z_test(value, variance)


def fleiss_kappa(ratings: np.ndarray, weights=None, categories=RATINGS) -> np.ndarray:
    """Fleiss' kappa, unweighted, of any number of raters: (samples,). Needs a case with two ratings.

    Missing ratings as in Gwet 2014: observed agreement from cases with two ratings or more, chance from all.
    """
    observed, shares = _observed_and_shares(
        ratings, weights, 1.0 - disagreement(UNWEIGHTED, len(categories)), categories
    )
    return _corrected(observed, (shares**2).sum(axis=1))


def fleiss_test(ratings: np.ndarray, categories=RATINGS) -> tuple[float, float, float]:
    """Fleiss' kappa of the cases that all raters rated, z and two-sided p value against chance, for independent cases.

    Variance under chance of Fleiss, Nee and Landis 1979, Psychological Bulletin 86:974, which the R package irr uses.
    """
    whole = ratings[:, ~np.isnan(ratings).any(axis=0)]
    raters, cases = whole.shape
    if raters < 2 or cases < 2:
        return (float("nan"),) * 3
    share = category_counts(whole, categories).sum(axis=0) / whole.size
    spread, skew = (share * (1 - share)).sum(), (share * (1 - share) * (1 - 2 * share)).sum()
    value = fleiss_kappa(whole, None, categories)[0]
    if np.isnan(value):
        return (float("nan"),) * 3
    return _z_test(value, 2.0 * (spread**2 - skew) / (spread**2 * cases * raters * (raters - 1)))


def gwet_ac(ratings: np.ndarray, weights=None, scheme: str = QUADRATIC, categories=RATINGS) -> np.ndarray:
    """Gwet's AC1 (``scheme`` "unweighted") or AC2 ("linear", "quadratic"): (samples,). Needs a case with two ratings.

    Chance is sum(w) / (q (q - 1)) x sum of p (1 - p) over the q categories of the scale, used or not. It is defined,
    and equals 1, if every rating is the same.
    """
    size = len(categories)
    agreement = _agreement(scheme, size)
    observed, shares = _observed_and_shares(ratings, weights, agreement, categories)
    chance = agreement.sum() / max(size * (size - 1), 1) * (shares * (1.0 - shares)).sum(axis=1)
    return _corrected(observed, chance)


def ordinal_alpha(ratings: np.ndarray, weights=None, categories=RATINGS) -> np.ndarray:
    """Krippendorff's alpha for ordinal ratings: (samples,). Cases with a single rating do not count."""
    counts, weights = category_counts(ratings, categories), _weights(ratings, weights)
    raters = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(categories))
    pairs = np.where(raters[:, None, None] > 1, pairs / np.maximum(raters - 1, 1)[:, None, None], 0.0)
    coincidences = (weights @ pairs.reshape(len(raters), len(categories) ** 2)).reshape(-1, *pairs.shape[1:])
    totals = coincidences.sum(axis=2)
    middle = totals.cumsum(axis=1) - totals / 2  # an ordinal distance counts the ratings that lie between
    penalty = (middle[:, :, None] - middle[:, None, :]) ** 2
    observed = (coincidences * penalty).sum(axis=(1, 2))
    chance = (totals[:, :, None] * totals[:, None, :] * penalty).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance > 0, 1.0 - (totals.sum(axis=1) - 1.0) * observed / chance, np.nan)


def same_answer(ratings: np.ndarray, weights=None) -> np.ndarray:
    """Share of cases on which two raters (2, cases) gave the same rating: (samples,)."""
    same = (ratings[0] == ratings[1]).astype("float64")
    weights = _weights(ratings, weights)
    with np.errstate(invalid="ignore"):
        return weights @ same / weights.sum(axis=1)


def category_counts(ratings: np.ndarray, categories=RATINGS) -> np.ndarray:
    """How many raters chose each category: (cases, categories). StatisticsError for a rating off the scale."""
    counts = (ratings[:, :, None] == np.asarray(categories, dtype="float64")).sum(axis=0)
    if counts.sum() < (~np.isnan(ratings)).sum():
        strange = sorted(set(ratings[~np.isnan(ratings)]) - set(categories))[0]
        raise StatisticsError(f"rating {strange:g} is not on the scale {tuple(categories)}; correct the readings")
    return counts.astype("float64")


def _weights(ratings: np.ndarray, weights) -> np.ndarray:
    return np.ones((1, ratings.shape[1])) if weights is None else np.asarray(weights, dtype="float64")


def _cross_table(pair: np.ndarray, weights: np.ndarray, categories) -> np.ndarray:
    """Counts of cases by the categories that two raters chose: (samples, categories of the first, of the second)."""
    scale = np.asarray(categories, dtype="float64")
    first, second = ((rating[:, None] == scale).astype("float64") for rating in pair)
    cells = first[:, :, None] * second[:, None, :]
    return (weights @ cells.reshape(len(cells), len(scale) ** 2)).reshape(-1, *cells.shape[1:])


def _penalties(table: np.ndarray, penalty: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Observed sum of disagreement, and the sum expected from the margins: whole numbers, so zero is exact."""
    observed = (table * penalty).sum(axis=(1, 2)) * table.sum(axis=(1, 2))
    margins = table.sum(axis=2)[:, :, None] * table.sum(axis=1)[:, None, :]
    return observed, (margins * penalty).sum(axis=(1, 2))


def _observed_and_shares(ratings: np.ndarray, weights, agreement: np.ndarray, categories):
    """Observed agreement (samples,) and the share of each category (samples, categories)."""
    counts, weights = category_counts(ratings, categories), _weights(ratings, weights)
    raters = counts.sum(axis=1)
    rated, paired = raters > 0, raters > 1
    pairs = (counts * (counts @ agreement - 1.0)).sum(axis=1)[paired] / (raters * (raters - 1.0))[paired]
    shares = counts[rated] / raters[rated, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = weights[:, paired] @ pairs / weights[:, paired].sum(axis=1)
        return observed, weights[:, rated] @ shares / weights[:, rated].sum(axis=1)[:, None]


def _corrected(observed: np.ndarray, chance: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance < 1.0, (observed - chance) / (1.0 - chance), np.nan)


def _mean_of_known(values: list[np.ndarray], samples: int) -> np.ndarray:
    known = np.array(values).reshape(len(values), samples)
    count = (~np.isnan(known)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nansum(known, axis=0) / np.where(count > 0, count, np.nan)


def _z_test(value: float, variance: float) -> tuple[float, float, float]:
    z = value / np.sqrt(variance) if variance > 0 else float("nan")
    return float(value), float(z), float(2.0 * ndtr(-abs(z)))
