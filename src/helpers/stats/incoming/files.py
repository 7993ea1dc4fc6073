"""Read a file of readings as text cells, whatever program wrote it: CSV, Excel or Parquet.

The format is taken from the content, not the name: a workbook may be called .csv, and a text file .xls. Encoding and
separator are detected; guesses are reported in a note.
"""

import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming.encodings import SAVE_AS, decoded

SEPARATORS = (",", ";", "\t", "|")
BLANKS = " "  # any number of them between two cells


@dataclass(frozen=True)
class Sheet:
    """``name`` of the sheet (or empty), ``rows`` of text cells (blanks empty) as in the file, its ``separator``."""

    name: str
    rows: list[list[str]]
    separator: str = ""


def read_cells(path: str | Path) -> tuple[list[Sheet], list[str]]:
    """Non-empty sheets of a file, and notes. Raises TableError if the file is missing, empty or not a table."""
    path = Path(path)
    if not path.is_file():
        raise TableError(f"{path}: no such table")
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError) as error:
            raise TableError(f"{path}: a damaged gzip file ({error}); copy it again") from error
    if data.startswith(b"PAR1"):
        return [from_frame(_parquet(path))], []
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError(f"{path}: an Excel workbook of the old kind (.xls), or locked by a password; {SAVE_AS}")
    if data.startswith(b"PK"):
        sheets, notes = _workbook(path, data)
    else:
        sheets, notes = _text(path, data)
    sheets = [sheet for sheet in sheets if any(any(row) for row in sheet.rows)]
    if not sheets:
        raise TableError(f"{path}: the file is empty; it needs a header and one row for each reading")
    return sheets, notes


def from_frame(frame: pd.DataFrame) -> Sheet:
    """A data frame as a sheet, header first; its index is ignored."""
    header = [str(name) for name in frame.columns]
    return Sheet("", [header, *([_cell(value) for value in row] for row in frame.astype(object).to_numpy())])


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except Exception as error:  # whatever a damaged file raises
        raise TableError(f"{path}: cannot be read as a table ({error})") from error


def _workbook(path: Path, data: bytes) -> tuple[list[Sheet], list[str]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:  # a damaged workbook, or another archive
        raise TableError(f"{path}: an archive that is no Excel workbook ({error}); {SAVE_AS}") from error
    sheets, notes = [], []
    for sheet in book.worksheets:
        rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        sheets.append(Sheet(sheet.title, rows))
        hidden = [row for row, how in sheet.row_dimensions.items() if how.hidden and row <= len(rows)]
        if hidden:
            notes.append(f"Sheet {sheet.title!r}: hidden rows, read too: {len(hidden)} (the first is row {hidden[0]}).")
    _check_calculated(path, data, sheets)
    return sheets, notes


def _check_calculated(path: Path, data: bytes, sheets: list[Sheet]) -> None:
    """Raise TableError for a formula without a value, as written by programs that do not calculate."""
    blank = {sheet.name: sheet.rows for sheet in sheets if any("" in row for row in sheet.rows)}
    for sheet in openpyxl.load_workbook(io.BytesIO(data)).worksheets if blank else []:
        for row, cells in zip(sheet.iter_rows(), blank.get(sheet.title, []), strict=False):
            for cell, value in zip(row, cells, strict=False):
                if not value and cell.data_type == "f":
                    raise TableError(
                        f"{path}: sheet {sheet.title!r}, cell {cell.coordinate}: a formula that was never calculated; "
                        "open the workbook in a spreadsheet program and save it"
                    )


def _text(path: Path, data: bytes) -> tuple[list[Sheet], list[str]]:
    text, notes = decoded(path, data)
    if text.lstrip()[:1] in ("<", "{", "["):
        raise TableError(f"{path}: a web page, XML or JSON, not a table; {SAVE_AS}")
    if re.search(r"[\x00-\x08\x0e-\x1b]", text):
        raise TableError(f"{path}: no text and no workbook; {SAVE_AS}")
    lines, skipped = text.splitlines(keepends=True), 0
    if lines and lines[0].lower().startswith("sep="):
        skipped = 1
    separator = _separator(lines[skipped : skipped + 50])
    rows: list[list[str]] = [[] for _ in range(skipped)]
    if separator == BLANKS:
        lines = [line.strip() + "\n" for line in lines]
    body = io.StringIO("".join(lines[skipped:]), newline="")
    reader = csv.reader(body, delimiter=separator, strict=True, skipinitialspace=separator == BLANKS)
    try:
        for row in reader:
            rows.append([_filled(cell) for cell in row])
    except csv.Error as error:
        raise TableError(
            f"{path}: row {len(rows) + 1}: a quotation mark is not closed, or stands inside a cell ({error}); "
            "correct it"
        ) from error
    return [Sheet("", rows, separator)], notes


def _separator(lines: list[str]) -> str:
    """The separator that splits lines into the most cells, equally many in each; blanks if only they do."""
    best, most = ",", 0.0
    for separator in SEPARATORS:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row)]
        usual = max(set(counts), key=counts.count) if counts else 1
        share = counts.count(usual) / max(len(counts), 1)
        if usual > 1 and usual * share > most:
            best, most = separator, usual * share
    words = {len(line.split()) for line in lines if line.strip()}
    even = bool(words) and max(words) - min(words) <= 1 < min(words)  # R writes no header for the row names
    return BLANKS if not most and even else best


def _cell(value) -> str:
    """A cell of a workbook or a frame as text."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _filled(str(value))


def _filled(text: str) -> str:
    """The text, empty if it holds only blanks; no-break spaces become plain ones, zero-width marks are removed."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u200b", "").replace("\ufeff", "")
    return text if text.strip() else ""
