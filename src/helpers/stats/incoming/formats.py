"""The forms in which other tools keep readings, each brought to one row a reading.

- the long form of a multi-reader study (reader, treatment, case, truth, rating), as R's MRMCaov takes it;
- iMRMC's list (readerID, caseID, modalityID, score; truth in rows of a reader -1 or "truth"), with or without its
  preamble that ends in BEGIN DATA (https://github.com/DIDSR/iMRMC);
- RJafroc's workbook of the sheets TRUTH, FP (or NL) and TP (or LL) (https://dpc10ster.github.io/RJafrocQuickStart);
- counts: how many answers of each reader were right, and out of how many.
"""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import KNOWN, OFFSET, as_table, drop_empty, has_header, plain
from helpers.stats.incoming.files import Sheet
from helpers.stats.incoming.rjafroc import from_workbook, is_workbook
from helpers.stats.scales import COLUMN
from helpers.tables import CONDITIONALITY, PAIR, READINGS

LONG = ["reader", "treatment", "case", "truth", "rating"]
LIST = ["reader", "case", "treatment", "rating"]
COUNTS = ["reader", "source", "right", "total"]
NEEDED = ["reader", "task", "case", "source", "finding", "truth", "rating"]
ONE_FINDING = "finding"  # name of the finding where a long table names none
TRUTH_ROWS = {"-1", "truth"}
SUMMARIES = {"total", "totals", "sum", "all", "overall", "mean", "average", "pooled", "gesamt", "summe", "suma"}
BEGIN = "begindata"


def one_row_a_reading(sheets: list[Sheet], origin: str, notes: list[str]) -> tuple[pd.DataFrame, bool]:
    """Table of text cells with at least the columns ``NEEDED``, index the row of the file less one; and whether it came
    in our own columns.

    Raises TableError where a needed column is missing, and where several sheets could be meant.
    """
    if is_workbook(sheets):
        return _from_long(from_workbook(sheets, origin, notes), origin, notes), False
    sheet = _chosen(sheets, origin, notes)
    listed = _listed(sheet)
    table = listed if listed is not None else drop_empty(as_table(sheet, origin, notes))
    if {"reader", "case", "treatment", "rating"} <= set(table) and "truth" not in table:
        table = _from_list(table, origin, notes)
    elif "total" in table and "rating" not in table:
        return _from_counts(table, origin, notes), False
    if "treatment" in table and "task" not in table and "source" not in table:
        return _from_long(table, origin, notes), False
    _check_columns(table, NEEDED, origin, f"; a long table of a multi-reader study needs {', '.join(LONG)}")
    left_out = [name for name in table if name not in READINGS.columns]
    if left_out:
        notes.append(f"Columns not used: {', '.join(map(str, left_out))}.")
    return table.drop(columns=left_out), True


def _chosen(sheets: list[Sheet], origin: str, notes: list[str]) -> Sheet:
    known = [sheet for sheet in sheets if has_header(sheet)]
    if len(known) > 1:
        names = ", ".join(repr(sheet.name) for sheet in known)
        raise TableError(
            f"{origin}: sheets {names} could all be the readings; save the one that is meant as a file of its own"
        )
    chosen = known[0] if known else sheets[0]
    if len(sheets) > 1:
        others = ", ".join(repr(sheet.name) for sheet in sheets if sheet is not chosen)
        notes.append(f"Sheet {chosen.name!r} was read; not read: {others}.")
    return chosen


def _check_columns(table: pd.DataFrame, needed: list[str], origin: str, also: str = "") -> None:
    missing = [name for name in needed if name not in table]
    if missing:
        found = ", ".join(map(repr, table.columns))
        if not any(name in KNOWN for name in table):
            found += "; the first row must name the columns"
        raise TableError(
            f"{origin}: column {', '.join(map(repr, missing))} is missing; a table of readings needs at least "
            f"{', '.join(needed)}{also} (columns found: {found})"
        )


