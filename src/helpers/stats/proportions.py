"""Proportion of right answers, with intervals that account for readers and cases, and its difference between sources.

Scores are 1 (right), 0 (wrong) and, by default, 0.5 (cannot determine). Variances are those of ``crossed``. The
interval of a proportion is that of ``wilson``. A difference has Student's interval, or the one recovered from those of
its sides (``mover``) if requested, or if both sources have all answers alike.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, components, mean_influence, spread
from helpers.stats.mover import STUDENT, check_interval, conclusions_of, with_tails
from helpers.stats.proportion_pairs import answers_behind, pair_of, sides_of
from helpers.stats.readings import UNDETERMINED, by_group, in_front, score, source_order, with_labels
from helpers.stats.reasons import note_of
from helpers.stats.wilson import wilson, wilson_p_value, wilson_tails

CHANCE = 0.5
NO_ANSWERS = (
    "no answers are left: every one is undetermined and excluded (choose 'half' or 'wrong'), or no cut-off says what "
    "is right"
)


def accuracy(
    rows: pd.DataFrame,
    by: list[str] | None = None,
    undetermined: str = "half",
    confidence: float = 0.95,
    limits: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Proportion of right answers in each group of ``by`` (columns of the readings), against chance (0.5).

    ``rows``: analysed readings of one task (``readings.analysed``). Two rows for each group, one for each
    ``conclusion``: "these readers" (cases are a sample, the readers are not) and "readers like these" (both are).
    Columns: by..., conclusion, value, low, high, standard_error, degrees_of_freedom, p_value, readers, cases,
    readings, note. What cannot be estimated is NaN and its note says why. Readers are weighted equally. With ``limits``
    (low, high) there are also p_lower and p_upper, one-sided, of the proportion being at or below the lower and at or
    above the upper one.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "case": list("12341234"), "source": "gan",
    ...                      "correct": [1, 1, 1, 0, 1, 1, 0, 0]})
    >>> accuracy(rows)[["value", "standard_error"]].round(3).values[0].tolist()  # of the cases' means 1, 1, 1/2, 0
    [0.625, 0.239]
    """
    rows = with_labels(rows)
    return summarise(rows, score(rows, undetermined), by, CHANCE, confidence, limits)


def summarise(
    rows: pd.DataFrame,
    values: pd.Series,
    by: list[str] | None,
    null: float,
    confidence: float = 0.95,
    limits: tuple[float, float] | None = None,
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
        raise StatisticsError(NO_ANSWERS)
    return by_group(kept, by, lambda group: _estimate(group, scores[group.index], null, confidence, limits))


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
    """Proportion right on ``first`` minus that on ``second`` (two sources), by the readers who read both.

    ``column`` may name another column of the readings (side, finding). Readers who read only one of the two are left
    out, and counted in the note; if nobody read both, the means of different readers are compared, and the note says
    so. A case shown in both affects both at once. Columns: first, second, then as in ``accuracy``; p_value tests no
    difference. ``interval``: "student", or "mover", which is better near 0 and 1; p_value is Student's either way. With
    ``limits`` (low, high) there are also p_lower and p_upper, one-sided, of the difference being at or below the lower
    and at or above the upper one: they match ``interval``. Raises StatisticsError if one of the two has no readings,
    and for any other interval.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("12345678") * 2, "source": ["film"] * 8 + ["screen"] * 8,
    ...                      "correct": [1, 1, 1, 1, 1, 1, 0, 0] + [1, 1, 0, 0, 0, 1, 0, 0]})
    >>> table = difference(rows, "film", "screen")
    >>> table[["value", "degrees_of_freedom", "p_value"]].round(3).values[0].tolist()  # one reader: the paired t test
    [0.375, 7.0, 0.08]
    """
    check_interval(interval)
    rows, first, second = with_labels(rows), str(first), str(second)
    values = score(rows, undetermined).to_numpy()
    if len(rows) and np.isnan(values).all():
        raise StatisticsError(NO_ANSWERS)
    rows = rows.assign(score=values)[~np.isnan(values)]
    sides, seen = sides_of(rows, column, (first, second))
    pair = pair_of(sides)
    lines, one_sided = [], []
    left_out = f"readers of only one {column}: {seen - pair.readers}" if pair.readers < seen else ""
    given = (pair.difference, pair.sides, pair.still, interval, confidence, limits)
    for conclusion, numbers, tail in conclusions_of(*given):
        note = "; ".join(filter(None, (*pair.notes(conclusion), left_out)))
        lines.append((conclusion, *numbers, pair.readers, pair.cases, 0, note))
        one_sided.append(tail)
    table = in_front(_table(lines, sum(map(len, sides))), first=first, second=second)
    return with_tails(table, one_sided) if limits else table


def all_differences(rows: pd.DataFrame, undetermined: str = "half", interval: str = STUDENT) -> pd.DataFrame:
    """``difference`` of every pair of sources, in the fixed order of sources; empty if there is one source.

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
    """Moment estimates by source: reader, case, rest (reader x case plus error), on the scale of the score squared.

    A negative estimate means that the true component is too small to be detected; it is left as it is.

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


NUMBERS = ["value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
COLUMNS = ["conclusion", *NUMBERS, "readers", "cases", "readings", "note"]


def _estimate(
    rows: pd.DataFrame, values: np.ndarray, null: float, confidence: float, limits: tuple[float, float] | None
) -> pd.DataFrame:
    readers = sorted(set(rows["reader"]))
    result = spread(mean_influence(rows, values, readers))
    cases = rows["case"].nunique()
    answers = answers_behind(rows)
    lines, one_sided = [], []
    for conclusion in (THESE, LIKE):
        side = (result.value, *result.of(conclusion), answers)
        between = result.between(conclusion)
        one_sided.append(wilson_tails(*side, limits, between) if limits else (np.nan, np.nan))
        p_value = wilson_p_value(*side, null, between)
        note = note_of(result, len(readers), conclusion)
        numbers = (result.value, *wilson(*side, between, confidence), side[1] ** 0.5, side[2], p_value)
        lines.append((conclusion, *numbers, len(readers), cases, 0, note))
    table = _table(lines, len(rows))
    return with_tails(table, one_sided) if limits else table


def _table(lines: list[tuple], readings: int) -> pd.DataFrame:
    columns = dict(zip(COLUMNS, zip(*lines, strict=True), strict=True)) | {"readings": readings}
    numbers = {name: np.array(columns[name], dtype="float64") for name in NUMBERS}
    return pd.DataFrame(columns | numbers)
