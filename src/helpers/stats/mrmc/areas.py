"""Areas under the ROC curve with several readers and shared cases: one estimate, two conclusions.

How much each case moves the area of a reader are DeLong's structural components (``structural``). Averaged over
readers they give Obuchowski and Rockette's variance (1995, Communications in Statistics 24:285) with Hillis' bound
and degrees of freedom (Hillis 2007, Statistics in Medicine 26:596, equation 28). Each source shows cases of its own,
so the areas of two sources share readers but no cases; sources that do share cases are compared case by case.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Influence, spread, t_interval, t_p_value
from helpers.stats.mover import MOVER, STUDENT, check_interval, correlation_of, mover_interval
from helpers.stats.mrmc.panel import Panel, panel
from helpers.stats.mrmc.structural import influence
from helpers.stats.proportions import NO_READERS, NO_SPREAD, wilson, wilson_p_value
from helpers.stats.readings import by_group, source_order, with_labels

CHANCE = 0.5
NUMBERS = ["value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
DIFFERENCE = ["first", "second", "conclusion", *NUMBERS, "readers", "readings", "note"]
WHOLLY_APART = "present and absent fully separated: interval as if from as many answers as the smaller group has cases"


def auc(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Area under the ROC curve of the ratings in each group of ``by``; within a group, the mean over its findings.

    ``rows``: analysed readings of the conditionality task. Two rows for each group, "these readers" and "readers
    like these". Columns: by..., conclusion, value, low, high, standard_error, degrees_of_freedom, p_value (against
    0.5), readers, present, absent (cases), readings, note. The interval is Wilson's with the effective sample size, so
    it stays in 0..1. Readers without both present and absent cases of every finding are left out, and the note says
    how many.
    """
    return by_group(with_labels(rows), by, _estimate)


def auc_difference(
    rows: pd.DataFrame, first: str, second: str, confidence: float = 0.95, interval: str = STUDENT
) -> pd.DataFrame:
    """Area on ``first`` minus area on ``second`` (sources), mean over findings, by the readers who read both.

    Columns: first, second, conclusion, value, low, high, standard_error, degrees_of_freedom, p_value, readers,
    readings, note. A case that both sources show moves both at once. ``interval``: "student", or "mover", which
    is the better one near 0 and 1 and is taken anyway where every rating lies apart; p_value is Student's either way.
    Raises StatisticsError when no reader has an area on both, and for another interval.
    """
    check_interval(interval)
    rows, first, second = with_labels(rows), str(first), str(second)
    pair = rows[rows["source"].isin([first, second])]
    whole = panel(pair) if pair["source"].nunique() == 2 else None
    able = whole.able() if whole else np.zeros((2, 0), dtype=bool)
    if not able.all(axis=0).any():
        raise StatisticsError(f"no reader read present and absent cases of both {first!r} and {second!r}")
    both = whole.keep(able.all(axis=0))
    values, cases = influence(both)
    one, two = (both.treatments.index(name) for name in (first, second))
    moved = Influence(values[one] - values[two], cases[one] - cases[two], _strata(both))
    value = moved.value.mean()
    left_out = int(able.any(axis=0).sum()) - len(both.readers)
    lines = []
    for conclusion in (THESE, LIKE):
        variance, degrees = _variance(moved, conclusion)
        low, high = t_interval(value, variance, degrees, confidence)
        if interval == MOVER or (variance == 0 and not cases.any()):
            low, high = _mover_interval(both, moved, (one, two), conclusion, confidence)
        p_value = t_p_value(value, variance, degrees)
        numbers = (value, *np.clip((low, high), -1.0, 1.0), variance**0.5, degrees, p_value)
        counts = len(both.readers), int(both.read.sum()), _note(moved, conclusion, left_out)
        lines.append((first, second, conclusion, *map(float, numbers), *counts))
    return pd.DataFrame(lines, columns=DIFFERENCE)


