"""Indiana University chest X-rays (OpenI; Demner-Fushman et al., JAMIA 2016), with reports, as Kaggle gives them."""

import pandas as pd

from helpers.cohort.labels import from_lists, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.reports import first_of
from helpers.cohort.settings import Settings
from helpers.cohort.values import names_of, tidy
from helpers.errors import CohortError

PROJECTIONS, REPORTS = "indiana_projections.csv", "indiana_reports.csv"
FOLDERS = ("images/images_normalized", "images_normalized", "images", ".")
UNREAD = ("no indexing", "technical quality of image unsatisfactory")
NOTE = (
    "Labels: MeSH headings that were given to the report by hand; a finding that is not among them counts as absent. "
    "Each report is of another patient. Age and sex are not in this data set, nor whether a view is PA or AP."
)


def list_images(settings: Settings) -> Listing:
    """Images of a folder with both tables; patient_id is that of the report.

    Raises CohortError naming the table, column or cell at fault.
    """
    paths = [settings.folder / name for name in (PROJECTIONS, REPORTS)]
    if missing := [path for path in paths if not path.is_file()]:
        raise CohortError(f"{missing[0]}: no such table; set `folder` to your copy of the Indiana chest X-rays")
    table = read_columns(paths[0], ("uid", "filename", "projection"))
    table = table.rename(columns={"uid": "patient_id", "projection": "view"})
    table, notes = tidy(table, paths[0])
    reports = read_columns(paths[1], ("uid", "Problems", "findings", "impression"))
    refuse(reports["uid"].duplicated(), reports["uid"], paths[1], "{!r} occurs twice")
    reports = reports.set_index("uid").reindex(table["patient_id"]).reset_index(drop=True)
    labels = from_lists(reports["Problems"], settings.findings.labels("openi"), ";")
    unread = reports["Problems"].str.lower().str.strip().isin(UNREAD).fillna(False)
    table = pd.concat([table, labels.mask(unread.astype(bool))], axis=1)
    table["text"] = first_of(reports["impression"], reports["findings"])
    table["image_id"] = names_of(table["filename"].str.removesuffix(".png"))
    images = next(settings.folder / name for name in FOLDERS if (settings.folder / name).is_dir())
    table["source"] = [str(images / name) for name in table["filename"]]
    check_ids(table, paths[0])
    return Listing(table, inputs=tuple(paths), notes=(NOTE, *naming(settings.findings, "openi"), *notes))


KIND = Kind(
    "openi",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "views", "window"),
    vocabulary="openi",
    in_part=True,
)
