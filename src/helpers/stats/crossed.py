"""Mean of an accuracy over readers who see the same cases: one variance, two conclusions.

Every analysis here reduces to one number per reader (an accuracy, a mean log time, a slope, a difference of
sources) and to how much each case moves that number (its influence). With readers r = 1..R and cases c:

    estimate            t = mean over r of t_r
    these readers       V = sum over c of (mean over r of i_rc)^2                  cases random, readers fixed
    readers like these  V = max(S^2 / R + max(O, 0), V of these readers)          readers and cases random

where S^2 is the variance of t_r between readers and O the mean over pairs of readers of sum_c i_rc i_r'c, the
covariance due to shared cases. For complete data these are the two-way random-effects moment estimators
(MS_reader + max(MS_case - MS_residual, 0)) / (R C), and Obuchowski and Rockette's variance with Hillis' bound.
Degrees of freedom are Satterthwaite's over the three mean squares, at least the smaller of R - 1 and those of the
cases; where the bound is reached they are R - 1 (Hillis 2007, Statistics in Medicine 26:596, whose degrees of freedom
omit the smaller terms of the cases and are then the same). If readers differ less than by chance, their own component
is negative and is taken as zero: both conclusions are then the same (the second is never narrower than the first),
except for the degrees of freedom of two readers, who cannot show that they are alike.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

THESE, LIKE = "these readers", "readers like these"
ROUNDING = 1e-9  # relative; a component this small is zero
ROUNDED_SCORE = 4e-15  # relative to a score; a standard error this small is rounding


@dataclass(frozen=True)
class Influence:
    """Per reader: ``value`` (..., R); ``cases`` (..., R, C), the influence of each case, zero where not read;
    ``stratum`` (C,) int, the group within which cases were sampled (their source)."""

    value: np.ndarray
    cases: np.ndarray
    stratum: np.ndarray

    def __sub__(self, other: "Influence") -> "Influence":
        """Difference for the same readers on different cases (columns are placed side by side)."""
        return Influence(
            self.value - other.value,
            np.concatenate([self.cases, -other.cases], axis=-1),
            np.concatenate([self.stratum, other.stratum + self.stratum.max(initial=0) + 1]),
        )

    def minus(self, other: "Influence") -> "Influence":
        """Difference for the same readers with cases in the same columns: a case affects both at once."""
        return Influence(self.value - other.value, self.cases - other.cases, self.stratum)


@dataclass(frozen=True)
class Spread:
    """Estimate with variance and degrees of freedom for both conclusions; arrays (...); NaN if not estimable."""

    value: np.ndarray
    these_variance: np.ndarray
    these_degrees: np.ndarray
    like_variance: np.ndarray
    like_degrees: np.ndarray

    def of(self, conclusion: str) -> tuple[np.ndarray, np.ndarray]:
        """Variance and degrees of freedom of a conclusion."""
        if conclusion == THESE:
            return self.these_variance, self.these_degrees
        return self.like_variance, self.like_degrees

    def between(self, conclusion: str) -> np.ndarray:
        """Share (0..1) of a conclusion's variance due to differences between readers; 0 for these readers."""
        if conclusion == THESE:
            return np.zeros_like(self.these_variance)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = 1.0 - self.these_variance / self.like_variance
        return np.where(self.like_variance > self.these_variance, share, 0.0)


def complete_influence(scores: np.ndarray) -> Influence:
    """Influence on each reader's mean of complete scores (..., R, C), with the n - 1 correction."""
    value = scores.mean(axis=-1)
    count = scores.shape[-1]
    scale = np.sqrt(count / (count - 1)) / count if count > 1 else np.nan
    return Influence(value, (scores - value[..., None]) * scale, np.zeros(count, dtype=int))