def _mover_interval(used: Panel, moved: Influence, pair: tuple[int, int], conclusion: str, confidence: float) -> tuple:
    """MOVER interval of a difference; ``moved`` is the difference of the two treatments of ``used``."""
    values, cases = influence(used)
    sides, variances = [], []
    for treatment in pair:
        own = Influence(values[treatment], cases[treatment], moved.stratum)
        variance, degrees = _variance(own, conclusion)
        bounds = wilson(own.value.mean(), variance, degrees, _smaller(used, treatment), confidence)
        sides.append((own.value.mean(), *bounds))
        variances.append(variance)
    return mover_interval(*sides, correlation_of(*variances, _variance(moved, conclusion)[0]))


def _smaller(used: Panel, treatment: int) -> int:
    """Cases of the smaller group, present or absent, that a treatment shows."""
    shown = used.truth[used.read[treatment].any(axis=0)]
    return min(int(shown.sum()), int((shown == 0).sum()))


def all_auc_differences(rows: pd.DataFrame, interval: str = STUDENT) -> pd.DataFrame:
    """``auc_difference`` of every pair of sources; empty where there is one source."""
    pairs = list(combinations(source_order(rows["source"]), 2))
    tables = [auc_difference(rows, first, second, interval=interval) for first, second in pairs]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=DIFFERENCE)


def _estimate(rows: pd.DataFrame) -> pd.DataFrame:
    whole = panel(rows.assign(group="all"), "group")
    able = whole.able()[0]
    cases = rows.groupby("truth")["case"].nunique()
    present, absent = int(cases.get(1, 0)), int(cases.get(0, 0))
    moved = None
    if able.any():
        used = whole.keep(able)
        values, by_case = influence(used)
        moved = Influence(values[0], by_case[0], _strata(used))
    lines = []
    for conclusion in (THESE, LIKE):
        if moved is None:
            numbers, note = [np.nan] * len(NUMBERS), "not estimable: no reader has both present and absent cases"
        else:
            value, smaller = moved.value.mean(), min(present, absent)
            variance, degrees = _variance(moved, conclusion)
            low, high = wilson(value, variance, degrees, smaller)
            p_value = wilson_p_value(value, variance, degrees, smaller, CHANCE)
            numbers = [float(x) for x in (value, low, high, variance**0.5, degrees, p_value)]
            note = _note(moved, conclusion, int((~able).sum()))
        lines.append((conclusion, *numbers, int(able.sum()), present, absent, len(rows), note))
    return pd.DataFrame(lines, columns=["conclusion", *NUMBERS, "readers", "present", "absent", "readings", "note"])


def _strata(used: Panel) -> np.ndarray:
    """Groups within which cases were sampled: finding, truth and the treatments that show them; (cases,) int.

    One group for all where a case is asked for several findings.
    """
    cases = used.case.max() + 1
    if len(np.unique(used.case)) < len(used.case):
        return np.zeros(cases, dtype=int)
    shown = used.read.any(axis=1)  # (T, U)
    key = np.column_stack([used.finding, used.truth, *shown])
    stratum = np.zeros(cases, dtype=int)
    stratum[used.case] = np.unique(key, axis=0, return_inverse=True)[1].ravel()
    return stratum


def _variance(moved: Influence, conclusion: str) -> tuple[float, float]:
    """Variance and degrees of freedom; for readers like these Hillis', who leaves out the terms of the cases.

    With few cases and readers who hardly differ Hillis' grow without limit: they are at most those of the cases.
    """
    result = spread(moved)
    variance, degrees = (float(x) for x in result.of(conclusion))
    readers = len(moved.value)
    if conclusion == LIKE and readers > 1 and variance > float(result.these_variance):
        between = moved.value.var(ddof=1) / readers
        degrees = variance**2 / (between**2 / (readers - 1)) if between > 0 else np.inf
        degrees = min(degrees, float(result.these_degrees))
    return variance, degrees


def _note(moved: Influence, conclusion: str, left_out: int) -> str:
    variance, readers = _variance(moved, conclusion)[0], len(moved.value)
    notes = [f"{left_out} reader(s) without both present and absent cases left out"] if left_out else []
    if conclusion == LIKE and readers == 1:
        notes.append(NO_READERS)
    elif np.isnan(variance):
        notes.append("not estimable: a single present or absent case")
    elif variance == 0:
        notes.append(WHOLLY_APART)
    elif conclusion == LIKE and variance == _variance(moved, THESE)[0]:
        notes.append(NO_SPREAD)
    return "; ".join(notes)
