"""One-shot variance of mean areas under the ROC curve and of their difference, for any design, as a cross-check.

Gallas (2006, Academic Radiology 13:353; Gallas, Bandos, Samuelson and Wagner 2009, Communications in Statistics
38:2586). The mean area is the mean of s_rij, the outcome of reader r on present case i against absent case j. Its
variance is the square of the mean area minus an unbiased estimate of the square of the expected area, which is the mean
of s_rij s'_r'kl over pairs that share no reader and no case:

    Var = A^2 - M8 = c1 M1 + ... + c7 M7 - (1 - c8) M8

M1 to M8 are the moments of pairs that share (reader, present, absent) or not, and c their shares of all pairs. Readers
have equal weight, as do the cases that a reader read. Data need not be complete, nor readers or cases the same in two
treatments: what is not shared adds no covariance.
"""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from helpers.stats.crossed import t_interval, t_p_value
from helpers.stats.mrmc.covariance import Overlap, one_finding_each, overlap, rounded
from helpers.stats.mrmc.obuchowski_rockette import NUMBERS
from helpers.stats.mrmc.panel import Panel, panel
from helpers.stats.mrmc.structural import areas

SHARED = list(product((True, False), repeat=3))  # reader, present case, absent case
FEW = "not estimable: fewer than two readers, or a single present or absent case"
NEGATIVE = "not estimable: the unbiased variance is not positive; take Obuchowski and Rockette's"


@dataclass(frozen=True)
class OneShot:
    """Tables: ``areas`` (treatment, value, standard_error, degrees_of_freedom, low, high, readers, note),
    ``differences`` (first, second, the same numbers, p_value, note) and ``moments`` (first, second, shares_reader,
    shares_present, shares_absent, moment, share)."""

    areas: pd.DataFrame
    differences: pd.DataFrame
    moments: pd.DataFrame


@dataclass(frozen=True)
class _Pairs:
    """Sums of outcome products of two treatments over pairs of pairs: ``sums`` and ``shares`` (8,), as ``SHARED``."""

    sums: np.ndarray
    shares: np.ndarray
    covariance: float


def one_shot(rows: pd.DataFrame) -> OneShot:
    """Mean areas of sources and their differences, readers and cases random, with the one-shot variance.

    ``rows`` as in ``obuchowski_rockette``; any reading may be missing, and readers may differ between treatments: a
    reader counts for a treatment if they have an area on it. Degrees of freedom are Hillis' (2007), with the smaller
    number of readers of the two. If the variance is negative, or cannot be estimated, there is no interval and the note
    says so. Raises StatisticsError for a case rated for several findings and as ``panel`` does.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "case": list("1234") * 2, "source": "film", "finding": "mass",
    ...                      "truth": [0, 0, 1, 1] * 2, "rating": [1, 2, 2, 3, 1, 3, 2, 4]})
    >>> found = one_shot(rows)
    >>> found.areas[["value", "standard_error"]].values.tolist()  # sqrt(0.8125^2 - M8)
    [[0.8125, 0.1875]]
    >>> float(found.moments.at[7, "moment"])  # M8: other reader, other cases
    0.625
    """
    whole = panel(rows, "source")
    one_finding_each(whole)
    able = whole.able()
    value = areas(whole)[0]
    names = whole.treatments
    pairs = {
        (a, b): _pairs(whole, a, b, able)
        for a in range(len(names))
        for b in range(a, len(names))
        if able[a].any() and able[b].any()
    }
    means = [value[t, able[t]].mean() if able[t].any() else np.nan for t in range(len(names))]
    single, double = [], []
    for t, name in enumerate(names):
        variance = pairs[t, t].covariance if (t, t) in pairs else np.nan
        between = _between(value[[t]], able[[t]])
        numbers, note = _line(means[t], variance, between, int(able[t].sum()), (0.0, 1.0))
        single.append((name, *numbers, int(able[t].sum()), note))
    for a, b in combinations(range(len(names)), 2):
        readers = int(able[[a, b]].sum(axis=1).min())
        parts = [pairs[key].covariance if key in pairs else np.nan for key in ((a, a), (b, b), (a, b))]
        variance = parts[0] + parts[1] - 2.0 * parts[2]
        between = _between(value[[a, b]], able[[a, b]])
        numbers, note = _line(means[a] - means[b], variance, between, readers, (-1.0, 1.0))
        p_value = float(t_p_value(numbers[0], numbers[1] ** 2, numbers[2]))
        double.append((names[a], names[b], *numbers, p_value, note))
    return OneShot(
        pd.DataFrame(single, columns=["treatment", *NUMBERS, "readers", "note"]),
        pd.DataFrame(double, columns=["first", "second", *NUMBERS, "p_value", "note"]),
        _moments(pairs, names),
    )