def mean_influence(rows: pd.DataFrame, score: np.ndarray, readers: list[str]) -> Influence:
    """Influence on each reader's mean of ``score`` (n,), NaN left out; columns are the cases of ``rows``, sorted.

    Cells may be missing. Readers without any score have value NaN. Several rows of one case (two findings of one
    image, say) move together.
    """
    score = np.asarray(score, dtype="float64")
    reader = pd.Categorical(rows["reader"], categories=readers).codes
    case = pd.factorize(rows["case"], sort=True)[0]
    shape = (len(readers), case.max(initial=-1) + 1)
    kept = ~np.isnan(score)
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, (reader[kept], case[kept]), score[kept])
    np.add.at(count, (reader[kept], case[kept]), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        readings, cases = count.sum(axis=1), (count > 0).sum(axis=1)
        value = total.sum(axis=1) / readings
        influence = (total - count * value[:, None]) / readings[:, None]
        influence *= np.sqrt(cases / (cases - 1.0))[:, None]  # no variance from a single case: infinite x 0 = NaN
    return Influence(value, influence, np.zeros(shape[1], dtype=int))


def aligned(parts: list[Influence], cases: list[np.ndarray]) -> list[Influence]:
    """Influences with the same columns, one for each case in any part; ``cases`` names the columns of each, sorted.

    Cases found in the same parts form one group; a group of a single case joins the largest group.
    """
    names = np.unique(np.concatenate(cases))
    places = [np.searchsorted(names, own) for own in cases]
    shown = np.zeros((len(parts), len(names)), dtype=int)
    for part, place in enumerate(places):
        shown[part, place] = 1
    group = np.unique(shown, axis=1, return_inverse=True)[1].ravel()
    size = np.bincount(group)
    group = np.where(size[group] == 1, np.argmax(size), group)
    found = []
    for part, place in zip(parts, places, strict=True):
        columns = np.zeros((len(part.value), len(names)))
        columns[:, place] = part.cases
        found.append(Influence(part.value, columns, group))
    return found


def spread(influence: Influence) -> Spread:
    """Both variances of the mean over readers, with degrees of freedom; arrays of the leading shape."""
    value, cases = influence.value, influence.cases
    readers = value.shape[-1]
    by_stratum = np.stack(
        [(cases[..., influence.stratum == s].mean(axis=-2) ** 2).sum(axis=-1) for s in np.unique(influence.stratum)]
    )
    sizes = np.bincount(influence.stratum)
    sizes = sizes[sizes > 0].reshape(-1, *[1] * (by_stratum.ndim - 1))
    these = by_stratum.sum(axis=0)
    nothing = (ROUNDED_SCORE * np.maximum(np.abs(value).max(axis=-1), 1.0)) ** 2
    these = np.where(these <= nothing, 0.0, these)
    own = (cases**2).sum(axis=-1).mean(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        these_degrees = these**2 / (by_stratum**2 / (sizes - 1.0)).sum(axis=0)
        these_degrees = np.where(these == 0, sizes.sum(axis=0) - len(sizes), these_degrees)
        if readers < 2:
            unknown = np.full_like(these, np.nan)
            return Spread(value.mean(axis=-1), these, these_degrees, unknown, unknown)
        shared = (readers * these - own) / (readers - 1)
        between = value.var(axis=-1, ddof=1) / readers
        between = np.where(between <= nothing, 0.0, between)
        residual = (own - shared) / readers
        like = between + np.maximum(shared, 0.0)
        parts = between**2 / (readers - 1)
        parts = parts + (these**2 + residual**2 / (readers - 1)) / these_degrees * (shared > ROUNDING * own)
        fewest = np.minimum(readers - 1.0, these_degrees)  # a difference of mean squares would fall below it
        like_degrees = np.where(parts > 0, np.maximum(like**2 / parts, fewest), fewest)
        alike = like <= these * (1 + ROUNDING)  # the readers' own component is zero or negative: it is taken as zero
        bound = _degrees_of_two(these, residual, these_degrees) if readers == 2 else these_degrees
        like, like_degrees = np.where(alike, these, like), np.where(alike, bound, like_degrees)
    return Spread(value.mean(axis=-1), these, these_degrees, like, like_degrees)


def _degrees_of_two(these, residual, these_degrees):
    """Degrees of freedom of two readers who differ no more than by chance, for readers like these.

    The mean square of two readers has one degree of freedom: it is often small even if readers differ widely. If it is
    used as it is, or left out, intervals contain the true value 87 % of the time. So its size by chance is used.
    """
    parts = residual**2 + (these**2 + residual**2) / these_degrees
    found = np.where(parts > 0, these**2 / parts, these_degrees)
    return np.where(these > 0, np.maximum(found, np.minimum(1.0, these_degrees)), these_degrees)


def independent(first: Influence, second: Influence, spreads: tuple[Spread, Spread]) -> Spread:
    """Difference of the means of two groups of different readers: variances add up, minus what shared cases contribute.

    ``spreads`` are those of the two, whose cases are in the same columns. Degrees of freedom are Welch's.
    """
    shared = (first.cases.mean(axis=-2) * second.cases.mean(axis=-2)).sum(axis=-1)
    these, these_degrees = _welch(*(s.of(THESE) for s in spreads))
    like, like_degrees = _welch(*(s.of(LIKE) for s in spreads))
    these = np.maximum(these - 2.0 * shared, 0.0)
    like = np.maximum(like - 2.0 * np.maximum(shared, 0.0), these)
    return Spread(spreads[0].value - spreads[1].value, these, these_degrees, like, like_degrees)


def _welch(first: tuple, second: tuple) -> tuple:
    """Sum of two variances and its Satterthwaite degrees of freedom."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total = first[0] + second[0]
        degrees = total**2 / (first[0] ** 2 / first[1] + second[0] ** 2 / second[1])
    return total, np.where(total == 0, np.minimum(first[1], second[1]), degrees)


def components(influence: Influence) -> dict[str, float]:
    """Moment estimates of the variance components of one reading's score: reader, case, rest; may be negative.

    The rest is reader x case plus error: with one reading of each case they cannot be separated.
    """
    readers, count = influence.cases.shape
    own = (influence.cases**2).sum(axis=-1).mean()
    shared = (readers * (influence.cases.mean(axis=0) ** 2).sum() - own) / (readers - 1) if readers > 1 else np.nan
    between = influence.value.var(ddof=1) if readers > 1 else np.nan
    return {"reader": between - (own - shared), "case": shared * count, "rest": (own - shared) * count}


def t_quantile(degrees, confidence: float = 0.95):
    """Two-sided quantile of Student's t."""
    return stdtrit(degrees, 0.5 + confidence / 2)


def t_interval(value, variance, degrees, confidence: float = 0.95):
    """Symmetric interval value -+ t x standard error: (low, high)."""
    half = t_quantile(degrees, confidence) * np.sqrt(variance)
    return value - half, value + half


def t_p_value(value, variance, degrees, null: float = 0.0):
    """Two-sided p value of the hypothesis that the mean is ``null``; NaN where the variance is zero or unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.abs(value - null) / np.sqrt(variance)
    return np.where(np.asarray(variance) > 0, 2.0 * stdtr(degrees, -statistic), np.nan)
