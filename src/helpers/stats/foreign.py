"""Readings from other tools, brought into the columns of the readings table before they are checked.

Two kinds of table are understood beside the project's own. A long table of a multi-reader multi-case study (reader,
treatment, case, truth, rating: the form of MRMCaov, iMRMC's examples and RJafroc's long form) becomes conditionality
readings. A readings table without the columns that can be derived gets them. Ratings of 1 to 5 become -2 to 2.
"""

import pandas as pd

from helpers.errors import TableError
from helpers.stats.correctness import expected
from helpers.tables import CONDITIONALITY, RATINGS, READINGS, TASKS

LONG = ["reader", "treatment", "case", "truth", "rating"]
ONE_FINDING = "finding"  # name of the finding where a long table names none
NEEDED = ["reader", "task", "case", "source", "finding", "truth", "rating"]
FIVE_POINTS = (1, 5)


def as_readings(raw: pd.DataFrame, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """Table in the columns of ``tables.READINGS``, unchecked, and sentences on what was done to get there.

    ``raw``: values as read, text or numbers. Raises TableError where a column is missing that cannot be derived.
    """
    table = raw.rename(columns=lambda name: str(name).strip())
    notes: list[str] = []
    if is_long(table):
        table = _from_long(table, origin, notes)
    missing = [name for name in NEEDED if name not in table]
    if missing:
        raise TableError(
            f"{origin}: column {', '.join(map(repr, missing))} is missing; a table of readings needs at least "
            f"{', '.join(NEEDED)}, and a long table of a multi-reader study {', '.join(LONG)}"
        )
    table = _five_points(table, notes)
    return _derived(table, notes), notes


def is_long(table: pd.DataFrame) -> bool:
    """Whether this is a long multi-reader multi-case table: a treatment, and no source or task."""
    return "treatment" in table and "source" not in table and "task" not in table


def _from_long(table: pd.DataFrame, origin: str, notes: list[str]) -> pd.DataFrame:
    missing = [name for name in LONG if name not in table]
    if missing:
        raise TableError(f"{origin}: column {', '.join(map(repr, missing))} is missing; it needs {', '.join(LONG)}")
    kept = [name for name in (*LONG, "finding", *READINGS.columns) if name in table]
    left_out = [name for name in table if name not in kept]
    table = table[list(dict.fromkeys(kept))].rename(columns={"treatment": "source"})
    notes.append("A long table of a multi-reader study: its treatments are shown as sources.")
    if left_out:
        notes.append(f"Columns not used: {', '.join(left_out)}.")
    return table.assign(task=CONDITIONALITY, finding=table.get("finding", ONE_FINDING))


def _five_points(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Ratings of 1 to 5 as -2 to 2; only where one above 2 shows that they are not -2 to 2 already. The places that
    choices name are no such ratings."""
    rating = pd.to_numeric(table["rating"], errors="coerce")
    on_scale = ~table["task"].isin([name for name, task in TASKS.items() if not task.ordered])
    rated, (low, high) = rating[on_scale], FIVE_POINTS
    if rating.isna().any() or not (rated.between(low, high) & (rated % 1 == 0)).all() or not rated.max() > max(RATINGS):
        return table
    notes.append("Ratings of 1 to 5 were read as -2 to 2; 3 is undetermined.")
    return table.assign(rating=rating.mask(on_scale, rating - (low + high) // 2).astype("Int64"))


def _derived(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Fill in the columns that are not there and can be derived, or may be blank."""
    table = table.copy()
    filled = [name for name, column in READINGS.columns.items() if column.required and name not in table]
    order = table.groupby("reader", sort=False).cumcount() + 1
    derived = {
        "position": order.astype("Int64"),
        "trial_id": table["reader"].astype(str) + "-" + order.astype(str),
        "reader_kind": "human",
        "is_practice": False,
    }
    for name in filled:
        table[name] = derived.get(name)
    if "correct" in filled and _is_readable(table):
        table["correct"] = expected(table)
    if filled:
        notes.append(f"Columns filled in: {', '.join(filled)}.")
    return table


def _is_readable(table: pd.DataFrame) -> bool:
    """Whether ratings and truth are whole numbers; where not, the checks that follow name the place."""
    numbers = table[["rating", "truth"]].apply(pd.to_numeric, errors="coerce")
    return bool((numbers.notna() & (numbers % 1 == 0)).all(axis=None))
