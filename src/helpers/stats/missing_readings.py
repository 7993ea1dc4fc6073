"""Missing readings: how far trials that were planned but never read could change the results.

Two analyses. **Worst cases**: every unread trial of one source is counted right and every one of the other wrong, and
the reverse; the study is then analysed as if read that way (best-worst case analysis; Gamble and Hollis 2005,
Journal of Clinical Epidemiology 58:579). **A shift** (pattern-mixture model; Little 1993, Journal of the American
Statistical Association 88:125): unread trials are taken to be like the reader's own on the same source, but better by
delta on the first source and worse by delta on the second, within 0 and 1. With f the unread share of a reader's
trials (for an area: of pairs of a present and an absent case), the reader's value t becomes

    t + f (min(max(t + delta, 0), 1) - t)

and each case moves it as before, or (1 - f) times as much if the bound is reached. Delta 0 is the analysis of what was
read. The tipping point is the smallest delta that changes the conclusion (Yan, Lee and Li 2009, Journal of
Biopharmaceutical Statistics 19:1085).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.groups import ACCURACY, AREA, Groups, contrast, groups_of
from helpers.stats.mrmc import auc_difference
from helpers.stats.proportion_pairs import answers_behind
from helpers.stats.proportions import CHANCE, accuracy, difference
from helpers.stats.readings import in_front, score, source_order
from helpers.stats.wilson import wilson, wilson_p_value

AS_READ = "as read"
LEVEL = 0.05
DELTAS = tuple(np.round(np.arange(-1.0, 1.01, 0.02), 2))
NUMBERS = ["conclusion", "value", "low", "high", "p_value", "readers", "note"]


def worst_cases(
    rows: pd.DataFrame, missing: pd.DataFrame, measure: str = ACCURACY, undetermined: str = "half"
) -> pd.DataFrame:
    """Results as read, and with every unread trial counted as a worst case, in both directions.

    ``rows``: analysed readings; ``missing``: their ``unread``; ``measure``: "accuracy" (each source against
    chance, and every difference of two) or "auc" (every difference; an unread rating is the highest or lowest given).
    Columns: compared ("gan", "gan minus diffusion"), assumption, conclusion, value, low, high, p_value, readers, note,
    turned: whether the conclusion (p below 0.05, and its direction) differs from that as read; the note also says so.

    >>> rows = pd.DataFrame({"reader": list("aabb"), "source": "gan", "case": list("1212"), "finding": "f", "truth": 1})
    >>> rows = rows.assign(rating=[1, 1, 1, -1], correct=[1, 1, 1, 0])
    >>> from helpers.stats.unread_trials import crossing, unread
    >>> table = worst_cases(rows[:3], unread(rows[:3], crossing(rows)))
    >>> table.groupby("assumption", sort=False)["value"].first().to_dict()
    {'as read': 1.0, 'all right': 1.0, 'all wrong': 0.75}
    """
    tables = []
    for compared, weights in _comparisons(rows, measure).items():
        first, *second = weights
        assumptions = {AS_READ: {}} | (
            {f"{first} right, {second[0]} wrong": {first: 1, second[0]: 0}}
            | {f"{first} wrong, {second[0]} right": {first: 0, second[0]: 1}}
            if second
            else {"all right": {first: 1}, "all wrong": {first: 0}}
        )
        for assumption, right in assumptions.items():
            table = _analysed(_completed(rows, missing, right), first, second, measure, undetermined)
            tables.append(in_front(table, compared=compared, assumption=assumption, null=_null(weights)))
    table = pd.concat(tables, ignore_index=True)
    table = _with_verdicts(table, table["assumption"] == AS_READ)
    why = table["note"].where(table["value"].isna() | table["low"].isna(), "")
    return table.assign(note=why.mask(table["turned"], "turns the conclusion for " + table["conclusion"]))


def shifted(
    rows: pd.DataFrame,
    missing: pd.DataFrame,
    measure: str = ACCURACY,
    undetermined: str = "half",
    deltas: Sequence[float] = DELTAS,
) -> pd.DataFrame:
    """Results if unread trials differ by delta from those read: delta 0 is what was read.

    Arguments and further columns as in ``worst_cases``, with ``delta`` in place of the assumption.

    >>> rows = pd.DataFrame({"reader": "a", "source": "gan", "case": range(20), "finding": "mass", "truth": 1})
    >>> rows = rows.assign(correct=[1] * 16 + [0] * 4)
    >>> missing = rows[["reader", "source", "case", "finding", "truth"]].assign(case=range(20, 40))  # as many unread
    >>> table = shifted(rows, missing, deltas=[-0.5, 0.0, 0.5]).query("conclusion == 'these readers'")
    >>> table[["delta", "value", "turned"]].round(2).values.tolist()  # 0.8 + 0.5 delta, bounded at 1
    [[-0.5, 0.55, True], [0.0, 0.8, False], [0.5, 0.9, False]]
    """
    groups = groups_of(rows, rows["source"], measure, undetermined)
    share = _unread_share(groups, rows, missing, measure)
    tables = []
    for compared, weights in _comparisons(rows, measure).items():
        own = rows[rows["source"].isin(list(weights))]
        answers = answers_behind(own[score(own, undetermined).notna()]) if len(weights) == 1 else None
        for delta in deltas:
            line = contrast(_moved(groups, share, weights, delta), weights)
            line = line if answers is None else _against_chance(line, answers)
            tables.append(in_front(line[NUMBERS], compared=compared, delta=delta, null=_null(weights)))
    table = pd.concat(tables, ignore_index=True)
    return _with_verdicts(table, table["delta"] == 0)


def tipping_points(table: pd.DataFrame) -> pd.DataFrame:
    """The smallest shifts that change each conclusion of ``shifted``: compared, conclusion, value, p_value (as read),
    below, above (delta; NaN if none down to -1 or up to 1 does), note.

    >>> table = pd.DataFrame({"compared": "gan", "conclusion": THESE, "value": 0.8, "p_value": 0.01, "note": "",
    ...                       "delta": [-0.4, -0.2, 0.0, 0.2], "turned": [True, True, False, False]})
    >>> tipping_points(table)[["below", "above"]].values.tolist()
    [[-0.2, nan]]
    """
    lines = []
    for (compared, conclusion), own in table.groupby(["compared", "conclusion"], sort=False):
        asread, turned = own[own["delta"] == 0].iloc[0], own.loc[own["turned"], "delta"]
        below, above = turned[turned < 0].max(), turned[turned > 0].min()
        note = asread["note"] if pd.isna(asread["p_value"]) else ""
        note = note or ("no shift turns it" if np.isnan([below, above]).all() else "")
        lines.append((compared, conclusion, asread["value"], asread["p_value"], below, above, note))
    return pd.DataFrame(lines, columns=["compared", "conclusion", "value", "p_value", "below", "above", "note"])


def _comparisons(rows: pd.DataFrame, measure: str) -> dict[str, dict[str, float]]:
    """Sources and pairs of sources in words, and their weights."""
    if measure not in (ACCURACY, AREA):
        raise StatisticsError(f"measure = {measure!r}: choose {ACCURACY} or {AREA}")
    sources = source_order(rows["source"])
    single = {source: {source: 1.0} for source in sources if measure == ACCURACY}
    return single | {f"{a} minus {b}": {a: 1.0, b: -1.0} for a, b in combinations(sources, 2)}


def _completed(rows: pd.DataFrame, missing: pd.DataFrame, right: Mapping[str, int]) -> pd.DataFrame:
    """Readings with the unread trials of the sources in ``right`` answered right (1) or wrong (0)."""
    added = missing[missing["source"].isin(right)]
    if added.empty:
        return rows
    is_right = added["source"].map(right).to_numpy()
    says_present = np.where(is_right == 1, added["truth"], 1 - added["truth"])
    rating = np.where(says_present == 1, rows["rating"].max(), rows["rating"].min())
    added = added.assign(correct=is_right, rating=rating).astype(rows.dtypes[[*added, "correct", "rating"]].to_dict())
    return pd.concat([rows, added], ignore_index=True)


def _analysed(rows: pd.DataFrame, first: str, second: list[str], measure: str, undetermined: str) -> pd.DataFrame:
    try:
        if not second:
            table = accuracy(rows[rows["source"] == first], None, undetermined)
        elif measure == ACCURACY:
            table = difference(rows, first, second[0], undetermined)
        else:
            table = auc_difference(rows, first, second[0])
    except StatisticsError as error:
        lines = [{"conclusion": c, "readers": 0, "note": f"not estimable: {error}"} for c in (THESE, LIKE)]
        return pd.DataFrame(lines).reindex(columns=NUMBERS)
    return table[NUMBERS]


def _unread_share(groups: Groups, rows: pd.DataFrame, missing: pd.DataFrame, measure: str) -> np.ndarray:
    """Unread share of each reader's trials in each source, or of the pairs of present and absent cases: (G, R)."""
    share = np.zeros(groups.value.shape)
    if measure == ACCURACY:
        lacking = missing.groupby(["source", "reader"]).size()
        lacking = (
            lacking.unstack(fill_value=0).reindex(index=groups.names, columns=groups.readers, fill_value=0).to_numpy()
        )
        return np.divide(lacking, groups.readings + lacking, out=share, where=groups.readings + lacking > 0)
    by = ["source", "reader", "finding"]
    read = rows.groupby([*by, "truth"]).size().unstack(fill_value=0).reindex(columns=[0, 1], fill_value=0)
    lacking = missing.groupby([*by, "truth"]).size().unstack(fill_value=0)
    planned = read.add(lacking.reindex(index=read.index, columns=[0, 1], fill_value=0))
    by_finding = 1 - (read[0] * read[1]) / (planned[0] * planned[1])
    mean = by_finding.groupby(["source", "reader"]).mean().unstack()
    return mean.reindex(index=groups.names, columns=groups.readers).fillna(0).to_numpy()


