"""Your own data: a folder of images and one table in the project's own columns."""

from helpers.cohort import csv_table
from helpers.cohort.listing import Kind, Listing
from helpers.cohort.settings import Settings


def list_images(settings: Settings) -> Listing:
    """Rows of ``settings.table`` with images in ``settings.folder``.

    Columns, and no others: path (from the folder), patient_id and the study's findings (1, 0, -1 or blank); if known
    also image_id, split, view, age (years), sex (F / M) and text. Without image_id the file's name serves. Raises
    CohortError for missing or extra columns, odd values, and two images with one id.
    """
    return csv_table.list_images(settings, strict=True)


KIND = Kind(
    "folder",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "table"),
    uses=("fractions", "views", "window"),
)
