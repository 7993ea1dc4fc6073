"""Read RJafroc's workbook, with sheets TRUTH, FP (or NL) and TP (or LL), as a long table.

In the ROC paradigm a case has one rating, in FP if it is not diseased and in TP if it is. In the free-response paradigm
it has one for each mark; the highest is then its rating, and a case without marks is rated below all others
("highest-rating inferred ROC").
"""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import OFFSET, as_table, plain
from helpers.stats.incoming.files import Sheet

SHEETS = {"truth": "TRUTH", "fp": "FP", "nl": "FP", "tp": "TP", "ll": "TP"}
UNIT = ["reader", "treatment", "case"]


def is_workbook(sheets: list[Sheet]) -> bool:
    """Whether the three sheets of RJafroc's workbook are present."""
    return {SHEETS.get(plain(sheet.name)) for sheet in sheets} >= {"TRUTH", "FP", "TP"}


def from_workbook(sheets: list[Sheet], origin: str, notes: list[str]) -> pd.DataFrame:
    """Long table of text (reader, treatment, case, truth, rating), one row for each rated case.

    Raises TableError for a missing column, a rating that is not a number, and a case that is not in the sheet TRUTH.
    """
    found = {SHEETS[plain(sheet.name)]: sheet for sheet in sheets if plain(sheet.name) in SHEETS}
    truth = _sheet(found["TRUTH"], ["case", "lesion"], origin)
    diseased = _diseased(truth, origin)
    marks = []
    for name, rating in (("FP", "fp_rating"), ("TP", "tp_rating")):
        place = f"{origin}, sheet {found[name].name!r}"
        table = _sheet(found[name], [*UNIT, rating], origin)
        strange = ~table["case"].isin(diseased.index)
        if strange.any():
            row = strange.index[strange][0]
            raise TableError(f"{place}: row {row + OFFSET}: case {table['case'][row]!r} is not in the sheet TRUTH")
        marks.append(table[UNIT].assign(rating=cells.numbers(table[rating], rating, place, notes)))
    readings = pd.concat(marks, ignore_index=True).dropna(subset="rating")
    readings = readings.groupby(UNIT, sort=False)["rating"].max().reset_index()
    paradigm = truth["paradigm"].dropna().astype(str).str.upper() if "paradigm" in truth else pd.Series(dtype=str)
    if paradigm.eq("FROC").any() or len(readings) < sum(map(len, marks)):
        readings = _with_unmarked(readings, truth, notes)
    notes.append("RJafroc's workbook: truth from the sheet TRUTH, ratings from FP and TP.")
    return readings.assign(truth=readings["case"].map(diseased).astype(str), rating=readings["rating"].map(repr))


def _sheet(sheet: Sheet, needed: list[str], origin: str) -> pd.DataFrame:
    place = f"{origin}, sheet {sheet.name!r}"
    table = as_table(sheet, place, [])
    missing = [name for name in needed if name not in table]
    if missing:
        raise TableError(f"{place}: column {', '.join(map(repr, missing))} is missing; needed: {', '.join(needed)}")
    for name in [name for name in UNIT if name in needed]:
        table[name] = cells.names(table[name], name, place, [])
    return table


def _diseased(truth: pd.DataFrame, origin: str) -> pd.Series:
    """1 for each case with a lesion (LesionID above 0), else 0; the index is the case."""
    lesion = cells.numbers(truth["lesion"], "LesionID", f"{origin}, sheet TRUTH", [])
    return (lesion > 0).groupby(truth["case"]).any().astype(int)


def _with_unmarked(readings: pd.DataFrame, truth: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Add the cases that a reader did not mark, rated one below the lowest mark."""
    listed = [_listed(truth, name, readings) for name in ("reader", "treatment")]
    cross = [(r, t, case) for case, rs, ts in zip(truth["case"], *listed, strict=True) for r in rs for t in ts]
    every = pd.DataFrame(cross, columns=UNIT).drop_duplicates()
    whole = every.merge(readings, how="left", on=UNIT)
    lowest = readings["rating"].min() - 1
    notes.append(
        f"Free-response marks: the highest rating of a case is its rating; {int(whole['rating'].isna().sum())} cases "
        f"without marks are rated {lowest:g}, below all marks."
    )
    return whole.fillna({"rating": lowest})


def _listed(truth: pd.DataFrame, name: str, readings: pd.DataFrame) -> list[list[str]]:
    """Readers (or treatments) listed in each row of TRUTH, as "0, 1, 2"; all with ratings if it lists none."""
    everyone = sorted(set(readings[name]))
    if name not in truth:
        return [everyone] * len(truth)
    cell = truth[name].fillna("").astype(str)
    return [[part.strip() for part in text.split(",") if part.strip()] or everyone for text in cell]