def _pairs(whole: Panel, first: int, second: int, able: np.ndarray) -> _Pairs:
    """Sums over readers of the products of two treatments, mean over findings, keeping pairs of one reader apart."""
    weight = np.outer(able[first] / able[first].sum(), able[second] / able[second].sum())
    same = np.eye(len(weight), dtype=bool)
    findings = [whole.findings_of(t) for t in (first, second)]
    sums, shares, expected = np.zeros(8), np.zeros(8), 0.0
    per_finding = 1.0 / (len(findings[0]) * len(findings[1]))
    for f in findings[0]:
        for g in findings[1]:
            kinds = _split(overlap(whole, (first, f), (second, g)))
            both = [[(weight * m)[reader].sum() for reader in (same, ~same) for m in kind] for kind in kinds]
            sums += per_finding * np.array(both[0])
            shares += per_finding * np.array(both[1])
            with np.errstate(invalid="ignore", divide="ignore"):
                expected += per_finding * both[0][7] / np.float64(both[1][7])
    return _Pairs(sums, shares, float(rounded(sums.sum() - expected)))


def _split(pairs: Overlap) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Sums and shares (R, R) of pairs that share both cases, only the present one, only the absent one, or neither."""
    both, p, a = pairs.same_both, pairs.share_present, pairs.share_absent
    sums = [both, pairs.same_present - both, pairs.same_absent - both, pairs.apart]
    return sums, [p * a, p * (1 - a), (1 - p) * a, pairs.share_apart]


def _between(value: np.ndarray, able: np.ndarray) -> float:
    """Variance of the mean of one treatment or the difference of two, due to readers' areas (T, R) alone."""
    counts = able.sum(axis=1)
    if counts.min() < 2:
        return np.nan
    if len(value) == 1 or able.all(axis=0).sum() == counts.max():
        own = value[0] - (value[1] if len(value) == 2 else 0.0)
        own = own[able.all(axis=0)]
        return float(own.var(ddof=1) / len(own))
    return float(sum(v[ok].var(ddof=1) / ok.sum() for v, ok in zip(value, able, strict=True)))


def _line(value, variance, between, readers: int, limits: tuple[float, float]) -> tuple[tuple, str]:
    """Value, standard error, degrees of freedom, low and high; and the note."""
    if not variance > 0:
        note = FEW if np.isnan(variance) else NEGATIVE
        return (float(value), np.nan, np.nan, np.nan, np.nan), note
    degrees = variance**2 / (between**2 / (readers - 1)) if between > 0 else np.inf
    bounds = np.clip(t_interval(value, variance, degrees), *limits)
    return tuple(map(float, (value, np.sqrt(variance), degrees, *bounds))), ""


def _moments(pairs: dict, names: tuple[str, ...]) -> pd.DataFrame:
    lines = []
    for (a, b), result in pairs.items():
        for shared, total, share in zip(SHARED, result.sums, result.shares, strict=True):
            lines.append((names[a], names[b], *shared, total / share if share > 0 else np.nan, share))
    columns = ["first", "second", "shares_reader", "shares_present", "shares_absent", "moment", "share"]
    return pd.DataFrame(lines, columns=columns)
