"""Values from label tables, converted to the project's own terms: identifiers, ages, sexes, views."""

import re
from pathlib import Path

import pandas as pd

from helpers.cohort.listing import FRONTAL, refuse
from helpers.tables import SPLITS

BLANKS = ("", "nan", "na", "n/a", "none", "null", "unknown", "not available", "-", ".", "?")
OLDEST = 120  # years; anything above is an error in the table
UNITS = r"y|yo|yrs?|years?|años?|m|mo|months?|mes(?:es)?|w|weeks?|semanas?|d|days?|días?"
UNIT = rf"(?P<unit>{UNITS})?(?:[\s/]*o(?:ld)?)?\.?"
MORE = r"(?P<more>\+|(?:or|and)\s+(?:more|older|over|above))?"
START = r"(?:(?P<first>[ymwd])|P(?=\d+[YMWD]$)|(?P<above>>=?|over|above)|(?P<below><=?|under|below))?"  # P: ISO 8601
AGE = re.compile(rf"{START}\s*(?P<number>\d+(?:[.,]\d+)?)\s*{UNIT}\s*{MORE}", re.IGNORECASE)
SUFFIX = re.compile(r"\.(dcm|dicom|png|jpe?g|tiff?|webp|bmp)$", re.IGNORECASE)
RANGE = re.compile(r"(\d+)\s*(?:-|–|to)\s*(\d+)", re.IGNORECASE)
YEARS_PER_UNIT = {"y": 1, "a": 1, "m": 1 / 12, "w": 1 / 52, "s": 1 / 52, "d": 1 / 365}
SEXES = {"f": "F", "female": "F", "woman": "F", "m": "M", "male": "M", "man": "M"}
NO_SEX = ("o", "other", "u", "x", "intersex", "unspecified")
SPLITS_BY_NAME = {"val": "validate", "valid": "validate", "validation": "validate", "training": "train"}
VIEWS = {
    "PA": "PA", "POSTEROANTERIOR": "PA", "POSTERO ANTERIOR": "PA", "POSTERIOR ANTERIOR": "PA",
    "AP": "AP", "ANTEROPOSTERIOR": "AP", "ANTERO POSTERIOR": "AP", "ANTERIOR POSTERIOR": "AP",
    "FRONTAL": FRONTAL,
}  # fmt: skip
# Additional words that do not change the view, unlike "LATERAL", "AXIAL" or "LLD" (decubitus)
POSITION = "ERECT|UPRIGHT|STANDING|SITTING|SUPINE|HORIZONTAL|PORTABLE|MOBILE"
BESIDE = re.compile(rf"\b(CHEST|THORAX|VIEW|PROJECTION|{POSITION})\b")


def known(column: pd.Series) -> pd.Series:
    """Text without leading and trailing spaces; missing if the cell stands for no value (``BLANKS``)."""
    text = column.astype("string").str.strip()
    return text.mask(text.str.lower().isin(BLANKS))


def identifiers(column: pd.Series, origin: str | Path) -> pd.Series:
    """Text of identifiers; a number that went through a spreadsheet, ``12345.0``, loses its decimal part.

    Raises CohortError for one that lost digits there, ``1.23457E+11``: several may have become identical.
    """
    text = known(column)
    lost = text.str.fullmatch(r"\d(\.\d+)?[eE]\+\d+").fillna(False).astype(bool)
    refuse(lost, column, origin, "{!r} has lost digits in a spreadsheet; export the column as text")
    return text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def names_of(paths: pd.Series) -> pd.Series:
    """An identifier for each image from its path: the file name without suffix.

    If two would be the same, the folders precede it. Characters not allowed in a file name become ``_``.
    """
    parts = paths.str.replace("\\", "/").str.replace(SUFFIX, "", regex=True)
    names = parts.str.rsplit("/", n=1).str[-1]
    if names.duplicated().any():
        names = parts.str.lstrip("./").str.replace("/", "-")
    return names.str.replace(r"[^A-Za-z0-9._-]", "_", regex=True).str.lstrip("._-")


