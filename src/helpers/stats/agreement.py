"""Agreement of readers with each other, and with themselves when a case is repeated.

Ratings of pairs are oriented so that + points to the synthetic image (``orientation``). The measures are those of
``kappa`` and ``intraclass``: Cohen's kappa with quadratic weights (mean over pairs of readers), Fleiss' kappa,
Krippendorff's ordinal alpha, Gwet's AC1 and AC2 (quadratic weights) and ICC(A,1). Intervals: ``bootstrap`` over cases,
for these readers.
"""

from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.stats import kappa
from helpers.stats.bootstrap import case_samples, interval
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.intraclass import complete_cases, icc, icc_interval
from helpers.stats.orientation import rating_matrix
from helpers.stats.readings import grouped, with_labels
from helpers.stats.scales import MOST_GRADES, levels

KAPPA, FLEISS, ALPHA, AC1, AC2, ICC = (
    "weighted_kappa",
    "fleiss_kappa",
    "krippendorff_alpha",
    "gwet_ac1",
    "gwet_ac2",
    "icc",
)
SAME = "same_answer"
MEASURES = {
    KAPPA: kappa.cohen_kappa,
    FLEISS: kappa.fleiss_kappa,
    ALPHA: kappa.ordinal_alpha,
    AC1: partial(kappa.gwet_ac, scheme=kappa.UNWEIGHTED),
    AC2: kappa.gwet_ac,
    ICC: icc,
}
OWN_MEASURES = {KAPPA: kappa.cohen_kappa, AC2: kappa.gwet_ac, ICC: icc, SAME: kappa.same_answer}
ALL = "all"
COLUMNS = ["measure", "conclusion", "value", "low", "high", "readers", "cases", "note"]
ONE_READER, NOT_SHARED = "not estimable: one reader", "not estimable: no case read by two readers"
ONE_CASE, ALIKE = "no interval: one case", "every rating the same"
MANY = f"not estimable: more than {MOST_GRADES} different ratings, too many for categories; see the ICC"
UNVARYING = "no interval: the same in every bootstrap sample"


def between_readers(rows: pd.DataFrame, by: list[str], seed: int, resamples: int = 500) -> pd.DataFrame:
    """Agreement between readers on one task (``readings.analysed``) in each group of ``by``: source, finding or both.

    A row "all" pools the groups of the last column of ``by``. Columns: by..., measure, conclusion, value, low, high,
    readers, cases, note. What cannot be estimated is NaN, and the note says why.

    >>> rows = pd.DataFrame({"reader": ["a"] * 50 + ["b"] * 50, "case": [*range(50)] * 2,
    ...                      "rating": [1] * 25 + [-1] * 25 + [1] * 20 + [-1] * 5 + [1] * 10 + [-1] * 15})
    >>> rows = rows.assign(task="realism_single", side="", source="gan", finding="none")
    >>> table = between_readers(rows, ["source"], seed=1).query("source == 'gan'").set_index("measure")
    >>> float(table.at["weighted_kappa", "value"].round(3))  # by hand: (35/50 - 1/2) / (1 - 1/2)
    0.4
    """
    rows = with_labels(rows)
    lines, categories = [], levels(rows)
    for group, part in _with_all(rows, by):
        table = rating_matrix(part)
        ratings = table.to_numpy()
        weights = case_samples(table.columns.get_level_values("case"), seed, resamples)
        for name, measure in MEASURES.items():
            size = _size_for(name, table)
            lines.append(
                group
                | {"measure": name}
                | _between(ratings, _on(categories, measure), weights, resamples, size["cases"])
                | size
            )
    return pd.DataFrame(lines)[[*by, *COLUMNS]]


