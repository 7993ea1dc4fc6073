"""Find the header row of a sheet, identify its columns, and leave out empty rows and columns."""

import re

import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming.files import Sheet
from helpers.tables import READINGS

# Names that other programs give to a column, by its standard name.
SYNONYMS = {
    "reader": ("readerid", "rater", "observer"),
    "treatment": ("modality", "modalityid", "test", "testid"),
    "case": ("caseid",),
    "truth": ("truthstate", "gold", "reference"),
    "rating": ("score", "confidence"),
    "right": (),
    "total": (),
    "tp": ("truepositive", "truepositives"),
    "fn": ("falsenegative", "falsenegatives"),
    "fp": ("falsepositive", "falsepositives"),
    "tn": ("truenegative", "truenegatives"),
    "lesion": ("lesionid",),
    "weight": (),
    "paradigm": (),
    "tp_rating": ("llrating",),
    "fp_rating": ("nlrating",),
}
KNOWN = (*READINGS.columns, *SYNONYMS)
FEWEST, SEARCHED = 3, 60  # known names that a header must have, and rows searched for it
ONE_FINDING = "finding"  # name of the finding if a table gives none
NUMERIC = r"[+-]?\d+([.,]\d+)?"
OFFSET = 1  # a table's index is the row of the file minus one


def plain(name: str) -> str:
    """A name in lower case, without blanks, dots, dashes and underscores.

    >>> plain(" Reader_ID ")
    'readerid'
    """
    return re.sub(r"[\s._\-]+", "", name).casefold()


_CANONICAL = {plain(name): name for name in KNOWN}
_CANONICAL_OTHER = {other: name for name, others in SYNONYMS.items() for other in others}


def has_header(sheet: Sheet) -> bool:
    """Whether one of the first rows names at least three known columns."""
    return _header_row(sheet) is not None


def as_table(sheet: Sheet, origin: str, notes: list[str]) -> pd.DataFrame:
    """Cells below the header, blanks missing, columns by standard name; the index is the row of the file minus one.

    Raises TableError for a duplicate column, a row longer than the header, and a table without rows.
    """
    header = _header_row(sheet)
    if header is None:
        header = next(place for place, row in enumerate(sheet.rows) if any(row))
    names = [name.strip() for name in _trimmed(sheet.rows[header])]
    if header and any(any(row) for row in sheet.rows[:header]):
        notes.append(f"The header was found in row {header + 1}; what stands above was not read.")
    if _has_row_names(sheet.rows[header + 1 :], len(names)):
        names = ["", *names]
    body, long = {}, []
    for place, row in enumerate(sheet.rows[header + 1 :], start=header + 1):
        cells = _trimmed(row)
        if len(cells) > len(names):
            long.append(place + 1)
        elif cells and not _is_header(cells, names):
            body[place] = cells + [""] * (len(names) - len(cells))
    _check_lengths(long, names, origin)
    repeated = sum(_is_header(_trimmed(row), names) for row in sheet.rows[header + 1 :])
    if repeated:
        notes.append(f"Rows that repeat the header, left out: {repeated}.")
    if not body:
        raise TableError(f"{origin}: the table has a header and no rows; it needs one row for each reading")
    empty = sum(not any(row) for row in sheet.rows[header + 1 :])
    if empty:
        notes.append(f"Empty rows, left out: {empty}.")
    table = pd.DataFrame(list(body.values()), index=list(body), columns=range(len(names)), dtype=object)
    table = table.mask(table == "")
    return _named(table, names, origin, notes)


