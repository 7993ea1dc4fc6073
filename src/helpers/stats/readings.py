"""The readings table as statistics use it: loaded, checked, selected and scored."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.findings import rank as rank_of_finding
from helpers.stats.incoming import as_readings
from helpers.stats.scales import COLUMN, Scale, without_cut_off
from helpers.tables import ALGORITHM, READINGS, REAL, validate

LABELS = ("reader", "case", "source", "finding", "treatment")
# Score of the answer "cannot determine". Half credit, the expected score of a coin, is the default of every analysis.
UNDETERMINED = {"half": 0.5, "excluded": np.nan, "wrong": 0.0}


def load(table: str | Path | pd.DataFrame, scale: str | Scale | None = None, real: str | None = None) -> pd.DataFrame:
    """Read and check a table of readings: a file (CSV, Excel, Parquet) or a data frame, as ``incoming`` describes.

    ``scale``: what ratings mean, as "1..5", "1..4, positive from 3" or "0..100, positive from 50" (``scales``). With
    None, it is taken from the file if given there; otherwise only the order of ratings of a finding counts, and nothing
    is called present or absent. ``real``: the name of the source that holds the real images, if it is not "real".

    Sentences on how the table was read are in ``attrs["notes"]``. Raises TableError naming file, row, column, value
    and what to do.

    >>> table = pd.DataFrame({"reader": ["a", "a", "b", "b"], "treatment": "film", "case": [1, 2, 1, 2],
    ...                       "truth": [0, 1, 0, 1], "rating": [1, 4, 2, 5]})
    >>> load(table, scale="1..5, positive from 4")["correct"].tolist()
    [1, 1, 1, 1]
    """
    origin = "the table" if isinstance(table, pd.DataFrame) else str(table)
    found, notes = as_readings(table, scale, real)
    readings = validate(found, READINGS, origin=origin)
    readings.attrs["notes"] = notes
    return readings


def analysed(readings: pd.DataFrame, task: str, with_algorithms: bool = False) -> pd.DataFrame:
    """The rows that answer a task, without practice and repeats, sorted by source, case, finding and reader.

    Algorithms (``reader_kind``) are left out, unless requested or there are no other readers. Raises StatisticsError if
    no row is left, or if a reader answered one case twice without ``repeat_of``.

    >>> table = pd.DataFrame({"reader": "a", "treatment": "film", "case": [1, 2], "truth": [0, 1], "rating": [1, 4]})
    >>> readings = load(table, scale="1..5, positive from 4")
    >>> analysed(readings.assign(is_practice=[True, False]), "conditionality")["case"].tolist()
    ['2']
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
    """Repeats with their first reading: reader, source, finding, case, truth, first, second (ratings); may be empty.

    Raises StatisticsError if ``repeat_of`` names a trial that the reader has not read.

    >>> readings = pd.DataFrame({"reader": "a", "task": "single", "is_practice": False, "trial_id": ["t1", "t2"],
    ...                          "repeat_of": [None, "t1"], "source": "gan", "finding": "none", "case": "1", "truth": 1,
    ...                          "rating": [1, -1]})
    >>> repeated(readings, "single")[["case", "first", "second"]].values.tolist()
    [['1', 1, -1]]
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
    kept = ["reader", "source", "finding", "case", "truth", "first", "second"]
    return pairs[[*kept, COLUMN] if COLUMN in pairs else kept]


def score(rows: pd.DataFrame, undetermined: str = "half") -> pd.Series:
    """Score of each reading: 1 right, 0 wrong; an undetermined one earns half credit ("half"), is left out or counts as
    wrong.

    Float Series on the index of ``rows``; NaN if left out ("excluded") or rated on a scale without a cut-off. Raises
    StatisticsError for any other rule.

    >>> score(pd.DataFrame({"correct": pd.array([1, 0, None], "Int64")})).tolist()
    [1.0, 0.0, 0.5]
    """
    if undetermined not in UNDETERMINED:
        raise StatisticsError(f"undetermined = {undetermined!r}: choose one of {', '.join(UNDETERMINED)}")
    scores = rows["correct"].astype("Float64").fillna(UNDETERMINED[undetermined]).astype("float64")
    return scores.mask(without_cut_off(rows))


def with_labels(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with labels as text, ratings as numbers and a unique index; unchanged rows if they already have these.

    For tables that did not pass through ``load``: whole numbers and categories as names, ordered categories as ratings,
    concatenated frames. Raises StatisticsError for rating categories that are not numbers.

    >>> with_labels(pd.DataFrame({"source": [1, 2]}, index=[0, 0])).to_dict("list")
    {'source': ['1', '2']}
    """
    if not rows.index.is_unique:
        rows = rows.reset_index(drop=True)
    known = [name for name in LABELS if name in rows]
    changed = {name: rows[name].map(_label).astype(object) for name in known if not _is_text(rows[name])}
    rating = rows.get("rating")
    if rating is not None and isinstance(rating.dtype, pd.CategoricalDtype):
        try:
            changed["rating"] = rating.astype(object).astype("float64")
        except ValueError as error:
            raise StatisticsError(f"column 'rating' holds categories that are no numbers ({error})") from error
    return rows.assign(**changed) if changed else rows


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype) or pd.api.types.infer_dtype(column, skipna=True) == "string"


def _label(value):
    return f"{value:g}" if isinstance(value, float) and value == value else value if pd.isna(value) else str(value)


def source_order(sources) -> list[str]:
    """Sources without duplicates: real, gan and diffusion first, then the others by name."""
    first = [REAL, "gan", "diffusion"]
    names = sources.unique() if isinstance(sources, pd.Series) else set(sources)  # pandas strings iterate slowly
    return sorted(names, key=lambda s: (first.index(s) if s in first else len(first), s))


def grouped(rows: pd.DataFrame, by: list[str] | None) -> list[tuple[tuple, pd.DataFrame]]:
    """Groups of rows with their keys: sources and findings in their fixed order, present before absent; rest sorted."""
    if not by:
        return [((), rows)]
    sources = source_order(rows["source"])

    def rank(name: str, value):
        if name == "source":
            return (sources.index(value), "")
        if name == "finding":
            return rank_of_finding(value)
        return (-value, "") if name == "truth" else value

    groups = list(rows.groupby(by))
    return sorted(groups, key=lambda group: [rank(name, value) for name, value in zip(by, group[0], strict=True)])


def in_front(table: pd.DataFrame, **columns) -> pd.DataFrame:
    """The table with constant columns in front."""
    return pd.concat([pd.DataFrame(columns, index=table.index), table], axis=1)


def by_group(
    rows: pd.DataFrame, by: list[str] | None, estimate: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """``estimate`` (rows to a table) of each group of ``grouped``, stacked, with the group's keys in front."""
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
    kinds["undetermined"] = kinds["analysed"] & kinds["correct"].isna() & ~without_cut_off(kinds)
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
