"""The readings table as statistics use it: loaded, checked, selected and scored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.findings import NAMES
from helpers.stats.correctness import check_correct
from helpers.stats.foreign import as_readings
from helpers.tables import ALGORITHM, READINGS, REAL, read_raw, validate

# What an answer "cannot determine" is worth. Half credit is what a coin would earn: the default of every analysis.
UNDETERMINED = {"half": 0.5, "excluded": np.nan, "wrong": 0.0}


def load(path: str | Path) -> pd.DataFrame:
    """Read and check a readings table (CSV or Parquet): columns of ``tables.READINGS``, or as other tools write them.

    What was done to a table of another tool (``foreign.as_readings``) stands in ``attrs["notes"]``. Raises TableError
    naming file, column, row and value where the contract is broken, also where ``correct`` contradicts rating, side,
    source and truth.
    """
    table, notes = as_readings(read_raw(path), str(path))
    readings = validate(table, READINGS, origin=str(path))
    check_correct(readings, str(path))
    readings.attrs["notes"] = notes
    return readings


def analysed(readings: pd.DataFrame, task: str, with_algorithms: bool = False) -> pd.DataFrame:
    """The rows that answer a task: no practice and no repeats, sorted by source, case, finding and reader.

    Algorithms (``reader_kind``) are left out, unless asked for or nobody else has read. Raises StatisticsError when
    none is left, or when a reader answered one case twice without ``repeat_of``.
    """
    rows = readings[(readings["task"] == task) & ~readings["is_practice"] & readings["repeat_of"].isna()]
    others = rows["reader_kind"] != ALGORITHM
    if others.any() and not with_algorithms:
        rows = rows[others]
    if rows.empty:
        found = ", ".join(sorted(readings["task"].unique())) or "none"
        raise StatisticsError(
            f"no readings to analyse for task {task!r} (tasks in the table: {found}; practice and repeats do not "
            "count); read some cases first, or choose another task or table"
        )
    key = ["reader", "source", "case", "finding"]
    doubled = rows[rows.duplicated(key)]
    if len(doubled):
        row = doubled.iloc[0]
        raise StatisticsError(
            f"reader {row.reader!r} answered case {row.case!r} (task {task!r}, finding {row.finding!r}) more than "
            f"once, also in trial {row.trial_id!r}; set repeat_of on the later one, or remove it"
        )
    return rows.sort_values(["source", "case", "finding", "reader"], kind="stable").reset_index(drop=True)


def repeated(readings: pd.DataFrame, task: str) -> pd.DataFrame:
    """Repeats beside their first reading: reader, source, finding, case, truth, first, second (ratings); may be empty.

    Raises StatisticsError when ``repeat_of`` names a trial that the reader has not read.
    """
    rows = readings[(readings["task"] == task) & ~readings["is_practice"]]
    second = rows[rows["repeat_of"].notna()]
    first = rows.loc[rows["repeat_of"].isna(), ["reader", "trial_id", "rating"]]
    first = first.rename(columns={"trial_id": "repeat_of", "rating": "first"})
    pairs = second.rename(columns={"rating": "second"}).merge(first, how="left", on=["reader", "repeat_of"])
    lost = pairs[pairs["first"].isna()]
    if len(lost):
        row = lost.iloc[0]
        raise StatisticsError(
            f"trial {row.trial_id!r} of reader {row.reader!r} repeats {row.repeat_of!r}, which that reader has not "
            "read as a first reading; correct repeat_of, or leave it blank"
        )
    return pairs[["reader", "source", "finding", "case", "truth", "first", "second"]]


def score(rows: pd.DataFrame, undetermined: str = "half") -> pd.Series:
    """Score of each reading: 1 right, 0 wrong; rating 0 earns half credit ("half"), is left out or counts as wrong.

    Float Series on the index of ``rows``; left out ("excluded") is NaN. Raises StatisticsError for another rule.
    """
    if undetermined not in UNDETERMINED:
        raise StatisticsError(f"undetermined = {undetermined!r}: choose one of {', '.join(UNDETERMINED)}")
    return rows["correct"].astype("Float64").fillna(UNDETERMINED[undetermined]).astype("float64")


def source_order(sources) -> list[str]:
    """Sources without doubles: real, gan and diffusion first, then the others by name."""
    first = [REAL, "gan", "diffusion"]
    return sorted(set(sources), key=lambda s: (first.index(s) if s in first else len(first), s))


def grouped(rows: pd.DataFrame, by: list[str] | None) -> list[tuple[tuple, pd.DataFrame]]:
    """Groups of rows with their keys: sources and findings in their fixed order, present before absent; else sorted."""
    if not by:
        return [((), rows)]
    sources = source_order(rows["source"])

    def rank(name: str, value):
        if name == "source":
            return (sources.index(value), "")
        if name == "finding":
            return (NAMES.index(value) if value in NAMES else len(NAMES), value)
        return (-value, "") if name == "truth" else value

    groups = list(rows.groupby(by))
    return sorted(groups, key=lambda group: [rank(name, value) for name, value in zip(by, group[0], strict=True)])


def in_front(table: pd.DataFrame, **columns) -> pd.DataFrame:
    """The table with constant columns in front."""
    return pd.concat([pd.DataFrame(columns, index=table.index), table], axis=1)


def by_group(
    rows: pd.DataFrame, by: list[str] | None, estimate: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """``estimate`` (rows to a table) of each group of ``grouped``, one below the other, the group's keys in front."""
    groups = grouped(rows, by)
    tables = [in_front(estimate(group), **dict(zip(by or [], key, strict=True))) for key, group in groups]
    return pd.concat(tables, ignore_index=True)


def counts(readings: pd.DataFrame) -> pd.DataFrame:
    """What the table holds, by task and reader: kind, analysed, undetermined, repeats, practice, cases."""
    kinds = readings.assign(
        practice=readings["is_practice"],
        repeats=~readings["is_practice"] & readings["repeat_of"].notna(),
        analysed=~readings["is_practice"] & readings["repeat_of"].isna(),
    )
    kinds["undetermined"] = kinds["analysed"] & (kinds["rating"] == 0)
    kinds["cases"] = kinds["case"].where(kinds["analysed"])
    table = kinds.groupby(["task", "reader"]).agg(
        reader_kind=("reader_kind", "first"),
        analysed=("analysed", "sum"),
        cases=("cases", "nunique"),
        undetermined=("undetermined", "sum"),
        repeats=("repeats", "sum"),
        practice=("practice", "sum"),
    )
    return table.reset_index()
