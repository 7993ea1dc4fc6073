"""Your own data: a folder of images and one table."""

from pathlib import Path

import pandas as pd

from helpers.cohort.listing import Kind, Listing, check_ids, parse_labels, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.tables import SPLITS


def list_images(settings: Settings) -> Listing:
    """Rows of ``settings.table`` with images in ``settings.folder``.

    Columns, and no others: path (from the folder), patient_id and the study's findings (1, 0, -1 or blank); if known
    also image_id, split, view (PA / AP), age (years) and sex (F / M). Without image_id the file's name serves.
    Raises CohortError for missing or extra columns, odd values, and two images with one id.
    """
    table = read_columns(
        settings.table,
        required=("path", "patient_id", *settings.findings.names),
        optional=("image_id", "split", "view", "age", "sex"),
        strict=True,
    )
    refuse(table["path"].isna(), table["path"], settings.table, "is blank")
    if "image_id" not in table:
        table["image_id"] = [Path(path).stem for path in table["path"]]
    table["source"] = [str(settings.folder / path) for path in table.pop("path")]
    for name in settings.findings.names:
        table[name] = parse_labels(table[name], settings.table)
    if settings.split == "official" and "split" not in table:
        raise CohortError(f"{settings.table}: column 'split' is missing; add it or set split: patient")
    for name, allowed in {"split": SPLITS, "view": ("PA", "AP"), "sex": ("F", "M")}.items():
        if name in table:
            odd = table[name].notna() & ~table[name].isin(allowed)
            refuse(odd, table[name], settings.table, f"{{!r}} is none of {', '.join(allowed)}")
    if "age" in table:
        years = pd.to_numeric(table["age"], errors="coerce").astype("Float64")
        odd = table["age"].notna() & ~years.between(0, 120).fillna(False)
        refuse(odd, table["age"], settings.table, "{!r} is not an age in years")
        table["age"] = years
    check_ids(table, settings.table)
    return Listing(table, inputs=(settings.table,))


KIND = Kind(
    "folder",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "table"),
    uses=("fractions", "views", "window"),
)
