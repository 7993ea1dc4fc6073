"""Checks for entries that cannot be right in a table of readings: a case read twice, two truths, missing names."""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import OFFSET, more
from helpers.tables import REAL
from helpers.tasks import CONDITIONALITY, SINGLE, TASKS

FEWEST, TURNED_ROUND = 10, 0.35  # least readings of each truth; area below which a scale may be reversed
SURE = 2.0  # standard errors below 1/2 for the area of one reader, who may be guessing
TIMES = 2.5  # ratio of highest ratings that points to another scale


def check_filled(table: pd.DataFrame, columns: list[str], origin: str) -> None:
    """Raise TableError for a blank cell in columns that must be filled."""
    for name in columns:
        lacking = table[name].isna()
        if lacking.any():
            row = lacking.index[lacking][0]
            merged = "; merged cells keep their value in the first row alone" if lacking.mean() > 0.5 else ""
            raise TableError(f"{cells.place(origin, name, row)}{more(int(lacking.sum()))}: is blank; fill it in, or "
                             f"remove the row{merged}")  # fmt: skip


def check_tasks(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError for an unknown task."""
    strange = ~table["task"].isin(TASKS)
    if strange.any():
        row = strange.index[strange][0]
        raise TableError(f"{cells.place(origin, 'task', row)}: value {table['task'][row]!r}{more(int(strange.sum()))} "
                         f"is no task; choose of {', '.join(TASKS)}")  # fmt: skip


def check_readings(table: pd.DataFrame, origin: str, notes: list[str]) -> None:
    """Raise TableError if a case has two truths, or a reader answered it twice without ``repeat_of``."""
    counted = ~table["is_practice"] & table["repeat_of"].isna()
    rows = table[counted]
    for key in (["task", "source", "case", "finding"], ["task", "case", "finding"]):
        _check_truth(rows[rows["task"] == CONDITIONALITY], key, origin)
    key = ["task", "reader", "source", "case", "finding"]
    doubled = rows[rows.duplicated(key, keep=False)]
    if len(doubled):
        own = doubled[(doubled[key] == doubled[key].iloc[0]).all(axis=1)]
        first, lines = own.iloc[0], " and ".join(str(row + OFFSET) for row in own.index[:3])
        same = "the same rating" if own["rating"].nunique() == 1 else "different ratings"
        again = int(rows.duplicated(key).sum())
        raise TableError(
            f"{origin}: rows {lines}: reader {first['reader']!r} has {same} of case {first['case']!r} (source "
            f"{first['source']!r}, finding {first['finding']!r}) twice"
            f"{f'; {again} such rows in all' if again > 1 else ''}; keep one of them, or name the trial that the later "
            "one repeats in column repeat_of"
        )
    ratings = rows[rows["task"] == CONDITIONALITY]
    sources = ratings.drop_duplicates(["case", "source"]).groupby("case")["source"].size()
    shared = int((sources > 1).sum())
    if shared:
        notes.append(
            f"{shared} of {len(sources)} cases stand under several sources: the same name is taken for the same case."
        )


def say_direction(table: pd.DataFrame, notes: list[str]) -> None:
    """Add a note if high ratings go with absent findings, as on a scale where 1 is "definitely present"."""
    rows = table[table["task"] == CONDITIONALITY]
    area, _ = _area(rows)
    if area < TURNED_ROUND:
        notes.append(
            f"High ratings go with absent findings: the area under the curve of all readings is {area:.2f}. If a low "
            "rating speaks for present, turn the ratings round (6 minus the rating, on a scale of 1 to 5)."
        )
        return
    for reader, own in rows.groupby("reader"):
        area, error = _area(own)
        if area < min(TURNED_ROUND, 0.5 - SURE * error):
            notes.append(
                f"High ratings of reader {reader!r} go with absent findings (area under the curve {area:.2f}), unlike "
                "those of all readers together. If this reader used the scale the other way round, turn these ratings."
            )


def say_other_scale(table: pd.DataFrame, notes: list[str]) -> None:
    """Add a note if a reader's ratings lie so far above or below all others that they seem to be on another scale."""
    rows = table[table["task"] == CONDITIONALITY]
    known = rows.groupby("reader")["rating"].agg(["min", "max", "median", "size"]).astype(float)
    known = known[known["size"] >= FEWEST]
    for reader, own in known.iterrows():
        others = known.drop(index=reader)
        above = own["max"] > TIMES * others["max"].max() and own["median"] > others["max"].max()
        below = others["max"].min() > TIMES * own["max"] and others["median"].min() > own["max"]
        if len(others) and (above or below):
            notes.append(
                f"Ratings of reader {reader!r} run from {own['min']:g} to {own['max']:g}, those of the others from "
                f"{others['min'].min():g} to {others['max'].max():g}. Areas under the curve are of each reader's own "
                "order; agreement, shares of ratings and models take all ratings for those of one scale."
            )


def _area(rows: pd.DataFrame) -> tuple[float, float]:
    """Area under the curve of all readings, and its standard error if ratings carry no information; NaN if few."""
    present = rows["truth"] == 1
    count, absent = int(present.sum()), int((~present).sum())
    if min(count, absent) < FEWEST:
        return float("nan"), float("nan")
    above = rows["rating"].rank()[present].sum() - count * (count + 1) / 2
    return above / (count * absent), ((count + absent + 1) / (12 * count * absent)) ** 0.5


def _check_truth(rows: pd.DataFrame, key: list[str], origin: str) -> None:
    truths = rows.groupby(key)["truth"].nunique()
    clash = truths[truths > 1]
    if clash.empty:
        return
    own = rows[(rows[key] == list(clash.index[0])).all(axis=1)]
    present, absent = own.index[own["truth"] == 1][0], own.index[own["truth"] == 0][0]
    where = "sources" if "source" not in key else "present and absent cases"
    cases = clash.index.get_level_values("case").nunique()
    others = f", and so have {cases - 1} more" if cases > 1 else ""
    raise TableError(
        f"{origin}: case {own['case'].iloc[0]!r} (finding {own['finding'].iloc[0]!r}) has truth 1 in row "
        f"{present + OFFSET} and truth 0 in row {absent + OFFSET}{others}; where case numbers start anew for {where}, "
        "give the cases different names (p1, p2, ... and a1, a2, ...), else correct column truth"
    )


def with_real(table: pd.DataFrame, real: str | None, origin: str, notes: list[str]) -> pd.DataFrame:
    """The table with its real images under the source "real"; parameter ``real`` is their name in the file.

    Raises TableError if a task that judges single images has no source of this name, listing the sources.
    """
    known = sorted(table["source"].unique())
    listed = ", ".join(map(repr, known))
    if real is not None and real != REAL:
        if real not in known:
            raise TableError(f"{origin}: parameter real = {real!r} is no source; there is: {listed}")
        if REAL in known:
            raise TableError(
                f"{origin}: parameter real = {real!r}, and there is a source {REAL!r} too; rename one of them"
            )
        notes.append(f"Source {real!r} holds the real images.")
        return table.assign(source=table["source"].replace(real, REAL))
    nearly = [name for name in known if name != REAL and name.casefold() == REAL]
    if nearly:
        notes.append(
            f"Source {nearly[0]!r} is not taken for the real images; parameter real = {nearly[0]!r} says it is."
        )
    single = table["task"] == SINGLE
    if real is None and single.any() and REAL not in set(table.loc[single, "source"]):
        raise TableError(
            f"{origin}: column 'source': task {SINGLE!r} asks whether an image is real, and no source is named "
            f"{REAL!r} (sources: {listed}); give the name of the real images by parameter real, or rename it. Where "
            f"none is real, give real={REAL!r}"
        )
    return table


def check_places(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError for a decided answer between several images that has neither side nor correct."""
    places = table["task"].map(lambda task: bool(TASKS[task].places))
    lacking = places & table["side"].isna() & table["correct"].isna() & (table["rating"] != 0)
    if lacking.any():
        row = lacking.index[lacking][0]
        raise TableError(
            f"{origin}: row {row + OFFSET}{more(int(lacking.sum()))}: task {table['task'][row]!r} needs column side, "
            "the place of the synthetic image, or column correct, to tell right from wrong"
        )
