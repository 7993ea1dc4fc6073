"""Tables read from files as they are, every value of a CSV as text; their meaning is checked elsewhere."""

import csv
import gzip
import zlib
from pathlib import Path

import pandas as pd

from helpers.errors import TableError

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"  # how such files begin, whatever they are called
DAMAGED = (EOFError, zlib.error, csv.Error)  # what reading a damaged file raises besides OSError and ValueError


def read_raw(path: str | Path) -> pd.DataFrame:
    """Read CSV (plain or gzip) or Parquet without a schema; every CSV value is text, blanks are missing.

    The separator is that of the header: comma, semicolon or tab. Blanks around column names and rows without content
    are ignored. Raises TableError when the file is missing, empty, unreadable or not in UTF-8, for a column that occurs
    twice, and for a row with more or fewer cells than the header.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(f"{path}: no such table")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        packed = "gzip" if _begins(path, GZIP) else None
        separator = _check_rows(path, packed)
        as_text = {"dtype": str, "keep_default_na": False, "na_values": [""], "index_col": False}
        table = pd.read_csv(path, sep=separator, compression=packed, **as_text)
        return table.rename(columns=str.strip).dropna(how="all", ignore_index=True)
    except UnicodeDecodeError as error:
        what = "an Excel workbook" if _begins(path, ZIP) else "not text in UTF-8"
        raise TableError(f"{path}: {what}; save it as CSV (UTF-8) and name that file") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError, ValueError, *DAMAGED) as error:
        raise TableError(f"{path}: cannot be read as a table ({error})") from error


def _begins(path: Path, sign: bytes) -> bool:
    with open(path, "rb") as file:
        return file.read(len(sign)) == sign


def _check_rows(path: Path, packed: str | None) -> str:
    """The separator of a text table; raises ValueError for a row that is longer or shorter than the header, and for a
    column that occurs twice."""
    opened = gzip.open if packed else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        separator = max(",;\t", key=file.readline().count)
        file.seek(0)
        rows = csv.reader(file, delimiter=separator)
        header = next(rows, [])
        names = [name.strip() for name in header if name.strip()]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"column {twice[0]!r} appears twice; remove or rename one")
        needed = max((n for n, name in enumerate(header, start=1) if name.strip()), default=0)
        for number, row in enumerate(rows, start=1):
            if 0 < len(row) < needed or any(row[len(header) :]):
                raise ValueError(f"row {number}, line {rows.line_num}: {len(row)} cells, the header has {needed}")
    return separator
