"""Counts of answers by reader and source, expanded to one row per reading.

Either the number right and the total (and for which truth), or the numbers of true and false positive and negative
calls (TP, FN, FP, TN).
"""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import OFFSET, ONE_FINDING, check_columns
from helpers.stats.scales import COLUMN
from helpers.tables import CONDITIONALITY, PAIR

COUNTS = ["reader", "source", "right", "total"]
CALLS = ("tp", "fn", "fp", "tn")
SUMMARIES = {"total", "totals", "sum", "all", "overall", "mean", "average", "pooled", "gesamt", "summe", "suma"}


def has_counts(table: pd.DataFrame) -> bool:
    """Whether a table has counts in place of ratings."""
    return "rating" not in table and ("total" in table or set(CALLS) <= set(table))


def from_counts(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    """One row for each counted answer. Raises TableError for impossible counts."""
    if set(CALLS) <= set(table):
        sides = [_of_one_truth(table, truth, origin, notes) for truth in ("1", "0")]
        return pd.concat([_answers(side, origin, notes) for side in sides], ignore_index=True)
    return _answers(table, origin, notes)


def _of_one_truth(table: pd.DataFrame, truth: str, origin: str, notes: list[str]) -> pd.DataFrame:
    """Counts of right calls on present or absent cases, from those of true and false positive and negative calls."""
    numbers = {name: cells.numbers(table[name], name, origin, notes) for name in CALLS}
    for name, values in numbers.items():
        odd = values.isna() | (values < 0) | (values % 1 != 0)
        if odd.any():
            row = odd.index[odd][0]
            raise TableError(f"{cells.place(origin, name, row)}: value {table[name][row]!r} is no count; write a whole "
                             "number")  # fmt: skip
    right, wrong = (numbers[name] for name in (("tp", "fn") if truth == "1" else ("tn", "fp")))
    kept = table.drop(columns=[name for name in (*CALLS, "truth", "right", "total") if name in table])
    return kept.assign(truth=truth, right=right.astype(str), total=(right + wrong).astype(str))


def _answers(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    table = table.rename(columns={"treatment": "source"} | ({} if "right" in table else {"correct": "right"}))
    check_columns(table, COUNTS, origin)
    _check_named(table, origin)
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
        notes.append(f"Rows of counts without an answer, left out: {int((total == 0).sum())}.")
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
        "Counts of answers: one reading was made for each. Which cases were read is not known, so every reader "
        "has cases of their own; intervals are too narrow where readers saw the same cases, and found the same hard."
    )
    kept = ["reader", "task", "source", "finding"]
    made = whole[kept].assign(case=case, truth=truth.astype(str), rating=rating.astype(int).astype(str))
    made = made.assign(correct=is_right.astype(int).astype(str))
    return made.assign(**{COLUMN: "0..1"}) if by_truth else made


def _check_named(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError if it is not stated whose answers are counted, or for what."""
    for name in [name for name in ("reader", "source", "finding", "truth") if name in table]:
        blank = cells.blank(table[name])
        if blank.any():
            raise TableError(f"{cells.place(origin, name, blank.index[blank][0])}: the cell is empty; fill it in")


def _check_counted_once(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError if answers would count twice: a row of sums, or two rows for one reader and source."""
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
