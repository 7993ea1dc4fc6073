"""Your own data: a folder of images and one table."""

from pathlib import Path

import pandas as pd

from helpers.cohort.listing import Kind, Listing, check_ids, parse_labels, read_columns
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import NAMES
from helpers.tables import SPLITS


def list_images(settings: Settings) -> Listing:
    """Rows of ``settings.table`` with images in ``settings.folder``.

    Columns, and no others: path (from the folder), patient_id and the four findings (1, 0, -1 or blank); if known
    also image_id, split, view (PA / AP), age (years) and sex (F / M). Without image_id the file's name serves.
    Raises CohortError for missing or extra columns, odd values, and two images with one id.
    """
    table = read_columns(
        settings.table,
        required=("path", "patient_id", *NAMES),
        optional=("image_id", "split", "view", "age", "sex"),
        strict=True,
    )
    if table["path"].isna().any():
        raise CohortError(f"{settings.table}: column 'path', row {int(table['path'].isna().argmax()) + 1}: is blank")
    if "image_id" not in table:
        table["image_id"] = [Path(path).stem for path in table["path"]]
    table["source"] = [str(settings.folder / path) for path in table.pop("path")]
    for name in NAMES:
        table[name] = parse_labels(table[name], settings.table)
    if settings.split == "official" and "split" not in table:
        raise CohortError(f"{settings.table}: column 'split' is missing; add it or set split: patient")
    for name, allowed in {"split": SPLITS, "view": ("PA", "AP"), "sex": ("F", "M")}.items():
        if name in table:
            _check_values(table[name], allowed, settings.table)
    if "age" in table:
        table["age"] = ages(table["age"], settings.table)
    check_ids(table, settings.table)
    return Listing(table, inputs=(settings.table,))


def ages(column: pd.Series, origin: Path) -> pd.Series:
    """Ages in years from text, 0..120; raises CohortError naming the row of one that is not."""
    years = pd.to_numeric(column, errors="coerce").astype("Float64")
    bad = column.notna() & (years.isna() | (years < 0) | (years > 120)).fillna(True)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise CohortError(f"{origin}: column 'age', row {row + 1}: {column.iloc[row]!r} is not an age in years")
    return years


def _check_values(column: pd.Series, allowed: tuple[str, ...], origin: Path) -> None:
    bad = column.notna() & ~column.isin(allowed)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise CohortError(
            f"{origin}: column {column.name!r}, row {row + 1}: {column.iloc[row]!r} is none of {', '.join(allowed)}"
        )


KIND = Kind(
    "folder",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "table"),
    uses=("fractions", "views", "window"),
)