def icc_of_readers_like_these(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The ICC(A,1) of ``between_readers`` with pingouin's interval for readers like these; same groups and columns.

    >>> ratings = [9, 6, 8, 7, 10, 6, 2, 1, 4, 1, 5, 2, 5, 3, 6, 2, 6, 4, 8, 2, 8, 6, 9, 7]
    >>> rows = pd.DataFrame({"reader": np.repeat([*"abcd"], 6), "case": [*"123456"] * 4, "rating": ratings})
    >>> rows = rows.assign(task="realism_single", side="", source="gan", finding="none")
    >>> table = icc_of_readers_like_these(rows, ["source"]).query("source == 'gan'")
    >>> table[["value", "low", "high"]].round(2).values.tolist()  # ICC(2,1) of Shrout and Fleiss 1979, table 2
    [[0.29, 0.02, 0.76]]
    """
    lines = []
    for group, part in _with_all(rows, by):
        table = rating_matrix(part)
        value, low, high = icc_interval(table.to_numpy())
        note = "" if low == low else ONE_READER if len(table) < 2 else "no interval: too few cases, or no spread"
        estimate = {"measure": ICC, "conclusion": LIKE, "value": value, "low": low, "high": high, "note": note}
        lines.append(group | estimate | _size_for(ICC, table))
    return pd.DataFrame(lines)[[*by, *COLUMNS]]


def within_readers(pairs: pd.DataFrame, task: str, by: list[str], seed: int, resamples: int = 500) -> pd.DataFrame:
    """Agreement of readers with themselves on repeated cases: ``readings.repeated`` of ``with_orientation``.

    One row for each reader and one for "all" (the mean over readers who have the measure), in each group of ``by``.
    Columns: by..., reader, measure (weighted_kappa, gwet_ac2, icc, same_answer: the share of identical ratings),
    conclusion, value, low, high, readers, cases, note, task; no rows if nothing was repeated.

    >>> pairs = pd.DataFrame({"reader": list("aaaabbbb"), "source": "gan", "case": list("12341234"),
    ...                       "first": [1, -1, 1, -1, 1, 1, -1, -1], "second": [1, -1, 1, -1, 1, -1, 1, -1]})
    >>> table = within_readers(pairs, "realism_single", ["source"], seed=1).query("measure == 'weighted_kappa'")
    >>> table[["reader", "value"]].values.tolist()
    [['a', 1.0], ['b', 0.0], ['all', 0.5]]
    """
    lines, categories = [], levels(pairs, ("first", "second")) if len(pairs) else ()
    for group, part in grouped(pairs, by) if len(pairs) else []:
        weights = case_samples(part["case"], seed, resamples)
        places = {reader: np.flatnonzero(part["reader"] == reader) for reader in sorted(set(part["reader"]))}
        ratings = part[["first", "second"]].to_numpy("float64").T
        for name, measure in OWN_MEASURES.items():
            on_scale = _on(categories, measure)
            own = {reader: on_scale(ratings[:, at], weights[:, at]) for reader, at in places.items()}
            own[ALL] = _mean_over_readers(list(own.values()))
            for reader, values in own.items():
                line = dict(zip(by, group, strict=True)) | {"reader": reader, "measure": name}
                at = places.get(reader, slice(None))
                size = {"readers": 1 if reader != ALL else len(places), "cases": part["case"].iloc[at].nunique()}
                estimate = _estimate(values, resamples, size["cases"], _alike(ratings[:, at]))
                if on_scale is _too_many:
                    estimate = _nothing(MANY)
                lines.append(line | estimate | size)
    return pd.DataFrame(lines, columns=[*by, "reader", *COLUMNS]).assign(task=task)


def against_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """Test agreement on one task against chance: Fleiss' kappa of all readers, weighted kappa of each pair of readers.

    Columns: readers (text), measure, value, z, p_value, cases, note. The tests treat cases as independent and are not
    corrected for the number of pairs.

    >>> rows = pd.DataFrame({"reader": ["a"] * 50 + ["b"] * 50, "case": [*range(50)] * 2,
    ...                      "rating": [1] * 25 + [-1] * 25 + [1] * 20 + [-1] * 5 + [1] * 10 + [-1] * 15})
    >>> rows = rows.assign(task="realism_single", side="", source="gan", finding="none")
    >>> against_chance(rows)[["value", "z", "p_value"]].round(3).values.tolist()  # z^2: Pearson's chi-square
    [[0.4, 2.887, 0.004]]
    """
    rows = with_labels(rows)
    table, categories = rating_matrix(rows), levels(rows)
    lines = []
    if len(categories) > MOST_GRADES:
        columns = ["readers", "measure", "value", "z", "p_value", "cases", "note"]
        return pd.DataFrame([("all", FLEISS, *(np.nan,) * 3, table.shape[1], MANY)], columns=columns)
    if len(table) > 2:
        whole = table.loc[:, complete_cases(table.to_numpy())]
        test = kappa.fleiss_test(whole.to_numpy(), categories=categories)
        lines.append((f"all {len(table)}", FLEISS, *test, whole))
    for pair in combinations(table.index, 2):
        both = table.loc[list(pair)].dropna(axis=1)
        lines.append((" and ".join(pair), KAPPA, *kappa.cohen_test(both.to_numpy(), categories=categories), both))
    tests = pd.DataFrame(lines, columns=["readers", "measure", "value", "z", "p_value", "whole"])
    cases = tests["whole"].map(lambda whole: whole.columns.get_level_values("case").nunique()).astype("int64")
    notes = [
        _untested(whole) if value != value else "" for whole, value in zip(tests["whole"], tests["value"], strict=True)
    ]
    return tests.drop(columns="whole").assign(cases=cases, note=notes)


def _with_all(rows: pd.DataFrame, by: list[str]):
    """Groups of ``by`` with their columns as a dict; the groups of the last column are preceded by all of them."""
    *outer, last = by
    for key, part in grouped(rows, outer):
        group = dict(zip(outer, key, strict=True))
        yield group | {last: ALL}, part
        for (name,), inner in grouped(part, [last]):
            yield group | {last: name}, inner


def _on(categories: tuple[float, ...], measure):
    """The measure on these categories; ``_too_many`` if it needs categories and there are too many."""
    if measure in (icc, kappa.same_answer):
        return measure
    return _too_many if len(categories) > MOST_GRADES else partial(measure, categories=categories)


def _too_many(ratings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.full(len(weights), np.nan)


def _between(ratings: np.ndarray, measure, weights: np.ndarray, resamples: int, cases: int) -> dict:
    if len(ratings) < 2:
        return _nothing(ONE_READER)
    shared = (~np.isnan(ratings)).sum(axis=0) > 1
    if not shared.any() or measure is _too_many:
        return _nothing(MANY if shared.any() else NOT_SHARED)
    return _estimate(measure(ratings, weights), resamples, cases, _alike(ratings[:, shared]))


def _estimate(values: np.ndarray, resamples: int, cases: int, alike: bool) -> dict:
    """Estimate and interval from values on ``case_samples``, with a note on anything missing."""
    value, lost = float(values[0]), int(np.isnan(values[1 : 1 + resamples]).sum())
    if np.isnan(value):
        return _nothing(f"not estimable: {ALIKE if alike else 'too few cases or ratings without spread'}")
    if cases < 2:
        return _nothing(ONE_CASE) | {"value": value}
    low, high = interval(values, resamples, cases)
    if np.isclose(low, high, rtol=0, atol=1e-9):  # complete agreement in a few cases is not certain agreement
        return _nothing(UNVARYING) | {"value": value}
    note = f"bootstrap samples without a value, left out: {lost} of {resamples}" if lost else ""
    return {"conclusion": THESE, "value": value, "low": low, "high": high, "note": note}


def _nothing(note: str) -> dict:
    return {"conclusion": THESE, "value": float("nan"), "low": float("nan"), "high": float("nan"), "note": note}


def _size_for(measure: str, table: pd.DataFrame) -> dict:
    """Numbers of readers and of cases that a measure uses: for the ICC, the cases that every reader read."""
    used = table.loc[:, complete_cases(table.to_numpy())] if measure == ICC else table
    return {"readers": len(table), "cases": used.columns.get_level_values("case").nunique()}


def _alike(ratings: np.ndarray) -> bool:
    return bool(np.nanmin(ratings) == np.nanmax(ratings))


def _mean_over_readers(values: list[np.ndarray]) -> np.ndarray:
    """Mean over the readers whose own estimate is known, for each bootstrap sample."""
    known = [value for value in values if not np.isnan(value[0])]
    return np.mean(known, axis=0) if known else np.full_like(values[0], np.nan)


def _untested(whole: pd.DataFrame) -> str:
    if whole.shape[1] < 2:
        return "not estimable: fewer than two cases that all of them read"
    return f"not estimable: {ALIKE}"
