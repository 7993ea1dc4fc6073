"""Trials that were planned but never read, from a run's plan or from the crossing of a table's readers and cases."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ITEM = ["source", "case", "finding"]
TRIAL = ["reader", *ITEM]


def planned_trials(plan: pd.DataFrame, task: str) -> pd.DataFrame:
    """Trials of a study plan that answer a task, without practice and repeats: reader, source, case, finding, truth.

    >>> plan = pd.DataFrame({"reader": "a", "task": "single", "source": "gan", "case": ["1", "2"], "finding": "mass",
    ...                      "present": 1, "is_practice": [True, False], "repeat_of": None})
    >>> planned_trials(plan, "single")["case"].tolist()
    ['2']
    """
    main = plan[(plan["task"] == task) & ~plan["is_practice"] & plan["repeat_of"].isna()]
    return main.rename(columns={"present": "truth"})[[*TRIAL, "truth"]].reset_index(drop=True)


def crossing(rows: pd.DataFrame) -> pd.DataFrame:
    """Trials that were apparently planned for a table of readings: reader, source, case, finding, truth.

    Within each source, readers who share cases, directly or through others, are taken to have been given all cases of
    their group. Thus, without missing readings, nothing is missing in a complete crossing, with readers nested in
    sources, in a split plot or with cases of one reader each.

    >>> rows = pd.DataFrame({"reader": list("aab"), "source": "gan", "case": list("121"), "finding": "f", "truth": 1})
    >>> unread(rows, crossing(rows))[["reader", "case"]].values.tolist()
    [['b', '2']]
    """
    parts = []
    for _, own in rows.groupby("source", sort=False):
        reader, readers = pd.factorize(own["reader"])
        item, _ = pd.factorize(pd.MultiIndex.from_frame(own[ITEM]))
        facts = own.drop_duplicates(ITEM)[[*ITEM, "truth"]]  # in the order of the items' numbers
        size = len(readers) + len(facts)
        links = coo_array((np.ones(len(own)), (reader, len(readers) + item)), shape=(size, size))
        block = connected_components(links, directed=False)[1]
        readers = pd.DataFrame({"reader": readers, "block": block[: len(readers)]})
        parts.append(readers.merge(facts.assign(block=block[len(readers) :]), on="block"))
    return pd.concat(parts, ignore_index=True)[[*TRIAL, "truth"]]


def unread(rows: pd.DataFrame, planned: pd.DataFrame) -> pd.DataFrame:
    """Planned trials without a reading, for the readers who have any: reader, source, case, finding, truth.

    ``rows``: analysed readings of one task; ``planned``: those of ``planned_trials`` or ``crossing``.

    >>> planned = pd.DataFrame({"reader": list("aabb"), "source": "gan", "case": list("1212"), "finding": "mass"})
    >>> planned = planned.assign(truth=1)
    >>> unread(planned[:3], planned)[["reader", "case"]].values.tolist()
    [['b', '2']]
    """
    theirs = planned[planned["reader"].isin(set(rows["reader"]))].drop_duplicates(TRIAL)
    read = pd.MultiIndex.from_frame(rows[TRIAL].astype(str))
    return theirs[~pd.MultiIndex.from_frame(theirs[TRIAL].astype(str)).isin(read)].reset_index(drop=True)


def counts(rows: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Planned, read and missing trials by reader and source, and the share that is missing.

    >>> planned = pd.DataFrame({"reader": list("aabb"), "source": "gan", "case": list("1212"), "finding": "mass"})
    >>> planned = planned.assign(truth=1)
    >>> counts(planned[:3], planned[3:])[["reader", "read", "missing", "share"]].values.tolist()
    [['a', 2, 0, 0.0], ['b', 1, 1, 0.5]]
    """
    read = rows.groupby(["reader", "source"]).size().rename("read")
    lacking = missing.groupby(["reader", "source"]).size().rename("missing")
    table = pd.concat([read, lacking], axis=1).fillna(0).astype(int).reset_index()
    table.insert(2, "planned", table["read"] + table["missing"])
    return table.assign(share=table["missing"] / table["planned"])
