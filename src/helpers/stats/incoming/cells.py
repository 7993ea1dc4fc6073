"""Parse text cells as names, numbers, or yes and no; unreadable cells raise one error for each cause."""

import re
import unicodedata

import numpy as np
import pandas as pd

from helpers.errors import TableError
from helpers.stats.incoming.columns import OFFSET, more

BLANKS = {"", "na", "n/a", "#n/a", "nan", "none", "null", ".", "-", "<na>", "missing", "nil"}
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "<NA>"}  # what spreadsheets and pandas write for a missing name
YES = {"1", "true", "t", "yes", "y", "present", "positive", "pos", "diseased", "abnormal", "malignant", "right"}
YES |= {"correct", "wahr", "ja", "vrai", "oui", "présent", "presente", "sí", "verdadero", "positivo", "+"}
NO = {"0", "false", "f", "no", "n", "absent", "negative", "neg", "nondiseased", "non-diseased", "normal", "benign"}
NO |= {"wrong", "incorrect", "falsch", "nein", "faux", "non", "ausente", "falso", "negativo"}
LOOK_ALIKE = str.maketrans(  # Cyrillic and Greek letters that look like Latin ones, and apostrophes
    "АВЕЅІЈКМНОРСТХУаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‘’", "ABESIJKMHOPCTXYaesijopcyxABEZHIKMNOPTYXo''"
)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
DIGITS = 12  # significant digits: numbers that differ by less are the same number, computed in two ways
COMMA = re.compile(r"[+-]?\d*,\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
DATE = re.compile(r"\d{4}-\d\d-\d\d( 00:00:00)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{1,2}")


def place(origin: str, column: str, row: int) -> str:
    """Location of a cell: file, column and row of the file."""
    return f"{origin}: column {column!r}, row {row + OFFSET}"


def blank(cells: pd.Series) -> pd.Series:
    """Which cells are empty or hold a code for missing (NA, n/a, ., -), bool."""
    return cells.isna() | cells.astype(str).str.strip().str.casefold().isin(BLANKS)


def names(cells: pd.Series, column: str, origin: str, notes: list[str]) -> pd.Series:
    """Names without leading or trailing blanks, whole numbers without decimals; missing cells stay missing.

    Raises TableError if names differ only in ways that are hard to see (case, blanks, leading zeros, kinds of dashes,
    letters of another script), listing all of them.
    """
    known = cells[cells.notna() & ~cells.isin(ERRORS)].astype(str)
    tidy = known.map(lambda name: unicodedata.normalize("NFC", name).strip())
    changed = int((known != known.str.strip()).sum())
    if changed:
        notes.append(f"Column {column!r}: blanks at the ends of {changed} cells were removed.")
    if tidy.str.fullmatch(r"\d+(\.0+)?").all():
        tidy = tidy.str.replace(r"\.0+$", "", regex=True)
    alike = tidy.drop_duplicates().to_frame("name")
    alike["key"] = alike["name"].map(_key)
    doubled = alike[alike.duplicated("key", keep=False)]
    if len(doubled):
        groups = ["/".join(f"{name!r} (row {row + OFFSET})" for row, name in own["name"].items())
                  for _, own in doubled.groupby("key", sort=False)]  # fmt: skip
        shown = "; ".join(groups[:5]) + (f"; and {len(groups) - 5} more" if len(groups) > 5 else "")
        raise TableError(
            f"{origin}: column {column!r} has names that differ by case, blanks, leading zeros, or letters and dashes "
            f"that look alike only: {shown}; write each name in one way"
        )
    return tidy.reindex(cells.index)


def _key(name: str) -> str:
    """Key shared by names that differ only in ways that are hard to see."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name).translate(LOOK_ALIKE)).casefold()
    name = "".join("-" if unicodedata.category(character) == "Pd" else character for character in name)
    return str(int(name)) if name.isdecimal() else name


def numbers(cells: pd.Series, column: str, origin: str, notes: list[str], comma: bool = False) -> pd.Series:
    """Numbers, float64, NaN if blank. ``comma``: a comma is known to be the decimal mark.

    Reads ``+1``, a decimal comma, per cent signs if all values have one, and 0.1 + 0.2 as 0.3. Raises TableError for
    anything else, and if a comma may separate thousands or decimals.
    """
    text = cells.astype(object).where(~blank(cells)).dropna().astype(str).str.strip()
    text = text.str.replace("−", "-").str.replace(r"^'", "", regex=True)
    per_cent = text.str.endswith("%")
    if len(text) and per_cent.all():
        text = text.str[:-1].str.strip()
        notes.append(f"Column {column!r} is in per cent.")
    with_comma = text.str.fullmatch(COMMA)
    if with_comma.any():
        text = _decimal_comma(text, with_comma, column, origin, notes, comma)
    good = text.str.fullmatch(NUMBER)
    if not good.all():
        _refuse(text[~good], column, origin)
    return text.map(lambda number: float(f"{float(number):.{DIGITS}g}")).astype("float64").reindex(cells.index)


def yes_or_no(cells: pd.Series, column: str, origin: str, nullable: bool = False) -> pd.Series:
    """1 or 0, Int64, from numbers or words such as true, yes, present; missing if blank and allowed.

    Raises TableError for any other value, with all rows of one cause in one message.
    """
    signs = cells.astype(str).str.strip().isin({"+", "-"}).all()  # a dash alone is an empty cell
    text = cells.astype(object).where(~blank(cells) | signs).replace({"-": "0"} if signs else {})
    key = text.astype(str).str.strip().str.casefold().str.replace(r"^\+?([01])[.,]0+$", r"\1", regex=True)
    found = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    found[key.isin(YES)], found[key.isin(NO)] = 1, 0
    strange = found.isna() & text.notna()
    if strange.any():
        values = sorted(set(text[strange].astype(str)))
        row = text.index[strange][0]
        coded = "; if 1 and 2 are codes, or -1 and 1, say which of them means present" if column == "truth" else ""
        raise TableError(
            f"{place(origin, column, row)}: value {text[row]!r}{more(int(strange.sum()))} is neither 1 nor 0 (found: "
            f"{', '.join(values[:5])}); write 1 or 0, or true or false{coded}"
        )
    if not nullable and found.isna().any():
        row = found.index[found.isna()][0]
        raise TableError(f"{place(origin, column, row)}{more(int(found.isna().sum()))}: is blank; write 1 or 0")
    return found


def _decimal_comma(text, with_comma, column: str, origin: str, notes: list[str], comma: bool) -> pd.Series:
    if text[~with_comma].str.contains(".", regex=False).any():
        row = text.index[with_comma][0]
        raise TableError(
            f"{place(origin, column, row)}: value {text[row]!r} has a decimal comma, others have a decimal point; use "
            "one of them"
        )
    if not comma and text[with_comma].str.fullmatch(THOUSANDS).all():
        row = text.index[with_comma][0]
        raise TableError(
            f"{place(origin, column, row)}: value {text[row]!r} may be a thousand or a decimal; write a decimal point"
        )
    notes.append(f"Column {column!r}: the comma was read as the decimal mark.")
    return text.str.replace(",", ".", regex=False)


def _refuse(strange: pd.Series, column: str, origin: str) -> None:
    row = strange.index[0]
    value = strange.iloc[0]
    hint = "write a number, and leave the cell blank where nothing was answered"
    if DATE.fullmatch(value):
        hint = "it looks like a date, as spreadsheets make of 1-2 or 3/4; format the column as text or number"
    elif re.fullmatch(r"[\d\s]+", value):
        hint = "remove the blank inside the number"
    others = sorted(set(strange) - {value})
    also = f" (also {', '.join(map(repr, others[:3]))})" if others else ""
    raise TableError(f"{place(origin, column, row)}: value {value!r}{more(len(strange))}{also} is not a number; {hint}")


def as_integers(values: pd.Series) -> pd.Series:
    """Int64 if every number is whole, else Float64; blanks are missing."""
    known = values.dropna()
    whole = bool((np.floor(known) == known).all()) and bool((known.abs() < 2**53).all())
    return values.astype("Float64").astype("Int64" if whole else "Float64")
