"""Tables of files as they lie there, every value of a CSV as text: what they mean is checked elsewhere."""

import csv
import gzip
import zlib
from pathlib import Path

import pandas as pd

from helpers.errors import TableError

DAMAGED = (EOFError, zlib.error, csv.Error)  # what reading a damaged file raises beside OSError and ValueError


def read_raw(path: str | Path) -> pd.DataFrame:
    """Read CSV (plain or gzip) or Parquet without a schema; every CSV value is text, blanks are missing.

    The separator is that of the header: comma, semicolon or tab. Raises TableError when the file is missing, empty or
    unreadable, and for a row with more or fewer cells than the header.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(f"{path}: no such table")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        separator = _check_rows(path)
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, na_values=[""], index_col=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, ValueError, *DAMAGED) as error:
        raise TableError(f"{path}: cannot be read as a table ({error})") from error


def _check_rows(path: Path) -> str:
    """The separator of a table of text; raises ValueError for a row that is longer or shorter than the header."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        separator = max(",;\t", key=file.readline().count)
        file.seek(0)
        rows = csv.reader(file, delimiter=separator)
        header = next(rows, [])
        needed = max((n for n, name in enumerate(header, start=1) if name.strip()), default=0)
        for number, row in enumerate(rows, start=1):
            if 0 < len(row) < needed or any(row[len(header) :]):
                raise ValueError(f"row {number}, line {rows.line_num}: {len(row)} cells, the header has {needed}")
    return separator