def ages(column: pd.Series, origin: str | Path | None = None) -> tuple[pd.Series, tuple[str, ...]]:
    """Ages in years, Float64, and notes on values that were not plain numbers.

    Accepts ``51``, ``51.0``, ``51,5``, ``045Y``, ``Y045``, ``P45Y``, ``006M``, ``45 years``, ``45 y/o``, ``45 años``;
    ``90+`` and ``85 or more`` count as 90 and 85, ``> 89`` as 90, ``< 1`` as 1, ``45-49`` as its middle. Ages above 120
    years are left blank. A cell that is not an age raises CohortError naming it; without an ``origin``, as for DICOM
    headers, which cannot be corrected, it is left blank.
    """
    text = known(column)
    found = {cell: _years(cell) for cell in text.dropna().unique()}
    values = text.map(found).astype("Float64")
    if origin is not None:
        refuse(text.notna() & values.isna(), text, origin, "{!r} is not an age in years")
    odd = (values > OLDEST).fillna(False)
    bounded = text.isin([cell for cell, years in found.items() if years is not None and _is_bounded(cell)])
    notes = [f"{int(odd.sum()):,} ages beyond {OLDEST} years were left blank."] if odd.any() else []
    if bounded.any():
        first = text[bounded].iloc[0]
        notes.append(
            f"{int(bounded.sum()):,} ages are not single years: {first!r}, for example, counts as {found[first]:g}."
        )
    return values.mask(odd), tuple(notes)


def _years(cell: str) -> float | None:
    if span := RANGE.fullmatch(cell):
        return (int(span[1]) + int(span[2])) / 2
    age = AGE.fullmatch(cell)
    if age is None or (age["first"] and age["unit"]):
        return None
    unit = (age["first"] or age["unit"] or "y")[0].lower()
    beyond = 1 if (age["above"] or "").lower() in (">", "over", "above") else 0
    return float(age["number"].replace(",", ".")) * YEARS_PER_UNIT[unit] + beyond


def _is_bounded(cell: str) -> bool:
    age = AGE.fullmatch(cell)
    return age is None or bool(age["above"] or age["below"] or age["more"])


def numbers(column: pd.Series, origin: str | Path) -> pd.Series:
    """Numbers, Float64; raises CohortError for a cell that is not a number, including blank ones."""
    values = pd.to_numeric(column, errors="coerce").astype("Float64")
    refuse(values.isna(), column, origin, "{!r} is not a number")
    return values


def sexes(column: pd.Series, origin: str | Path) -> pd.Series:
    """F or M; blank if not given or neither. Raises CohortError for a cell that is not a sex."""
    text = known(column).str.lower()
    refuse(text.notna() & ~text.isin([*SEXES, *NO_SEX]), column, origin, "{!r} is not F, M, O or blank")
    return text.map(SEXES).astype("string")


def views(column: pd.Series) -> pd.Series:
    """PA, AP, FRONTAL (one of the two), or any other view of the table in capitals; missing if none is given.

    ``AP_supine``, ``Chest PA`` and ``P.A. erect`` are AP and PA, ``AP axial`` is another view.
    """
    text = known(column).str.upper()
    found = {cell: VIEWS.get(_without_words_beside(cell), cell) for cell in text.dropna().unique()}
    return text.map(found).astype("string")


def _without_words_beside(view: str) -> str:
    words = re.sub(r"[\s_-]+", " ", view.replace(".", ""))
    return " ".join(BESIDE.sub("", words).split())


def splits(column: pd.Series, origin: str | Path) -> pd.Series:
    """train, validate or test, blank if the cell is; val, valid and validation become validate."""
    text = known(column).str.lower().replace(SPLITS_BY_NAME)
    refuse(text.notna() & ~text.isin(SPLITS), column, origin, f"{{!r}} is none of {', '.join(SPLITS)}")
    return text


def tidy(table: pd.DataFrame, origin: str | Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The table with its image_id, patient_id, split, view, age and sex, if any, in the project's terms, and notes.

    Raises CohortError naming the first invalid cell.
    """
    table, notes = table.copy(), ()
    for name in {"image_id", "patient_id"} & set(table):
        table[name] = identifiers(table[name], origin)
    if "split" in table:
        table["split"] = splits(table["split"], origin)
    if "view" in table:
        table["view"] = views(table["view"])
    if "sex" in table:
        table["sex"] = sexes(table["sex"], origin)
    if "age" in table:
        table["age"], notes = ages(table["age"], origin)
    return table, notes