def _from_long(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    _check_columns(table, LONG, origin)
    kept = [name for name in (*LONG, *READINGS.columns) if name in table and name != "task"]
    left_out = [name for name in table if name not in kept]
    table = table[list(dict.fromkeys(kept))].rename(columns={"treatment": "source"})
    notes.append("A long table of a multi-reader study: its treatments are shown as sources.")
    if left_out:
        notes.append(f"Columns not used: {', '.join(map(str, left_out))}.")
    return table.assign(task=CONDITIONALITY, finding=table.get("finding", ONE_FINDING))


def _listed(sheet: Sheet) -> pd.DataFrame | None:
    """The rows below iMRMC's BEGIN DATA, which has no header; None for other files."""
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


def _from_counts(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    """One row for each answer behind counts of right ones."""
    table = table.rename(columns={"treatment": "source"} | ({} if "right" in table else {"correct": "right"}))
    _check_columns(table, COUNTS, origin)
    right, total = (cells.numbers(table[name], name, origin, notes) for name in ("right", "total"))
    wrong = right.isna() | total.isna() | (right % 1 != 0) | (total % 1 != 0) | (right < 0) | (right > total)
    if wrong.any():
        row = wrong.index[wrong][0]
        raise TableError(
            f"{cells.place(origin, 'right', row)}: {table['right'][row]} right of {table['total'][row]}; both are "
            "whole numbers, and no more can be right than there are"
        )
    _check_counted_once(table, origin)
    if (total == 0).any():
        notes.append(f"{int((total == 0).sum())} row(s) of counts hold no answer and were left out.")
    by_truth = "truth" in table
    task = table.get("task", CONDITIONALITY if by_truth else PAIR)
    table = table.assign(task=task, finding=table.get("finding", ONE_FINDING), truth=table.get("truth", "1"))
    whole = table.loc[table.index.repeat(total.astype(int))].reset_index(names="line")
    place = whole.groupby("line").cumcount()
    is_right = place < right.loc[whole["line"]].to_numpy()
    truth = cells.yes_or_no(whole["truth"], "truth", origin)
    key = ["reader", "source", "finding", "truth"]
    number = whole.groupby([whole[name].astype(str) for name in key]).cumcount() + 1
    case = whole[key].astype(str).agg("-".join, axis=1) + "-" + number.astype(str)
    rating = (is_right == (truth == 1)) if by_truth else pd.Series(True, index=whole.index)
    notes.append(
        "Counts of right answers: one reading was made for each. Which cases were read is not known, so every reader "
        "has cases of their own; intervals are too narrow where readers saw the same cases, and found the same hard."
    )
    kept = ["reader", "task", "source", "finding"]
    made = whole[kept].assign(case=case, truth=truth.astype(str), rating=rating.astype(int).astype(str))
    made = made.assign(correct=is_right.astype(int).astype(str))
    return made.assign(**{COLUMN: "0..1"}) if by_truth else made


def _check_counted_once(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError where answers would count twice: a row of sums, or two rows of one reader and source."""
    reader = table["reader"].astype(str).str.strip().str.casefold()
    sums = reader.isin(SUMMARIES)
    if sums.any() and not sums.all():
        row = sums.index[sums][0]
        raise TableError(
            f"{cells.place(origin, 'reader', row)}: {table['reader'][row]!r} looks like a sum over readers, whose "
            "answers would count twice; remove the row, or give the reader another name"
        )
    key = [name for name in ("task", "reader", "source", "finding", "truth") if name in table]
    doubled = table.assign(reader=reader).duplicated(key, keep=False)
    if doubled.any():
        rows = " and ".join(str(row + OFFSET) for row in doubled.index[doubled][:2])
        raise TableError(
            f"{origin}: rows {rows} count answers of the same {', '.join(key)}; keep one of them, add them up, or tell "
            "them apart by column finding"
        )
