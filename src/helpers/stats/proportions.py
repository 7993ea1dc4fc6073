"""Proportion of right answers, with intervals that respect readers and cases, and its difference between sources.

Scores are 1 (right), 0 (wrong) and, by default, 0.5 (cannot determine). Variances are those of ``crossed``. The
interval of a proportion is Wilson's with the effective sample size p (1 - p) / V and Student's quantile in place of
the normal one (Dean and Pagano 2015, Journal of Survey Statistics and Methodology 3:484, the modified Wilson interval
of clustered surveys), so it stays within 0..1 and has a width where every answer is right. Near 0 and 1 the size is
drawn towards that of answers all alike: one more wrong answer makes nobody surer. A difference has Student's interval,
or the one that is recovered from its sides' (``mover``): where asked for, and where both sources have all answers
alike.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import stdtr

from helpers.errors import StatisticsError
from helpers.stats.crossed import (
    LIKE,
    THESE,
    aligned,
    components,
    independent,
    mean_influence,
    spread,
    t_interval,
    t_p_value,
    t_quantile,
)
from helpers.stats.mover import MOVER, STUDENT, check_interval, correlation_of, mover_interval
from helpers.stats.readings import UNDETERMINED, by_group, in_front, score, source_order, with_labels

CHANCE = 0.5
WEIGHT = 1.5  # wrong answers; smaller, and a first wrong answer would narrow the interval
_NARROW, _WIDE = 1e-9, 1.0 - 1e-12  # confidence between which a p value is sought
NO_READERS = "not estimable: one reader"
TWO_READERS = "two readers say little of others: where readers differ, 90 to 92 % of such intervals hold the true value"
FEW_CASES = "not estimable: fewer than two cases for a reader"
ALIKE = "all answers alike: interval as if two readers' answers to a case had a correlation of 1/4"
SAME_ANSWERS = "no interval: the two were answered alike, case by case"
INDEPENDENT = "no reader read both: difference of the means of different readers"
NO_SPREAD = "readers differ no more than by chance: interval as if they were alike"


def accuracy(
    rows: pd.DataFrame, by: list[str] | None = None, undetermined: str = "half", confidence: float = 0.95
) -> pd.DataFrame:
    """Proportion of right answers in each group of ``by`` (columns of the readings), against chance (0.5).

    ``rows``: analysed readings of one task (``readings.analysed``). Two rows for each group, one for each
    ``conclusion``: "these readers" (cases are a sample, the readers are not) and "readers like these" (both are).
    Columns: by..., conclusion, value, low, high, standard_error, degrees_of_freedom, p_value, readers, cases,
    readings, note. What cannot be estimated is NaN and its note says why. Every reader weighs the same.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "case": list("12341234"), "source": "gan",
    ...                      "correct": [1, 1, 1, 0, 1, 1, 0, 0]})
    >>> accuracy(rows)[["value", "standard_error"]].round(3).values[0].tolist()  # of the cases' means 1, 1, 1/2, 0
    [0.625, 0.239]
    """
    rows = with_labels(rows)
    return summarise(rows, score(rows, undetermined), by, CHANCE, confidence)


def summarise(
    rows: pd.DataFrame, values: pd.Series, by: list[str] | None, null: float, confidence: float = 0.95
) -> pd.DataFrame:
    """Mean of any score in 0..1 (float Series on the rows' index, NaN left out); groups and columns as in accuracy.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("1234"), "source": "gan"})
    >>> overlap = pd.Series([0.8, 0.6, 0.7, 0.9])
    >>> summarise(rows, overlap, None, null=0.5)[["value", "standard_error"]].round(3).values[0].tolist()
    [0.75, 0.065]
    """
    known = values.notna().to_numpy()
    kept, scores = rows[known].reset_index(drop=True), values.to_numpy()[known]
    if kept.empty:
        raise StatisticsError(
            "no answers are left: every one is undetermined and excluded (choose 'half' or "
            "'wrong'), or no cut-off says what is right"
        )
    return by_group(kept, by, lambda group: _estimate(group, scores[group.index], null, confidence))


def difference(
    rows: pd.DataFrame,
    first: str,
    second: str,
    undetermined: str = "half",
    confidence: float = 0.95,
    column: str = "source",
    interval: str = STUDENT,
    limits: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Proportion right on ``first`` minus on ``second`` (two sources), by the readers who read both.

    ``column`` may name another column of the readings (side, finding). Readers who read only one of the two are left
    out, and counted in the note; where nobody read both, the means of different readers are compared, and the note says
    so. A case that both show moves both at once. Columns: first, second, then as in ``accuracy``; p_value is of no
    difference. ``interval``: "student", or "mover", which is the better one near 0 and 1; p_value is Student's either
    way. With ``limits`` (low, high) there are also p_lower and p_upper, one-sided, of the difference being at or below
    the lower and at or above the upper one: they go with ``interval``. Raises StatisticsError when one of the two has
    no readings, and for another interval.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("12345678") * 2, "source": ["film"] * 8 + ["screen"] * 8,
    ...                      "correct": [1, 1, 1, 1, 1, 1, 0, 0] + [1, 1, 0, 0, 0, 1, 0, 0]})
    >>> table = difference(rows, "film", "screen")
    >>> table[["value", "degrees_of_freedom", "p_value"]].round(3).values[0].tolist()  # one reader: the paired t test
    [0.375, 7.0, 0.08]
    """
    check_interval(interval)
    rows, first, second = with_labels(rows), str(first), str(second)
    values = score(rows, undetermined).to_numpy()
    rows = rows.assign(score=values)[~np.isnan(values)]
    sides = [rows[(rows[column] == name).to_numpy(bool, na_value=False)] for name in (first, second)]
    for name, side in zip((first, second), sides, strict=True):
        if side.empty:
            known = ", ".join(sorted(map(str, rows[column].dropna().unique())))
            raise StatisticsError(f"no readings with {column} {name!r}; there is: {known}")
    seen = [set(side["reader"]) for side in sides]
    both = sorted(seen[0] & seen[1])
    readers = [both, both] if both else [sorted(names) for names in seen]
    sides = [side[side["reader"].isin(names)] for side, names in zip(sides, readers, strict=True)]
    parts = [mean_influence(s, s["score"].to_numpy(), names) for s, names in zip(sides, readers, strict=True)]
    singles = [spread(part) for part in parts]
    cases = [np.sort(np.asarray(side["case"].unique())) for side in sides]
    moved = aligned(parts, cases)
    result = spread(moved[0].minus(moved[1])) if both else independent(*moved, tuple(singles))
    everyone, used = len(seen[0] | seen[1]), len(set(readers[0]) | set(readers[1]))
    still = not any(part.cases.any() for part in parts)
    answers = [answers_of(len(own), len(names)) for own, names in zip(cases, readers, strict=True)]
    readings = sum(len(side) for side in sides)
    lines, one_sided = [], []
    for conclusion in (THESE, LIKE):
        variance, degrees = result.of(conclusion)
        notes = [] if both else [INDEPENDENT]
        notes.append(_note(result, min(map(len, readers)), conclusion) if variance != 0 or still else SAME_ANSWERS)
        sides = [(single.value, *single.of(conclusion), n) for single, n in zip(singles, answers, strict=True)]
        bounds = bounds_of(sides, (result.value, variance, degrees), interval, still)
        low, high = bounds(confidence)
        if used < everyone:
            notes.append(f"{everyone - used} reader(s) read only one {column}")
        p_value = t_p_value(result.value, variance, degrees)
        one_sided.append(tails(bounds, limits) if limits else (np.nan, np.nan))
        low, high = np.clip((low, high), -1.0, 1.0)
        numbers = (result.value, low, high, variance**0.5, degrees, p_value)
        lines.append((conclusion, *numbers, used, len(set().union(*cases)), 0, "; ".join(filter(None, notes))))
    table = in_front(_table(lines, readings), first=first, second=second)
    return with_tails(table, one_sided) if limits else table


def bounds_of(sides: list[tuple], difference: tuple, interval: str, still: bool) -> Callable[[float], tuple]:
    """Confidence to the interval of a difference, Student's or MOVER; NaN where it has no variance but its sides have.

    ``sides``: (value, variance, degrees, answers) of the two; ``difference``: (value, variance, degrees); ``still``:
    neither side has a variance, so that MOVER is the only one.

    >>> first, second = ((p, p * (1 - p) / n, np.inf, n) for p, n in ((56 / 70, 70), (48 / 80, 80)))
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


def with_tails(table: pd.DataFrame, one_sided: list[tuple[float, float]]) -> pd.DataFrame:
    """The table with columns p_lower and p_upper.

    >>> with_tails(pd.DataFrame({"value": [0.1]}), [(0.01, 0.2)]).to_dict("list")
    {'value': [0.1], 'p_lower': [0.01], 'p_upper': [0.2]}
    """
    return table.assign(**dict(zip(("p_lower", "p_upper"), np.transpose(one_sided), strict=True)))


def all_differences(rows: pd.DataFrame, undetermined: str = "half", interval: str = STUDENT) -> pd.DataFrame:
    """``difference`` of every pair of sources, in the fixed order of sources; empty where there is one source.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(6), "source": ["gan", "real", "diffusion"] * 2,
    ...                      "correct": [1, 0, 1, 1, 0, 0]})
    >>> all_differences(rows).query("conclusion == 'these readers'")[["first", "second", "value"]].values.tolist()
    [['real', 'gan', -1.0], ['real', 'diffusion', -0.5], ['gan', 'diffusion', 0.5]]
    """
    rows = with_labels(rows)
    pairs = list(combinations(source_order(rows["source"]), 2))
    tables = [difference(rows, *pair, undetermined, interval=interval) for pair in pairs]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["first", "second", *COLUMNS])


def undetermined_rules(rows: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by source under each rule for undetermined answers; column ``undetermined`` names the rule.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("1234"), "source": "gan",
    ...                      "correct": pd.array([1, 1, 0, None], "Int64")})
    >>> table = undetermined_rules(rows).query("conclusion == 'these readers'")
    >>> table[["undetermined", "value"]].round(3).values.tolist()  # 2.5 of 4, 2 of 3, 2 of 4
    [['half', 0.625], ['excluded', 0.667], ['wrong', 0.5]]
    """
    tables = []
    for rule in UNDETERMINED:
        values = score(rows, rule)
        if values.notna().any():
            tables.append(accuracy(rows, ["source"], rule).assign(undetermined=rule))
    return pd.concat(tables, ignore_index=True)


