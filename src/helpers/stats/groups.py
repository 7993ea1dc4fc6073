"""Contrasts between groups of readings: differences of accuracies or of areas, and differences of such differences.

A group is any set of readings (a source, one sex within a source). Each reader's estimate in a group, and the influence
of each case on it, are those of ``crossed`` (accuracy) or of DeLong's structural components (area). A contrast is a
weighted sum of groups, reader by reader and case by case, so cases that groups share move it once; variances, degrees
of freedom and both conclusions are those of ``crossed.spread``, for areas Hillis' (``mrmc.area_variance``). The
interval is Student's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.stats.crossed import LIKE, THESE, Influence, Spread, mean_influence, spread, t_interval, t_p_value
from helpers.stats.mover import are_near_limits
from helpers.stats.mrmc.area_variance import hillis
from helpers.stats.mrmc.panel import panel
from helpers.stats.mrmc.structural import influence
from helpers.stats.readings import score
from helpers.stats.reasons import NO_READERS

ACCURACY, AREA = "accuracy", "auc"
NUMBERS = ["conclusion", "value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
COLUMNS = [*NUMBERS, "readers", "cases", "readings", "note"]
NO_READER = "not estimable: no reader has an estimate in every group compared"
ALIKE = "not estimable: all answers alike"
NEAR = "near 0 or 1: interval may be too narrow"
FEW_CASES = "not estimable: a group has a single case for a reader"


@dataclass(frozen=True)
class Groups:
    """Readers' estimates in each group: ``value`` (G, R), NaN where they have none; ``cases`` (G, R, C), the influence
    of each case; ``shown`` (G, C) bool, which cases a group has; ``readings`` (G, R) int; ``stratum`` (C,) int, within
    which cases were sampled (for areas: one finding and truth); ``measure`` as in ``groups_of``.
    """

    names: tuple[str, ...]
    readers: tuple[str, ...]
    value: np.ndarray
    cases: np.ndarray
    shown: np.ndarray
    readings: np.ndarray
    stratum: np.ndarray
    measure: str = ACCURACY


def groups_of(rows: pd.DataFrame, group: pd.Series, measure: str = ACCURACY, undetermined: str = "half") -> Groups:
    """Estimates of every reader in each group of analysed readings; rows whose ``group`` is missing are left out.

    ``measure``: "accuracy" (proportion right) or "auc" (mean over the findings of the group). ``group``: indexed
    like ``rows``.
    """
    values = score(rows, undetermined) if measure == ACCURACY else rows["rating"].astype(float)
    kept = group.notna() & values.notna()
    rows, group, values = rows[kept], group[kept], values[kept]
    names = tuple(dict.fromkeys(group))
    readers, every = sorted(set(rows["reader"])), np.array(sorted(set(rows["case"])))
    value = np.full((len(names), len(readers)), np.nan)
    cases = np.zeros((*value.shape, len(every)))
    shown = np.zeros((len(names), len(every)), dtype=bool)
    readings = np.zeros(value.shape, dtype=int)
    for g, name in enumerate(names):
        own = rows[group == name]
        place = np.searchsorted(every, sorted(set(own["case"])))
        found = _accuracies(own, values, readers) if measure == ACCURACY else _areas(own, readers)
        value[g], cases[np.ix_([g], range(len(readers)), place)] = found.value, found.cases
        shown[g, place] = True
        readings[g] = own["reader"].value_counts().reindex(readers, fill_value=0)
    return Groups(names, tuple(readers), value, cases, shown, readings, _sampled(rows, every, measure), measure)


def contrast(groups: Groups, weights: Mapping[str, float]) -> pd.DataFrame:
    """The weighted sum of groups, for these readers and for readers like these.

    ``weights``: group to weight, {"a": 1, "b": -1} for a difference. Columns: conclusion, value, low, high (95 %,
    Student), standard_error, degrees_of_freedom, p_value (against 0), readers, cases, readings, note. Readers
    without an estimate in every group are left out, and the note says how many. What cannot be estimated is NaN.

    >>> rows = pd.DataFrame({"reader": "r1", "case": range(8), "sex": list("FFFFMMMM")})
    >>> rows = rows.assign(correct=[1, 1, 0, 1, 0, 1, 0, 0])
    >>> float(contrast(groups_of(rows, rows["sex"]), {"F": 1.0, "M": -1.0}).loc[0, "value"])
    0.5
    """
    chosen = [groups.names.index(name) for name in weights if name in groups.names]
    able = ~np.isnan(groups.value[chosen]).any(axis=0)
    if len(chosen) < len(weights) or not able.any():
        return _nothing(NO_READER)
    weight = np.array([weights[groups.names[g]] for g in chosen])
    shown = groups.shown[chosen]
    moved = Influence(
        weight @ groups.value[np.ix_(chosen, able)],
        np.tensordot(weight, groups.cases[np.ix_(chosen, able)], axes=1)[:, shown.any(axis=0)],
        _strata(np.vstack([shown, groups.stratum])[:, shown.any(axis=0)]),
    )
    counts = (int(able.sum()), int(shown.any(axis=0).sum()), int(groups.readings[np.ix_(chosen, able)].sum()))
    some = ~np.isnan(groups.value[chosen]).all(axis=0)
    said = f"readers without all groups, left out: {int((some & ~able).sum())}" if (some & ~able).any() else ""
    near = NEAR if are_near_limits(groups.value[np.ix_(chosen, able)].mean(axis=1)) else ""
    result = hillis(moved) if groups.measure == AREA else spread(moved)
    lines = pd.DataFrame([_line(result, c, counts, said, near) for c in (THESE, LIKE)], columns=COLUMNS)
    possible = weight[weight < 0].sum(), weight[weight > 0].sum()  # every group lies within 0..1
    return lines.assign(low=lines["low"].clip(*possible), high=lines["high"].clip(*possible))


def _line(result: Spread, conclusion: str, counts: tuple[int, int, int], said: str, of_interval: str) -> tuple:
    variance, degrees = (float(number) for number in result.of(conclusion))
    why = NO_READERS if conclusion == LIKE and counts[0] == 1 else FEW_CASES if np.isnan(variance) else ""
    why = ALIKE if variance == 0 else why
    low, high = t_interval(result.value, variance, degrees) if not why else (np.nan, np.nan)
    p_value = float(t_p_value(result.value, variance, degrees)) if not why else np.nan
    note = "; ".join(filter(None, [said, why or of_interval]))
    return (conclusion, float(result.value), float(low), float(high), variance**0.5, degrees, p_value, *counts, note)


def _nothing(note: str) -> pd.DataFrame:
    return pd.DataFrame([(c, *[np.nan] * 6, 0, 0, 0, note) for c in (THESE, LIKE)], columns=COLUMNS)


def _sampled(rows: pd.DataFrame, every: np.ndarray, measure: str) -> np.ndarray:
    """Finding and truth of each case as a number; 0 for accuracies, and if a case is asked for several findings."""
    asked = rows.drop_duplicates(["case", "finding"]) if measure == AREA else rows.iloc[:0]
    if len(asked) != len(every):
        return np.zeros(len(every), dtype=int)
    return asked.sort_values("case").groupby(["finding", "truth"]).ngroup().to_numpy()


def _strata(facts: np.ndarray) -> np.ndarray:
    """Strata (C,) int of cases: those with the same facts (F, C) form one; a case that is alone joins the largest."""
    stratum = np.unique(facts, axis=1, return_inverse=True)[1].ravel()
    sizes = np.bincount(stratum)
    return np.where(sizes[stratum] == 1, int(sizes.argmax()), stratum)


def _accuracies(own: pd.DataFrame, values: pd.Series, readers: list[str]) -> Influence:
    return mean_influence(own, values[own.index].to_numpy(), readers)


def _areas(own: pd.DataFrame, readers: list[str]) -> Influence:
    """Area of every reader, NaN for those without present and absent cases of every finding in the rows."""
    whole = panel(own.assign(group="all"), "group")
    able = whole.able()[0]
    value = np.full(len(readers), np.nan)
    cases = np.zeros((len(readers), whole.case.max() + 1))
    if able.any():
        used = whole.keep(able)
        place = [readers.index(name) for name in used.readers]
        areas, by_case = influence(used)
        value[place], cases[place] = areas[0], by_case[0]
    return Influence(value, cases, np.zeros(cases.shape[-1], dtype=int))
