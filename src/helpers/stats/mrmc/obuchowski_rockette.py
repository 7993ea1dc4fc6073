"""Analysis of variance of areas under the ROC curve: many readers, many cases, two or more treatments.

Obuchowski and Rockette (1995, Communications in Statistics 24:285) with the bounds and degrees of freedom of Hillis
(2007, Statistics in Medicine 26:596) and the marginal-mean form of Hillis (2014, Statistics in Medicine 33:330), which
covers cases nested in treatments: Cov1 and Cov3 are then zero, as no case is shared. With t treatments and r readers:

    readers like these   F = MS(T) / (MS(TR) + r max(Cov2 - Cov3, 0))
                         df2 = (that denominator)^2 / (MS(TR)^2 / ((t - 1)(r - 1)))
    these readers        F = MS(T) / (Var(Err) - Cov1 + (r - 1) max(Cov2 - Cov3, 0)), df2 = infinity
    these cases          F = MS(T) / MS(TR), df2 = (t - 1)(r - 1)

The first treats readers and cases as random, the second only cases, the third only readers.
Cov1: same reader, different treatment; Cov2: different reader, same treatment; Cov3: both different.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import fdtrc, gammaincc

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, t_interval, t_p_value
from helpers.stats.mrmc.estimates import Estimates, area_estimates
from helpers.stats.mrmc.mean_squares import THESE_CASES, MeanSquares, hillis_degrees

CONCLUSIONS = (LIKE, THESE, THESE_CASES)
OWN, POOLED = "own", "pooled"
NUMBERS = ["value", "standard_error", "degrees_of_freedom", "low", "high"]
STILL = "not estimable: the areas do not vary (all ratings alike, fully separated, or readers whose areas move alike)"


@dataclass(frozen=True)
class ObuchowskiRockette:
    """Tables of one analysis.

    ``test`` (one row): conclusion, F, df1, df2, p_value, readers, cases, note. ``areas``: treatment, then value,
    standard_error, degrees_of_freedom, low, high, readers, note. ``differences`` of every pair: first, second, the same
    numbers and p_value. ``components``: component, value. ``by_reader``: treatment, reader, value.
    """

    test: pd.DataFrame
    areas: pd.DataFrame
    differences: pd.DataFrame
    components: pd.DataFrame
    by_reader: pd.DataFrame


def obuchowski_rockette(
    rows: pd.DataFrame,
    treatment: str = "source",
    covariance: str = "delong",
    conclusion: str = LIKE,
    error: str = OWN,
) -> ObuchowskiRockette:
    """Test whether treatments differ in the area under the ROC curve; areas, differences and variance components.

    ``rows``: reader, case, finding, truth (1, 0), rating and the column ``treatment``, one row for each reading. The
    area of a treatment is the mean over its findings and readers. Readers may miss some cases; those without an area on
    every treatment are left out and counted in the note. Cases with the same name are one case; treatments may share
    all cases, some, or none. ``covariance``: "delong", "jackknife" or "unbiased"; the rest as in ``analyse``. Raises
    StatisticsError for fewer than two treatments, for an unknown estimator or conclusion, if no reader can be used, and
    for rows that ``panel`` rejects.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb") * 2, "case": list("1234") * 4, "finding": "mass",
    ...                      "source": ["film"] * 8 + ["screen"] * 8, "truth": [0, 0, 1, 1] * 4,
    ...                      "rating": [1, 2, 2, 3, 1, 3, 2, 4] + [1, 2, 3, 3, 1, 2, 2, 2]})
    >>> found = obuchowski_rockette(rows)
    >>> found.by_reader["value"].tolist(), found.differences["value"].tolist()
    ([0.875, 0.75, 1.0, 0.75], [-0.0625])
    """
    estimates = area_estimates(rows, treatment, covariance)
    if len(estimates.treatments) < 2:
        raise StatisticsError(f"column {treatment!r} has one value, {estimates.treatments[0]!r}: nothing to compare")
    return analyse(estimates, conclusion, error)


def analyse(estimates: Estimates, conclusion: str = LIKE, error: str = OWN) -> ObuchowskiRockette:
    """Analyse any figure of merit of two or more treatments.

    ``conclusion``: "readers like these", "these readers" or "these cases". The F test pools all treatments. A treatment
    mean is estimated from its own treatment; a difference from its own two treatments (``error`` "own", so that
    treatments may have unequal numbers of cases) or with the mean square of all of them ("pooled", as published).
    Intervals are Student's (normal for these readers), kept within the possible values. Raises StatisticsError for an
    unknown conclusion or error.

    >>> areas = [[.91965, .85878, .90386, .97311, .82979], [.94783, .90531, .92174, .99936, .92995]]  # Van Dyke's
    >>> treatment, reader = np.eye(2)[:, None, :, None], np.eye(5)[:, None, :]  # 1 where it is the same one
    >>> error = .00023903 + .00010504 * treatment + .00010758 * reader + .00035064 * treatment * reader
    >>> van_dyke = Estimates(("cine", "spin echo"), tuple("12345"), np.array(areas), error, 114, (114, 114))
    >>> analyse(van_dyke).test[["F", "df2", "p_value"]].values.round(4).tolist()  # published: 4.46, 15.26, .0517
    [[4.4567, 15.2605, 0.0517]]
    """
    _check(conclusion, error)
    fit = MeanSquares(estimates.values, estimates.covariance)
    names = [(t, r) for t in estimates.treatments for r in estimates.readers]
    return ObuchowskiRockette(
        _test(fit, estimates, conclusion),
        treatment_means(estimates, conclusion),
        _differences(fit, estimates, conclusion, error == POOLED),
        fit.components(),
        pd.DataFrame(names, columns=["treatment", "reader"]).assign(value=estimates.values.ravel()),
    )


def differences(estimates: Estimates, conclusion: str = LIKE, error: str = OWN) -> pd.DataFrame:
    """The table ``differences`` of ``analyse``, without the others."""
    _check(conclusion, error)
    fit = MeanSquares(estimates.values, estimates.covariance)
    return _differences(fit, estimates, conclusion, error == POOLED)


def _check(conclusion: str, error: str) -> None:
    if conclusion not in CONCLUSIONS:
        raise StatisticsError(f"conclusion = {conclusion!r}: choose one of {', '.join(CONCLUSIONS)}")
    if error not in (OWN, POOLED):
        raise StatisticsError(f"error = {error!r}: choose one of {OWN}, {POOLED}")


def _test(fit: MeanSquares, used: Estimates, conclusion: str) -> pd.DataFrame:
    denominator, df2 = fit.denominator(conclusion)
    df1 = fit.size[0] - 1
    statistic = fit.mean_square_treatment / denominator if denominator > 0 else np.nan
    p_value = gammaincc(df1 / 2, df1 * statistic / 2) if np.isinf(df2) else fdtrc(df1, df2, statistic)
    note = "; ".join(filter(None, [used.note, _why(denominator, fit.size[1], conclusion)]))
    line = (conclusion, statistic, df1, df2, float(p_value), fit.size[1], used.cases, note)
    return pd.DataFrame([line], columns=["conclusion", "F", "df1", "df2", "p_value", "readers", "cases", "note"])


def treatment_means(used: Estimates, conclusion: str, confidence: float = 0.95) -> pd.DataFrame:
    """Mean over readers of each treatment, from this treatment alone: treatment, numbers, readers, note."""
    readers, lines = len(used.readers), []
    for t, name in enumerate(used.treatments):
        own = MeanSquares(used.values[[t]], used.covariance[[t]][:, :, [t]])
        between, shared = own.mean_square_reader, own.mean_covariance(True, False)
        if conclusion == THESE:
            variance, degrees = (own.error + (readers - 1) * max(shared, 0.0)) / readers, np.inf
        elif conclusion == THESE_CASES:
            variance, degrees = between / readers, readers - 1.0
        else:
            total, degrees = hillis_degrees(between, readers * shared, readers - 1.0)
            variance = total / readers
        value = used.values[t].mean()
        note = "; ".join(filter(None, [used.note, _why(variance, readers, conclusion)]))
        lines.append((name, *_line(value, variance, degrees, used.limits, confidence), readers, note))
    return pd.DataFrame(lines, columns=["treatment", *NUMBERS, "readers", "note"])


def _differences(fit: MeanSquares, used: Estimates, conclusion: str, pooled: bool) -> pd.DataFrame:
    readers, lines = fit.size[1], []
    width = used.limits[1] - used.limits[0]
    for pair in combinations(range(fit.size[0]), 2):
        two = MeanSquares(fit.areas[list(pair)], fit.covariance[list(pair)][:, :, list(pair)])
        mean_square, degrees = (fit if pooled else two).denominator(conclusion)
        variance = 2.0 * mean_square / readers
        value = two.areas[0].mean() - two.areas[1].mean()
        note = "; ".join(filter(None, [used.note, _why(variance, readers, conclusion)]))
        numbers = _line(value, variance, degrees, (-width, width))
        p_value = float(t_p_value(value, variance, degrees))
        lines.append((*(used.treatments[i] for i in pair), *numbers, p_value, readers, note))
    return pd.DataFrame(lines, columns=["first", "second", *NUMBERS, "p_value", "readers", "note"])


def _line(value, variance, degrees, limits: tuple[float, float], confidence: float = 0.95) -> tuple:
    low, high = t_interval(value, variance, degrees, confidence) if variance > 0 else (np.nan, np.nan)
    return float(value), float(np.sqrt(variance)), degrees, *map(float, np.clip((low, high), *limits))


def _why(variance: float, readers: int, conclusion: str) -> str:
    """Why there is no interval; empty if there is one."""
    if readers < 2 and conclusion != THESE:
        return "not estimable: one reader"
    if np.isnan(variance):
        return "not estimable: a single present or absent case"
    return "" if variance > 0 else STILL