def _moved(groups: Groups, share: np.ndarray, weights: Mapping[str, float], delta: float) -> Groups:
    signs = np.array([weights.get(name, 0.0) for name in groups.names])[:, None]
    unbounded = groups.value + signs * delta
    assumed = np.clip(unbounded, 0.0, 1.0)
    still = np.where(assumed != unbounded, 1.0 - share, 1.0)  # a bound does not move with the cases that were read
    return replace(groups, value=groups.value + share * (assumed - groups.value), cases=groups.cases * still[..., None])


def _null(weights: Mapping[str, float]) -> float:
    return 0.0 if len(weights) > 1 else CHANCE


def _against_chance(line: pd.DataFrame, answers: float) -> pd.DataFrame:
    """A single proportion with Wilson's interval and p value against chance, as in ``proportions.accuracy``."""
    variance, degrees = line["standard_error"] ** 2, line["degrees_of_freedom"]
    between = (1.0 - variance.iloc[0] / variance).clip(lower=0.0).fillna(0.0)
    low, high = wilson(line["value"], variance, degrees, answers, between)
    p_value = wilson_p_value(line["value"], variance, degrees, answers, CHANCE, between)
    return line.assign(low=low, high=high, p_value=p_value, note=line["note"].where(np.isnan(p_value), ""))


def _with_verdicts(table: pd.DataFrame, as_read: pd.Series) -> pd.DataFrame:
    """The table with ``turned``: whether a row's conclusion differs from that as read, for the same comparison."""
    keys = ["compared", "conclusion"]
    verdict = np.sign(table["value"] - table["null"]) * (table["p_value"] < LEVEL)
    before = table[keys].merge(table.loc[as_read, keys].assign(verdict=verdict[as_read]), how="left", on=keys)[
        "verdict"
    ]
    return table.drop(columns="null").assign(turned=verdict.to_numpy() != before.to_numpy())