def variance_components(rows: pd.DataFrame, undetermined: str = "half") -> pd.DataFrame:
    """Moment estimates by source: reader, case, rest (reader x case with chance), on the scale of the score squared.

    A negative estimate means that the true component is too small to be seen; it is shown as it is.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "case": list("12341234"), "source": "gan",
    ...                      "correct": [1, 1, 1, 0, 1, 1, 0, 0]})
    >>> variance_components(rows).round(3).values.tolist()  # mean squares: reader 0.125, case 0.458, rest 0.125
    [['gan', 0.0, 0.167, 0.125]]
    """
    values = score(rows, undetermined)
    lines = []
    for source in source_order(rows["source"]):
        side = rows[(rows["source"] == source) & values.notna()]
        readers = sorted(set(side["reader"]))
        lines.append({"source": source, **components(mean_influence(side, values[side.index].to_numpy(), readers))})
    return pd.DataFrame(lines)


COLUMNS = ["conclusion", "value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
COLUMNS += ["readers", "cases", "readings", "note"]


def wilson(value, variance, degrees, answers, confidence: float = 0.95):
    """Wilson interval of a proportion with a given variance: (low, high).

    The effective sample size is value (1 - value) / variance; where the variance is zero (all answers alike) it is
    ``answers`` (``answers_of``), and near 0 and 1 between the two.

    >>> p, n = 81 / 263, 263
    >>> [float(end.round(4)) for end in wilson(p, p * (1 - p) / n, np.inf, n)]  # Newcombe 1998, 17:857, table I
    [0.2553, 0.3662]
    >>> [float(end.round(4)) for end in wilson(0.0, 0.0, np.inf, 20)]
    [0.0, 0.1611]
    """
    size = _effective_size(value, variance, answers)
    with np.errstate(invalid="ignore", divide="ignore"):
        square = t_quantile(degrees, confidence) ** 2
        centre = (value + square / (2 * size)) / (1 + square / size)
        half = np.sqrt(square * value * (1 - value) / size + (square / (2 * size)) ** 2) / (1 + square / size)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def wilson_p_value(value, variance, degrees, answers, null: float):
    """Two-sided p value that goes with ``wilson``: below 1 - confidence exactly where the interval leaves out null.

    >>> round(float(wilson_p_value(0.6, 0.6 * 0.4 / 100, np.inf, 100, null=0.5)), 4)  # 60 of 100: z = 2
    0.0455
    """
    statistic = np.abs(value - null) / np.sqrt(null * (1 - null) / _effective_size(value, variance, answers))
    return 2.0 * stdtr(degrees, -statistic)


def answers_of(cases, readers: int):
    """Independent answers that readers' answers to ``cases`` count for where all are alike: as if any two readers'
    answers to a case had a correlation of 1/4.

    >>> answers_of(20, 5)  # 20 x 5 answers by the design effect 1 + (5 - 1) / 4
    50.0
    """
    return 4.0 * readers * cases / (readers + 3.0)


def _effective_size(value, variance, answers):
    """value (1 - value) / variance, drawn towards ``answers`` where hardly any answer is wrong (or right).

    The reciprocal is a mean of that of the estimate, with the weight of the wrong answers, and that of ``answers``,
    with the weight ``WEIGHT``; so that one more wrong answer makes nobody surer. Never larger than the estimate.
    """
    wrong = answers * np.minimum(value, np.subtract(1.0, value))
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.divide(value * (1 - value), variance)
        drawn = (wrong + WEIGHT) / (wrong / size + WEIGHT / answers)
    return np.where(np.asarray(variance) == 0, float(answers), np.minimum(size, drawn))


def tails(interval: Callable[[float], tuple], limits: tuple[float, float]) -> tuple[float, float]:
    """One-sided p values that a value lies at or below the lower and at or above the upper of two limits.

    ``interval``: confidence (0..1) to (low, high), which grows with it; the p value is the level at which the one-sided
    interval just leaves the limit out. NaN where there is no interval.

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
    """Level at which the nearer end passes its limit; where the estimate is beyond it, 1 less that of the other end."""
    beyond = near(_NARROW) <= 0
    end = (lambda c: -far(c)) if beyond else near
    level = 0.0 if end(_WIDE) > 0 else 0.5 if end(_NARROW) <= 0 else (1.0 - brentq(end, _NARROW, _WIDE)) / 2
    return 1.0 - level if beyond else level


def _estimate(rows: pd.DataFrame, values: np.ndarray, null: float, confidence: float) -> pd.DataFrame:
    readers = sorted(set(rows["reader"]))
    result = spread(mean_influence(rows, values, readers))
    cases = rows["case"].nunique()
    answers = answers_of(cases, len(readers))
    lines = []
    for conclusion in (THESE, LIKE):
        variance, degrees = result.of(conclusion)
        low, high = wilson(result.value, variance, degrees, answers, confidence)
        p_value = wilson_p_value(result.value, variance, degrees, answers, null)
        note = _note(result, len(readers), conclusion)
        line = (conclusion, result.value, low, high, variance**0.5, degrees, p_value, len(readers), cases, 0, note)
        lines.append(line)
    return _table(lines, len(rows))


def _note(result, readers: int, conclusion: str) -> str:
    variance = result.of(conclusion)[0]
    if conclusion == LIKE and readers == 1:
        return NO_READERS
    if np.isnan(variance) or variance == 0:
        return FEW_CASES if np.isnan(variance) else ALIKE
    notes = [NO_SPREAD] if conclusion == LIKE and variance == result.these_variance else []
    notes += [TWO_READERS] if conclusion == LIKE and readers == 2 else []
    return "; ".join(notes)


def _table(lines: list[tuple], readings: int) -> pd.DataFrame:
    numbers = [c for c in COLUMNS if c not in ("conclusion", "note", "readers", "cases", "readings")]
    return pd.DataFrame(lines, columns=COLUMNS).assign(readings=readings).astype({c: "float64" for c in numbers})
