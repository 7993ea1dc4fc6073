"""Areas under the ROC curve with several readers and shared cases: one estimate, two conclusions.

Variances are those of ``area_variance``. Each source shows its own cases, so the areas of two sources share readers but
no cases; sources that do share cases are compared case by case. Sources with no reader in common are compared as means
of different readers, allowing for shared cases: the split plot of Hillis (2014, Statistics in Medicine 33:330) with
readers nested in treatments, each with its own error terms.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, Spread, independent
from helpers.stats.mover import STUDENT, check_interval, conclusions_of, with_tails
from helpers.stats.mrmc.area_variance import Area, areas_of, cases_of, hillis
from helpers.stats.mrmc.panel import Panel, panel
from helpers.stats.readings import by_group, source_order, with_labels
from helpers.stats.reasons import INDEPENDENT, NO_READERS, NO_SPREAD, TWO_READERS
from helpers.stats.wilson import wilson, wilson_p_value

CHANCE = 0.5
NUMBERS = ["value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
DIFFERENCE = ["first", "second", "conclusion", *NUMBERS, "readers", "readings", "note"]
SMALLER = "interval from the number of cases of the smaller group"
WHOLLY_APART = f"present and absent fully separated: {SMALLER}"
ALL_ALIKE = f"all ratings alike: {SMALLER}"
STILL = f"ratings all alike, or fully separated: {SMALLER}"
SAME_RATINGS = "no interval: the two were rated alike, case by case"
ONE_CASE = "not estimable: a single present or absent case"
NOBODY = "not estimable: no reader has both present and absent cases"


def auc(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Area under the ROC curve of the ratings in each group of ``by``; within a group, the mean over its findings.

    ``rows``: analysed readings of the conditionality task. Two rows for each group, "these readers" and "readers
    like these". Columns: by..., conclusion, value, low, high, standard_error, degrees_of_freedom, p_value (against
    0.5), readers, present, absent (cases), readings, note. The interval is Wilson's with the effective sample size, so
    it stays in 0..1. Readers without both present and absent cases of every finding are left out, and the note says
    how many.

    >>> rows = pd.DataFrame({"reader": "r1", "case": list("abcdef"), "source": "film", "finding": "nodule"})
    >>> rows = rows.assign(truth=[0, 0, 0, 1, 1, 1], rating=[1, 2, 3, 2, 3, 3])
    >>> auc(rows, ["source"])["value"].round(3).tolist()  # 6.5 of the 9 pairs are in order, one half for each tie
    [0.722, 0.722]
    """
    return by_group(with_labels(rows), by, _estimate)


