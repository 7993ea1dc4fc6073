"""Convert a file or data frame to the columns of the readings table, step by step."""

from pathlib import Path

import pandas as pd

from helpers.spreadsheets import unguarded
from helpers.stats.correctness import check_correct, expected
from helpers.stats.incoming import cells, checks
from helpers.stats.incoming.files import from_frame, read_cells
from helpers.stats.incoming.formats import one_row_a_reading
from helpers.stats.incoming.ratings import EXPORT, OTHER, OURS, on_scale, read_ratings
from helpers.stats.scales import Scale
from helpers.tables import READINGS, required_columns

NAMES = ("reader", "case", "source", "finding")
LOWER = ("task", "side", "mark_side", "reader_kind", "cue")
TEXTS = ("trial_id", "repeat_of", "template", "subspecialty", "submitted_at", "cues", "more_marks")
NUMBERS = ("position", "active_ms", "idle_ms", "mark_x", "mark_y", "mark_width", "mark_height")
NUMBERS += ("experience_years", "severity", "ctr")
NOT_GIVEN = {"NA", "<NA>", "#N/A", ""}  # what R, pandas and Excel write for missing text


def as_readings(
    given: str | Path | pd.DataFrame, scale: str | Scale | None = None, real: str | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Table in the columns of ``tables.READINGS``, and sentences on how it was obtained.

    ``scale`` and ``real`` as in ``readings.load``. The index is the row of the file minus one. Raises TableError.
    """
    is_frame = isinstance(given, pd.DataFrame)
    origin = "the table" if is_frame else str(given)
    sheets, notes = ([from_frame(given)], []) if is_frame else read_cells(given)
    table, is_ours = one_row_a_reading(sheets, origin, notes)
    table = table if is_frame or origin.endswith(".parquet") else unguarded(table)
    form = OTHER if not is_ours else EXPORT if set(required_columns(READINGS)) <= set(table) else OURS
    comma = sheets[0].separator in (";", "\t")
    table = _read(table, origin, notes, comma)
    table = checks.with_real(table, real, origin, notes)
    table = on_scale(table, scale, origin, form, notes)
    table = _derived(table, notes)
    checks.check_places(table, origin)
    checks.check_readings(table, origin, notes)
    checks.say_direction(table, notes)
    checks.say_other_scale(table, notes)
    check_correct(table, origin)
    return table, list(dict.fromkeys(notes))


def _read(table: pd.DataFrame, origin: str, notes: list[str], comma: bool) -> pd.DataFrame:
    """Cells of text as names, numbers and truth values."""
    table = table.copy()
    for name in NAMES:
        table[name] = cells.names(table[name], name, origin, notes)
    for name in [name for name in LOWER if name in table]:
        table[name] = table[name].where(~table[name].isin(NOT_GIVEN)).str.strip().str.lower()
    for name in [name for name in TEXTS if name in table]:
        table[name] = table[name].str.strip().where(~table[name].isin(NOT_GIVEN))
        if name in ("trial_id", "repeat_of") and table[name].dropna().str.fullmatch(r"\d+(\.0+)?").all():
            table[name] = table[name].str.replace(r"\.0+$", "", regex=True)
    checks.check_filled(table, [*NAMES, "task"], origin)
    checks.check_tasks(table, origin)
    table = read_ratings(table, origin, notes, comma)
    table["truth"] = cells.yes_or_no(table["truth"], "truth", origin)
    if "correct" in table:
        table["correct"] = cells.yes_or_no(table["correct"], "correct", origin, nullable=True)
    if "is_practice" in table:
        table["is_practice"] = cells.yes_or_no(table["is_practice"], "is_practice", origin).astype(bool)
    numbers = {name: cells.numbers(table[name], name, origin, notes, comma) for name in NUMBERS if name in table}
    return table.assign(**numbers)


def _derived(table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Fill in missing columns that can be derived or may be blank."""
    filled = [name for name in required_columns(READINGS) if name not in table]
    order = table.groupby("reader", sort=False).cumcount() + 1
    derived = {
        "position": order.astype("Int64"),
        "trial_id": table["reader"] + "-" + order.astype(str),
        "reader_kind": "human",
        "is_practice": False,
    }
    table = table.assign(**{name: derived.get(name) for name in filled})
    if "correct" in filled or table["correct"].isna().all():
        table["correct"] = expected(table)
    if filled:
        notes.append(f"Columns filled in: {', '.join(filled)}.")
    return table
