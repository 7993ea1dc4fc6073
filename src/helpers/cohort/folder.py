"""Your own data: a folder of images and one table in the project's own columns."""

from helpers.cohort import csv_table
from helpers.cohort.listing import Kind, Listing
from helpers.cohort.settings import Settings


def list_images(settings: Settings) -> Listing:
    """Rows of ``settings.table`` with images in ``settings.folder``.

    The only columns are path (relative to the folder), patient_id, the study's findings (1, 0, -1 or blank) and, if
    known, image_id, split, view, age (years), sex (F / M) and text. Without image_id, the file name is used. Raises
    CohortError for missing or extra columns, invalid values, and two images with the same id.
    """
    return csv_table.list_images(settings, strict=True)


KIND = Kind(
    "folder",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "table"),
    uses=("fractions", "views", "window"),
)
