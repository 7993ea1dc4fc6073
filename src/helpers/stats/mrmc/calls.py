"""Differences in sensitivity, specificity and accuracy between two sources, or two treatments of the same cases."""

from itertools import combinations

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import proportions
from helpers.stats.readings import in_front, source_order

SIDES = {"sensitivity": (1,), "specificity": (0,), "accuracy": (0, 1)}


def call_differences(rows: pd.DataFrame, first: str, second: str, undetermined: str = "half") -> pd.DataFrame:
    """Share of right calls on ``first`` minus ``second``: for present cases, absent cases, and all.

    Columns: measure, then as in ``proportions.difference``: a case shown by both is paired with itself. A measure that
    cannot be compared is left out; raises StatisticsError if none can.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("1234") * 2, "source": ["film"] * 4 + ["screen"] * 4,
    ...                      "truth": [1, 1, 0, 0] * 2, "correct": [1, 1, 1, 0, 1, 0, 1, 0]})
    >>> table = call_differences(rows, "film", "screen").query("conclusion == 'these readers'")
    >>> table[["measure", "value"]].values.tolist()
    [['sensitivity', 0.5], ['specificity', 0.0], ['accuracy', 0.25]]
    """
    tables, reasons = [], []
    for measure, truths in SIDES.items():
        side = rows[rows["truth"].isin(truths)]
        try:
            found = proportions.difference(side, first, second, undetermined)
        except StatisticsError as reason:
            reasons.append(reason)
            continue
        tables.append(in_front(found, measure=measure))
    if not tables:
        raise reasons[0]
    return pd.concat(tables, ignore_index=True)


def all_call_differences(rows: pd.DataFrame, undetermined: str = "half") -> pd.DataFrame:
    """``call_differences`` of every pair of sources, by measure; raises StatisticsError if there is no pair.

    >>> rows = pd.DataFrame({"reader": "a", "case": list("1234") * 2, "source": ["film"] * 4 + ["screen"] * 4,
    ...                      "truth": [1, 1, 0, 0] * 2, "correct": [1, 1, 1, 0, 1, 0, 1, 0]})
    >>> table = all_call_differences(rows).query("conclusion == 'these readers'")
    >>> table[["measure", "second", "value"]].values.tolist()
    [['sensitivity', 'screen', 0.5], ['specificity', 'screen', 0.0], ['accuracy', 'screen', 0.25]]
    """
    pairs = list(combinations(source_order(rows["source"]), 2))
    if not pairs:
        raise StatisticsError("there is one source only: nothing to compare")
    tables = [call_differences(rows, first, second, undetermined) for first, second in pairs]
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values(
        "measure", key=lambda names: names.map(list(SIDES).index), kind="stable", ignore_index=True
    )