def auc_difference(
    rows: pd.DataFrame,
    first: str,
    second: str,
    confidence: float = 0.95,
    interval: str = STUDENT,
    limits: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Area on ``first`` minus area on ``second`` (sources), mean over findings, by the readers who read both.

    Columns: first, second, conclusion, value, low, high, standard_error, degrees_of_freedom, p_value, readers,
    readings, note. A case that both sources show affects both at once. If no reader has an area on both, the means of
    different readers are compared, and the note says so; what cannot be estimated is NaN with its reason. ``interval``:
    "student", or "mover", which is better near 0 and 1 and is always used if ratings are fully separated; p_value is
    Student's either way. With ``limits`` (low, high) there are also the one-sided p_lower and p_upper of
    ``proportions.difference``. Raises StatisticsError for a source without readings and for an unknown interval.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("123456") * 2, "source": ["film"] * 6 + ["screen"] * 6,
    ...                      "finding": "mass", "truth": [0, 0, 0, 1, 1, 1] * 2,
    ...                      "rating": [1, 2, 3, 2, 3, 3] + [1, 1, 2, 2, 3, 3]})
    >>> table = auc_difference(rows, "film", "screen").query("conclusion == 'these readers'")
    >>> table[["value", "standard_error"]].round(3).values.tolist()  # areas 6.5/9 and 8.5/9, error by DeLong
    [[-0.222, 0.157]]
    """
    check_interval(interval)
    rows, names = with_labels(rows), [str(name) for name in (first, second)]
    known = sorted(rows["source"].unique())
    for name in [name for name in names if name not in known]:
        raise StatisticsError(f"no readings with source {name!r}; there is: {', '.join(known)}")
    whole = panel(rows[rows["source"].isin(names)])
    places = [whole.treatments.index(name) for name in names]
    able = whole.able()[places]
    if able.any(axis=1).all():
        table, one_sided = _difference(whole, places, able, (interval, confidence, limits))
    else:
        table, one_sided = _no_difference(whole, names, able.any(axis=1)), [(np.nan, np.nan)] * 2
    return with_tails(table, one_sided) if limits else table


def all_auc_differences(rows: pd.DataFrame, interval: str = STUDENT) -> pd.DataFrame:
    """``auc_difference`` of every pair of sources; empty if there is one source.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(12), "source": ["gan", "real", "diffusion"] * 4,
    ...                      "finding": "mass", "truth": [0] * 6 + [1] * 6})
    >>> rows["rating"] = [1, 1, 2, 2, 1, 3, 2, 1, 2, 3, 2, 1]
    >>> table = all_auc_differences(rows).query("conclusion == 'these readers'")
    >>> table[["first", "second", "value"]].values.tolist()
    [['real', 'gan', -0.125], ['real', 'diffusion', 0.625], ['gan', 'diffusion', 0.75]]
    """
    pairs = list(combinations(source_order(rows["source"]), 2))
    tables = [auc_difference(rows, first, second, interval=interval) for first, second in pairs]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=DIFFERENCE)


def _difference(whole: Panel, places: list[int], able: np.ndarray, how: tuple) -> tuple[pd.DataFrame, list[tuple]]:
    """Two rows for a difference that can be estimated, and their one-sided p values; ``places`` are the treatments,
    ``able`` (2, R) the readers with an area on them, ``how`` interval, confidence and limits."""
    together = able.all(axis=0)
    used = whole.keep(together if together.any() else able.any(axis=0))
    areas = areas_of(used, places)
    if together.any():
        difference = hillis(areas[0].moved.minus(areas[1].moved))
    else:
        difference = independent(*(area.moved for area in areas), tuple(area.spread for area in areas))
    left_out, still = len(whole.readers) - len(used.readers), all(area.still for area in areas)
    counts = len(used.readers), int(used.read.sum())
    lines, one_sided = [], []
    given = (difference, lambda conclusion: [area.side(conclusion) for area in areas], still)
    for conclusion, numbers, tail in conclusions_of(*given, *how):
        notes = [] if together.any() else [INDEPENDENT]
        notes += _notes(difference, conclusion, areas, left_out)
        lines.append((*(whole.treatments[place] for place in places), conclusion, *numbers, *counts, "; ".join(notes)))
        one_sided.append(tail)
    return pd.DataFrame(lines, columns=DIFFERENCE), one_sided


def _no_difference(whole: Panel, names: list[str], able: np.ndarray) -> pd.DataFrame:
    """Two rows that say why there is no difference; ``able`` (2,) says which source has a reader with an area."""
    lacking = " and ".join(repr(name) for name, has in zip(names, able, strict=True) if not has)
    numbers = [np.nan] * len(NUMBERS)
    note = f"{NOBODY} of {lacking}"
    lines = [(*names, c, *numbers, 0, int(whole.read.sum()), note) for c in (THESE, LIKE)]
    return pd.DataFrame(lines, columns=DIFFERENCE)


def _estimate(rows: pd.DataFrame) -> pd.DataFrame:
    whole = panel(rows.assign(group="all"), "group")
    able = whole.able()[0]
    used = whole.keep(able) if able.any() else whole
    present, absent = (cases_of(used, 0, truth) for truth in (1, 0))
    area = areas_of(used, [0])[0] if able.any() else None
    lines = []
    for conclusion in (THESE, LIKE):
        if area is None:
            numbers, notes = [np.nan] * len(NUMBERS), [NOBODY]
        else:
            value, variance, degrees, answers, between = area.side(conclusion)
            low, high = wilson(value, variance, degrees, answers, between)
            p_value = wilson_p_value(value, variance, degrees, answers, CHANCE, between)
            error = variance**0.5 if np.isfinite(variance) else np.nan
            numbers = [float(x) for x in (value, low, high, error, degrees, p_value)]
            notes = _notes(area.spread, conclusion, [area], int((~able).sum()))
        counts = int(able.sum()), present, absent, int(used.read.sum()), "; ".join(notes)
        lines.append((conclusion, *numbers, *counts))
    return pd.DataFrame(lines, columns=["conclusion", *NUMBERS, "readers", "present", "absent", "readings", "note"])


def _notes(result: Spread, conclusion: str, areas: list[Area], left_out: int) -> list[str]:
    """Notes on an area, or on the difference of two."""
    variance = float(result.of(conclusion)[0])
    notes = [f"readers without both present and absent cases, left out: {left_out}"] if left_out else []
    if conclusion == LIKE and min(len(area.moved.value) for area in areas) == 1:
        notes.append(NO_READERS)
    elif not np.isfinite(variance):  # infinite for a group of one case if that case affects the area
        notes.append(ONE_CASE)
    elif variance == 0:
        values = np.concatenate([area.moved.value for area in areas])
        still = all(area.still for area in areas)
        apart, alike = np.isin(values, (0.0, 1.0)).all(), (values == CHANCE).all()
        notes.append(SAME_RATINGS if not still else WHOLLY_APART if apart else ALL_ALIKE if alike else STILL)
    elif conclusion == LIKE and variance == float(result.these_variance):
        notes.append(NO_SPREAD)
    if conclusion == LIKE and variance > 0 and min(len(area.moved.value) for area in areas) == 2:
        notes.append(TWO_READERS)
    return notes
