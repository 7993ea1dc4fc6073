"""Areas under the ROC curve with several readers and shared cases: one estimate, two conclusions.

The area of one reader is the Wilcoxon statistic, ties counting one half. How much each case moves it are DeLong's
structural components (DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837, equations 3 to 6). Averaged over
readers they give Obuchowski and Rockette's variance (1995, Communications in Statistics 24:285) with Hillis' bound
and degrees of freedom (Hillis 2007, Statistics in Medicine 26:596, equation 28). Each source shows cases of its own,
so the areas of two sources share readers but no cases; sources that do share cases are compared case by case.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Influence, spread, t_interval, t_p_value
from helpers.stats.proportions import NO_READERS, NO_SPREAD, summarise, wilson, wilson_p_value
from helpers.stats.readings import grouped, score, source_order

CHANCE = 0.5
NUMBERS = ["value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]


def area(positive: np.ndarray, negative: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Area under the ROC curve of one reader, and the structural components of each case.

    ``positive`` (m,) and ``negative`` (n,) ratings; returns the area, V10 (m,) and V01 (n,), all in 0..1.
    """
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])  # (m, n)
    return float(wins.mean()), wins.mean(axis=1), wins.mean(axis=0)


def auc(rows: pd.DataFrame, by: list[str], confidence: float = 0.95) -> pd.DataFrame:
    """Area under the ROC curve of the ratings in each group of ``by``; within a group, the mean over its findings.

    ``rows``: analysed readings of the conditionality task. Two rows for each group, "these readers" and "readers
    like these". Columns: by..., conclusion, value, low, high, standard_error, degrees_of_freedom, p_value (against
    0.5), readers, present, absent (cases), readings, note. The interval is Wilson's with the effective sample size, so
    it stays in 0..1. Readers without both present and absent cases of every finding are left out, and the note says
    how many.
    """
    tables = []
    for key, group in grouped(rows, by):
        table = _estimate(group, confidence)
        for position, (column, name) in enumerate(zip(by, key, strict=True)):
            table.insert(position, column, name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def auc_difference(rows: pd.DataFrame, first: str, second: str, confidence: float = 0.95) -> pd.DataFrame:
    """Area on ``first`` minus area on ``second`` (sources), mean over findings, by the readers who read both.

    Columns: first, second, conclusion, value, low, high, standard_error, degrees_of_freedom, p_value, readers,
    readings, note. Raises StatisticsError when no reader has an area on both.
    """
    sides = [rows[rows["source"] == source] for source in (first, second)]
    able = [set(_able_readers(side)) for side in sides]
    readers = sorted(able[0] & able[1])
    if not readers:
        raise StatisticsError(f"no reader read present and absent cases of both {first!r} and {second!r}")
    sides = [side[side["reader"].isin(readers)] for side in sides]
    influence = _paired(_influence(sides[0], readers), _influence(sides[1], readers))
    value = influence.value.mean()
    lines = []
    for conclusion in (THESE, LIKE):
        variance, degrees = _variance(influence, conclusion)
        low, high = t_interval(value, variance, degrees, confidence)
        note = _note(influence, conclusion, len(able[0] | able[1]) - len(readers))
        p_value = t_p_value(value, variance, degrees)
        numbers = (value, np.maximum(low, -1.0), np.minimum(high, 1.0), variance**0.5, degrees, p_value)
        lines.append((first, second, conclusion, *map(float, numbers), len(readers), sum(map(len, sides)), note))
    return pd.DataFrame(lines, columns=["first", "second", "conclusion", *NUMBERS, "readers", "readings", "note"])


def all_auc_differences(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """``auc_difference`` of every pair of sources; empty where there is one source."""
    pairs = list(combinations(source_order(rows["source"]), 2))
    tables = [auc_difference(rows, first, second, confidence) for first, second in pairs]
    columns = ["first", "second", "conclusion", *NUMBERS, "readers", "readings", "note"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def sensitivity_specificity(rows: pd.DataFrame, by: list[str], undetermined: str = "half") -> pd.DataFrame:
    """Share of present cases called present, and of absent cases called absent, in each group of ``by``.

    Columns as in ``proportions.accuracy``, with ``measure`` (sensitivity, specificity) first. A measure whose group
    has no such cases is missing from the table.
    """
    tables = []
    for measure, truth in (("sensitivity", 1), ("specificity", 0)):
        side = rows[rows["truth"] == truth]
        if len(side):
            table = summarise(side, score(side, undetermined), by, CHANCE)
            table.insert(0, "measure", measure)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def roc_points(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Operating points of the mean reader: by..., threshold, false_positive_rate, true_positive_rate.

    A case counts as called at threshold k when its rating is k or more; rates are averaged over readers.
    """
    lines = []
    for key, group in grouped(rows, by):
        for threshold in (3, 2, 1, 0, -1, -2):
            called = group.assign(called=(group["rating"] >= threshold).astype(float))
            rates = called.groupby(["truth", "reader"])["called"].mean().groupby("truth").mean()
            line = dict(zip(by, key, strict=True)) | {"threshold": threshold}
            rates = {"false_positive_rate": rates.get(0, np.nan), "true_positive_rate": rates.get(1, np.nan)}
            lines.append(line | rates)
    return pd.DataFrame(lines)


def _able_readers(rows: pd.DataFrame) -> list[str]:
    """Readers with at least one present and one absent case of every finding in ``rows``."""
    if rows.empty:
        return []
    counts = rows.groupby(["reader", "finding", "truth"]).size().unstack("truth", fill_value=0)
    counts = counts.reindex(columns=[0, 1], fill_value=0)
    whole = (counts > 0).all(axis=1).groupby("reader").agg(["all", "size"])
    return sorted(whole.index[whole["all"] & (whole["size"] == rows["finding"].nunique())])


def _influence(rows: pd.DataFrame, readers: list[str]) -> tuple[Influence, np.ndarray]:
    """Influence of each case on each reader's mean area over findings, and the cases' names (the columns)."""
    cases, names = pd.factorize(rows["case"], sort=True)
    reader = pd.Categorical(rows["reader"], categories=readers).codes
    findings = sorted(rows["finding"].unique())
    strata = pd.factorize(rows["finding"] + rows["truth"].astype(str), sort=True)[0]
    ratings, truth = rows["rating"].to_numpy(float), rows["truth"].to_numpy(int)
    value, influence = np.zeros(len(readers)), np.zeros((len(readers), len(names)))
    for finding in findings:
        of_finding = (rows["finding"] == finding).to_numpy()
        for r in range(len(readers)):
            sides = [np.flatnonzero(of_finding & (reader == r) & (truth == side)) for side in (1, 0)]
            estimate, *components = area(ratings[sides[0]], ratings[sides[1]])
            value[r] += estimate / len(findings)
            for side, component in zip(sides, components, strict=True):
                count = len(side)
                scale = np.sqrt(count / (count - 1)) / count if count > 1 else np.nan
                np.add.at(influence[r], cases[side], (component - estimate) * scale / len(findings))
    stratum = np.zeros(len(names), dtype=int)
    stratum[cases] = strata
    once = len(set(zip(cases, strata, strict=True))) == len(names)
    return Influence(value, influence, stratum if once else np.zeros_like(stratum)), np.asarray(names)


def _paired(first: tuple[Influence, np.ndarray], second: tuple[Influence, np.ndarray]) -> Influence:
    """Difference of two areas; a case that both sources show moves both at once."""
    (one, names_one), (two, names_two) = first, second
    shared = np.intersect1d(names_one, names_two)
    if not len(shared):
        return one - two
    names = np.union1d(names_one, names_two)
    cases, stratum = np.zeros((len(one.value), len(names))), np.zeros(len(names), dtype=int)
    for sign, influence, own in ((1.0, one, names_one), (-1.0, two, names_two)):
        at = np.searchsorted(names, own)
        cases[:, at] += sign * influence.cases
        stratum[at] = influence.stratum
    return Influence(one.value - two.value, cases, stratum)


def _variance(influence: Influence, conclusion: str) -> tuple[float, float]:
    """Variance and degrees of freedom; for readers like these Hillis', who leaves out the terms of the cases."""
    result = spread(influence)
    variance, degrees = (float(x) for x in result.of(conclusion))
    readers = len(influence.value)
    if conclusion == LIKE and readers > 1 and variance > float(result.these_variance):
        between = influence.value.var(ddof=1) / readers
        degrees = variance**2 / (between**2 / (readers - 1)) if between > 0 else np.inf
    return variance, degrees


def _estimate(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    readers = _able_readers(rows)
    everyone = rows["reader"].nunique()
    cases = rows.groupby("truth")["case"].nunique()
    present, absent = int(cases.get(1, 0)), int(cases.get(0, 0))
    lines = []
    influence = _influence(rows[rows["reader"].isin(readers)], readers)[0] if readers else None
    for conclusion in (THESE, LIKE):
        if influence is None:
            numbers, note = [np.nan] * len(NUMBERS), "not estimable: no reader has both present and absent cases"
        else:
            value, smaller = influence.value.mean(), min(present, absent)
            variance, degrees = _variance(influence, conclusion)
            low, high = wilson(value, variance, degrees, smaller, confidence)
            p_value = wilson_p_value(value, variance, degrees, smaller, CHANCE)
            numbers = [float(x) for x in (value, low, high, variance**0.5, degrees, p_value)]
            note = _note(influence, conclusion, everyone - len(readers))
        lines.append((conclusion, *numbers, len(readers), present, absent, len(rows), note))
    return pd.DataFrame(lines, columns=["conclusion", *NUMBERS, "readers", "present", "absent", "readings", "note"])


def _note(influence: Influence, conclusion: str, left_out: int) -> str:
    variance, readers = _variance(influence, conclusion)[0], len(influence.value)
    notes = [f"{left_out} reader(s) without both present and absent cases left out"] if left_out else []
    if conclusion == LIKE and readers == 1:
        notes.append(NO_READERS)
    elif np.isnan(variance):
        notes.append("not estimable: a single present or absent case")
    elif variance == 0:
        notes.append("present and absent wholly apart: as if the smaller group were that many answers")
    elif conclusion == LIKE and variance == _variance(influence, THESE)[0]:
        notes.append(NO_SPREAD)
    return "; ".join(notes)
