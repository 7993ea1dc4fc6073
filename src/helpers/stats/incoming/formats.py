"""Formats in which other tools store readings, each converted to one row per reading.

- the long format of a multi-reader study (reader, treatment, case, truth, rating), as used by R's MRMCaov;
- iMRMC's list (readerID, caseID, modalityID, score; truth in rows with reader -1 or "truth"), with or without the
  preamble that ends in BEGIN DATA (https://github.com/DIDSR/iMRMC);
- RJafroc's workbook with sheets TRUTH, FP (or NL) and TP (or LL) (https://dpc10ster.github.io/RJafrocQuickStart);
- counts, which ``counts`` expands to readings.
"""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import OFFSET, ONE_FINDING, as_table, check_columns, drop_empty, has_header, plain
from helpers.stats.incoming.counts import from_counts, has_counts
from helpers.stats.incoming.files import Sheet
from helpers.stats.incoming.rjafroc import from_workbook, is_workbook
from helpers.tables import CONDITIONALITY, READINGS

LONG = ["reader", "treatment", "case", "truth", "rating"]
LIST = ["reader", "case", "treatment", "rating"]
NEEDED = ["reader", "task", "case", "source", "finding", "truth", "rating"]
TRUTH_ROWS = {"-1", "truth"}
BEGIN = "begindata"


def one_row_a_reading(sheets: list[Sheet], origin: str, notes: list[str]) -> tuple[pd.DataFrame, bool]:
    """Table of text cells with at least the columns ``NEEDED``, and whether it came in our own columns.

    The index is the row of the file minus one. Raises TableError if a needed column is missing, and if several sheets
    could be meant.
    """
    if is_workbook(sheets):
        return _from_long(from_workbook(sheets, origin, notes), origin, notes), False
    sheet = _chosen(sheets, origin, notes)
    listed = _listed(sheet)
    table = listed if listed is not None else drop_empty(as_table(sheet, origin, notes))
    if {"reader", "case", "treatment", "rating"} <= set(table) and "truth" not in table:
        table = _from_list(table, origin, notes)
    elif has_counts(table):
        return from_counts(table, origin, notes), False
    if "treatment" in table and "task" not in table and "source" not in table:
        return _from_long(table, origin, notes), False
    check_columns(table, NEEDED, origin, f"; a long table of a multi-reader study needs {', '.join(LONG)}")
    left_out = [name for name in table if name not in READINGS.columns]
    if left_out:
        notes.append(f"Columns not used: {', '.join(map(str, left_out))}.")
    return table.drop(columns=left_out), True


def _chosen(sheets: list[Sheet], origin: str, notes: list[str]) -> Sheet:
    known = [sheet for sheet in sheets if has_header(sheet)]
    if len(known) > 1:
        names = ", ".join(repr(sheet.name) for sheet in known)
        raise TableError(
            f"{origin}: sheets {names} could all be the readings; save the one that is meant as a file of its own, or "
            "put them below each other in one sheet where they belong together (one of each reader: with a column "
            "reader)"
        )
    chosen = known[0] if known else sheets[0]
    if len(sheets) > 1:
        others = ", ".join(repr(sheet.name) for sheet in sheets if sheet is not chosen)
        notes.append(f"Sheet {chosen.name!r} was read; not read: {others}.")
    return chosen


def _from_long(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    check_columns(table, LONG, origin)
    kept = [name for name in (*LONG, *READINGS.columns) if name in table and name != "task"]
    left_out = [name for name in table if name not in kept]
    table = table[list(dict.fromkeys(kept))].rename(columns={"treatment": "source"})
    notes.append("A long table of a multi-reader study: its treatments are shown as sources.")
    if left_out:
        notes.append(f"Columns not used: {', '.join(map(str, left_out))}.")
    return table.assign(task=CONDITIONALITY, finding=table.get("finding", ONE_FINDING))


def _listed(sheet: Sheet) -> pd.DataFrame | None:
    """The rows below iMRMC's BEGIN DATA, which have no header; None for other files."""
    begins = [place for place, row in enumerate(sheet.rows) if plain("".join(row)).rstrip(":,;") == BEGIN]
    if not begins:
        return None
    rows = {}
    for place, row in enumerate(sheet.rows[begins[0] + 1 :], start=begins[0] + 1):
        found = [cell for cell in row if cell]
        found = found[0].replace(",", " ").split() if len(found) == 1 else found
        if found:
            rows[place] = found + [None] * (4 - len(found))
    table = pd.DataFrame.from_dict(rows, orient="index", dtype=object)
    return table.iloc[:, :4].set_axis(LIST, axis=1) if table.shape[1] >= 4 else pd.DataFrame(columns=LIST)


def _from_list(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    """iMRMC's list: the truth rows become the column truth."""
    reader = table["reader"].astype(str).str.strip().str.casefold()
    is_truth = reader.isin(TRUTH_ROWS) | table["treatment"].astype(str).str.strip().str.casefold().eq("truth")
    if not is_truth.any():
        raise TableError(
            f"{origin}: column 'truth' is missing, and no row of a reader -1 or 'truth' says which cases are diseased; "
            f"add one or the other (columns found: {', '.join(map(repr, table.columns))})"
        )
    state = cells.yes_or_no(table.loc[is_truth, "rating"], "score of the truth rows", origin)
    case = table["case"].astype(str).str.strip()
    truth = pd.DataFrame({"case": case[is_truth], "truth": state}).drop_duplicates()
    doubled = truth[truth["case"].duplicated()]
    if len(doubled):
        raise TableError(
            f"{origin}: row {doubled.index[0] + OFFSET}: case {doubled['case'].iloc[0]!r} has two different truths; "
            "keep one row of truth for each case"
        )
    known = case[~is_truth].map(truth.set_index("case")["truth"])
    if known.isna().any():
        row = known.index[known.isna()][0]
        raise TableError(f"{origin}: row {row + OFFSET}: case {case[row]!r} has no row that says its truth; add one")
    notes.append(f"iMRMC's list: truth from {int(is_truth.sum())} rows of the reader -1 or 'truth'.")
    return table[~is_truth].assign(truth=known.astype("Int64").astype(str))