def _named(table: pd.DataFrame, names: list[str], origin: str, notes: list[str]) -> pd.DataFrame:
    """Columns under their standard names; unnamed and empty ones are left out."""
    kept = [place for place, name in enumerate(names) if name]
    nameless = [place for place, name in enumerate(names) if not name and table[place].notna().any()]
    if nameless:
        notes.append(f"Column {', '.join(str(place + 1) for place in nameless)} has no name and was left out.")
    own = [_CANONICAL.get(plain(names[place]), names[place]) for place in kept]
    for place, name in enumerate(own):
        canonical = _CANONICAL_OTHER.get(plain(name))
        if canonical and canonical not in own:
            rivals = [other for other in own if _CANONICAL_OTHER.get(plain(other)) == canonical]
            if len(rivals) > 1:
                raise TableError(
                    f"{origin}: columns {' and '.join(map(repr, rivals))} could both be {canonical!r}; name one of "
                    f"them {canonical}"
                )
            notes.append(f"Column {name!r} was read as {canonical}.")
            own[place] = canonical
    doubled = {plain(name) for name in own if [plain(other) for other in own].count(plain(name)) > 1}
    for name in [name for name in own if plain(name) in doubled][:1]:
        places = [str(place + 1) for place, other in zip(kept, own, strict=True) if plain(other) == plain(name)]
        raise TableError(
            f"{origin}: columns {' and '.join(places)} are both named {name!r}; remove one of them, or rename it"
        )
    return table[kept].set_axis(own, axis=1)


def drop_empty(table: pd.DataFrame) -> pd.DataFrame:
    """The table without unknown columns that are empty in every row."""
    return table[[name for name in table if name in KNOWN or table[name].notna().any()]]


def check_columns(table: pd.DataFrame, needed: list[str], origin: str, also: str = "") -> None:
    """Raise TableError for missing columns; ``also``: what a table may have instead."""
    missing = [name for name in needed if name not in table]
    if not missing:
        return
    found = ", ".join(map(repr, table.columns))
    if not any(name in KNOWN for name in table):
        found += "; the first row must name the columns"
    beside = _side_by_side(table)
    wide = (
        f". Columns {', '.join(map(repr, beside))} look like ratings side by side: give each rating a row of its own, "
        "with its reader and treatment (pandas: melt; R: pivot_longer)"
    )
    raise TableError(
        f"{origin}: column {', '.join(map(repr, missing))} is missing; a table of readings needs at least "
        f"{', '.join(needed)}{also} (columns found: {found}){wide if beside else ''}"
    )


def _side_by_side(table: pd.DataFrame) -> list[str]:
    """Columns that may hold ratings of several readers or treatments: unknown, numeric, in a table with cases."""
    if "rating" in table or "case" not in table:
        return []
    others = [name for name in table if name not in KNOWN]
    numeric = [name for name in others if table[name].dropna().astype(str).str.strip().str.fullmatch(NUMERIC).all()]
    return numeric if len(numeric) > 1 else []


def _header_row(sheet: Sheet) -> int | None:
    for place, row in enumerate(sheet.rows[:SEARCHED]):
        names = {plain(cell) for cell in row if cell}
        if sum(name in _CANONICAL or name in _CANONICAL_OTHER for name in names) >= FEWEST:
            return place
    return None


def _has_row_names(rows: list[list[str]], count: int) -> bool:
    """Whether every row begins with its number, which the header does not name, as in tables written by R."""
    filled = [row for row in rows if any(row)]
    return (
        bool(filled)
        and all(
            len(_trimmed(row)) <= count + 1 and row[0].strip() == str(number)
            for number, row in enumerate(filled, start=1)
        )
        and max(len(_trimmed(row)) for row in filled) == count + 1
    )


def _is_header(cells: list[str], names: list[str]) -> bool:
    return [cell.strip() for cell in cells] == names


def _trimmed(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    count = len(row)
    while count and not row[count - 1]:
        count -= 1
    return row[:count]


def _check_lengths(long: list[int], names: list[str], origin: str) -> None:
    if long:
        raise TableError(
            f"{origin}: row {long[0]}{more(len(long))} has more cells than the header has names ({len(names)}); where "
            "a comma is the decimal mark, separate cells by semicolons, or put such numbers in quotation marks"
        )


def more(count: int) -> str:
    """ " and 3 more", or nothing for a single row."""
    return f" and {count - 1} more" if count > 1 else ""
