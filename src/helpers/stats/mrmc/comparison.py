"""Differences of areas by each method that applies, in one table: the published analysis first.

Obuchowski and Rockette's analysis as published is the headline. Its error term is pooled over all treatments, or that
of the two treatments compared; with two treatments these are the same. "These readers" are what the field calls fixed
readers, "readers like these" random readers; cases are random in both. The bounded variant is this project's own
(``areas``): its interval for readers like these is never narrower than the one for these readers alone.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.areas import auc_difference
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.obuchowski_rockette import (
    NUMBERS,
    OWN,
    POOLED,
    THESE_CASES,
    differences,
    obuchowski_rockette,
)
from helpers.stats.mrmc.panel import Panel, panel

PUBLISHED = "Obuchowski-Rockette"
ALL_TREATMENTS = f"{PUBLISHED}, error pooled over all treatments"
TWO_TREATMENTS = f"{PUBLISHED}, error of the two treatments"
BOUNDED = "bounded by the cases (this project's variant)"
SAMPLING = {
    LIKE: "random readers, random cases",
    THESE: "fixed readers, random cases",
    THESE_CASES: "random readers, fixed cases",
}
ByPair = dict[tuple, dict] | StatisticsError  # rows of a table of differences, or why there is none
COLUMNS = ["first", "second", "method", "conclusion", "sampling", *NUMBERS, "p_value", "readers", "readings", "note"]


def comparisons(rows: pd.DataFrame, covariance: str = "delong") -> pd.DataFrame:
    """Differences of areas by every method; for each pair and conclusion the first row with an interval counts.

    ``rows`` and ``covariance`` as in ``obuchowski_rockette``. Columns: first, second, method, conclusion, sampling (the
    conclusion in the field's words), value, standard_error, degrees_of_freedom, low, high, p_value, readers, readings
    (of the pair, by these readers), note. A method that does not apply has no numbers, and the note says why; the table
    is empty with one treatment.

    >>> rows = pd.DataFrame(
    ...     [(f"r{r}", t + str(c), t, "nodule", c % 2, (c * (7 + r) + len(t)) % 5 + 2 * (c % 2))
    ...      for r in range(3) for t in ("gan", "real") for c in range(20)],
    ...     columns=["reader", "case", "source", "finding", "truth", "rating"])
    >>> list(headline(comparisons(rows))["method"].unique())
    ['Obuchowski-Rockette, error of the two treatments']
    """
    whole = panel(rows, "source")
    if len(whole.treatments) < 2:
        return pd.DataFrame(columns=COLUMNS)
    pairs = list(combinations(whole.treatments, 2))
    pooled = {c: _differences(rows, covariance, c, POOLED) for c in (LIKE, THESE) if len(pairs) > 1}
    used, tables = _readings(whole), []
    for pair in pairs:
        two, lines = rows[rows["source"].astype(str).isin(pair)], []
        for conclusion in (LIKE, THESE):
            if pooled:
                known = _published(pooled[conclusion], pair, ALL_TREATMENTS, conclusion)
                lines.append(known | {"readings": used(pair, whole.treatments)})
            own = _differences(two, covariance, conclusion, OWN)
            lines.append(_published(own, pair, TWO_TREATMENTS, conclusion) | {"readings": used(pair, pair)})
        lines += _bounded(two.assign(source=two["source"].astype(str)), pair)
        tables.append(pd.DataFrame(lines))
    table = pd.concat(tables, ignore_index=True)
    return table.assign(sampling=table["conclusion"].map(SAMPLING)).reindex(columns=COLUMNS)


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """One row of ``comparisons`` for each pair and conclusion: the first with an interval, or the last with its note.

    Later rows are used only if the published analysis does not apply, for example if different readers read the two.

    >>> table = pd.DataFrame({"first": "film", "second": "screen", "conclusion": ["these readers", LIKE, LIKE],
    ...                       "method": [TWO_TREATMENTS, TWO_TREATMENTS, BOUNDED], "low": [-0.1, np.nan, -0.2]})
    >>> headline(table)[["conclusion", "low"]].values.tolist()
    [['these readers', -0.1], ['readers like these', -0.2]]
    """
    if table.empty:
        return table
    chosen = []
    for _, own in table.groupby(["first", "second", "conclusion"], sort=False):
        known = own[own["low"].notna()]
        chosen.append(known.iloc[[0]] if len(known) else own.iloc[[-1]])
    return pd.concat(chosen, ignore_index=True)


def headline_alone(rows: pd.DataFrame) -> pd.DataFrame:
    """``headline`` of ``comparisons``, without computing the rows that do not count: several times faster.

    >>> rows = pd.DataFrame(
    ...     [(f"r{r}", t + str(c), t, "nodule", c % 2, (c * (7 + r) + len(t)) % 5 + 2 * (c % 2))
    ...      for r in range(3) for t in ("gan", "real") for c in range(20)],
    ...     columns=["reader", "case", "source", "finding", "truth", "rating"])
    >>> headline_alone(rows)["value"].equals(headline(comparisons(rows))["value"])
    True
    """
    whole = panel(rows, "source")
    pairs = list(combinations(whole.treatments, 2))
    if len(pairs) < 2:
        return headline(comparisons(rows))
    lines, used = [], _readings(whole)
    pooled = _pooled(rows)
    for pair in pairs:
        count = used(pair, whole.treatments)
        lines += [_published(pooled[c], pair, ALL_TREATMENTS, c) | {"readings": count} for c in (LIKE, THESE)]
    table = pd.DataFrame(lines)
    if table["low"].isna().any():  # another method may have an interval
        return headline(comparisons(rows))
    return table.assign(sampling=table["conclusion"].map(SAMPLING)).reindex(columns=COLUMNS)


def _readings(whole: Panel) -> Callable[[tuple, tuple], int]:
    """Function that counts the readings of a pair by the readers who have an area on all of some treatments."""
    able, counts = whole.able(), whole.read.sum(axis=-1)

    def used(pair: tuple, treatments: tuple) -> int:
        of_all = able[[whole.treatments.index(name) for name in treatments]].all(axis=0)
        return int(counts[[whole.treatments.index(name) for name in pair]][:, of_all].sum())

    return used


def _pooled(rows: pd.DataFrame) -> dict[str, ByPair]:
    """``_differences`` with the error of all treatments, by conclusion, from areas estimated once."""
    try:
        estimates = area_estimates(rows)
    except StatisticsError as reason:
        return dict.fromkeys((LIKE, THESE), reason)
    return {conclusion: _by_pair(differences(estimates, conclusion, POOLED)) for conclusion in (LIKE, THESE)}


def _differences(rows: pd.DataFrame, covariance: str, conclusion: str, error: str) -> ByPair:
    """Differences of all pairs by the published analysis, or the reason it does not apply."""
    try:
        return _by_pair(obuchowski_rockette(rows, "source", covariance, conclusion, error).differences)
    except StatisticsError as reason:
        return reason


def _by_pair(table: pd.DataFrame) -> dict[tuple, dict]:
    return {(row["first"], row["second"]): row for row in table.to_dict("records")}


def _published(found: ByPair, pair: tuple, method: str, conclusion: str) -> dict:
    if isinstance(found, StatisticsError):
        return _without(pair, method, conclusion, found)
    return found[pair] | _named(pair, method, conclusion)


def _bounded(rows: pd.DataFrame, pair: tuple) -> list[dict]:
    try:
        found = auc_difference(rows, *pair).set_index("conclusion")
    except StatisticsError as reason:
        return [_without(pair, BOUNDED, conclusion, reason) for conclusion in (LIKE, THESE)]
    return [found.loc[c].to_dict() | _named(pair, BOUNDED, c) for c in (LIKE, THESE)]


def _named(pair: tuple, method: str, conclusion: str) -> dict:
    return {"first": pair[0], "second": pair[1], "method": method, "conclusion": conclusion}


def _without(pair: tuple, method: str, conclusion: str, reason: StatisticsError) -> dict:
    numbers = dict.fromkeys([*NUMBERS, "p_value"], np.nan)
    return numbers | _named(pair, method, conclusion) | {"readers": 0, "note": f"not estimable: {reason}"}
