"""BRAX 1.1 (Reis et al., Scientific Data 2022): a Brazilian hospital's chest X-rays, labelled like CheXpert."""

from dataclasses import replace

from helpers.cohort import csv_table
from helpers.cohort.listing import Kind, Listing
from helpers.cohort.settings import Settings
from helpers.errors import CohortError

TABLE = "master_spreadsheet_update.csv"
COLUMNS = {
    "path": "PngPath",
    "patient_id": "PatientID",
    "view": "ViewPosition",
    "age": "PatientAge",
    "sex": "PatientSex",
}
NOTE = "Labels: CheXpert labeller, translated into Portuguese, on reports. Ages are given in steps of five years."


def list_images(settings: Settings) -> Listing:
    """Images of a BRAX folder, as listed in its spreadsheet. Raises CohortError naming the table, column or cell."""
    path = settings.folder / TABLE
    if not path.is_file():
        raise CohortError(f"{path}: no such table; set `folder` to your copy of BRAX")
    listing = csv_table.list_images(replace(settings, table=path, columns=COLUMNS, labels="chexpert"))
    return replace(listing, notes=(NOTE, *listing.notes))


KIND = Kind(
    "brax",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "views", "window"),
    vocabulary="chexpert",
    in_part=True,
)
