"""PadChest (Bustos et al., Medical Image Analysis 2020): 16-bit PNG, lists of labels, reports in Spanish."""

from functools import partial
from pathlib import Path

import pandas as pd

from helpers.cohort.labels import expect_labels, from_lists, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns
from helpers.cohort.reports import first_of
from helpers.cohort.settings import Settings
from helpers.cohort.values import known, names_of, tidy
from helpers.errors import CohortError

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_*.csv*"
PEOPLE = {"PatientID": "patient_id", "PatientSex_DICOM": "sex", "Projection": "view"}
COLUMNS = ("ImageID", "ImageDir", *PEOPLE, "PatientBirth", "StudyDate_DICOM", "Report", "MethodLabel", "Labels")
UNFIT = "exclude|suboptimal study"  # lists with these do not say what the image shows
LABELLED_BY = ("all", "physician")
NOTES = (
    "Labels: a physician's for a quarter of the reports, a network's for the others; a finding that is not listed "
    "counts as absent, unless the report calls the image unchanged.",
    "Age is the year of the study less the year of birth.",
)


def list_images(settings: Settings) -> Listing:
    """Images of a PadChest folder, with one folder per archive (0 to 54) or all in one.

    With labels ``physician``, those of the network are left blank. Raises CohortError naming the table, column or cell.
    """
    path = find_table(settings.folder)
    table = read_columns(path, COLUMNS).rename(columns=PEOPLE)
    born, year = (years_of(table[name], path) for name in ("PatientBirth", "StudyDate_DICOM"))
    table["age"] = (year - born).where(lambda years: years >= 0).astype("string")
    table, notes = tidy(table, path)
    table["image_id"] = names_of(table["ImageID"])
    table["source"] = sources(settings.folder, table["ImageDir"], table["ImageID"])
    table["text"] = first_of(table["Report"])
    labels = from_lists(table["Labels"], settings.findings.labels("padchest"), ",")
    says = {name: table["Labels"].str.contains(name, case=False).fillna(False) for name in (UNFIT, "unchanged")}
    blank = says[UNFIT] | ((settings.labels == "physician") & (table["MethodLabel"] != "Physician"))
    labels = labels.mask(labels.eq(0) & says["unchanged"].to_numpy()[:, None])  # may persist from an earlier image
    table = pd.concat([table, labels.mask(blank.astype(bool))], axis=1)
    check_ids(table, path)
    said = f"Labels of {int(blank.sum()):,} images were left blank: excluded or suboptimal studies"
    said += ", or not labelled by a physician." if settings.labels == "physician" else "."
    return Listing(table, inputs=(path,), notes=(*NOTES, *naming(settings.findings, "padchest"), said, *notes))


def years_of(column: pd.Series, path: Path) -> pd.Series:
    """Years at the start of a column's cells; raises CohortError naming the table and a cell without one."""
    text = known(column).str[:4]
    years = pd.to_numeric(text, errors="coerce")
    if (wrong := text.notna() & years.isna()).any():
        raise CohortError(f"{path}: {column.name} = {column[wrong].iloc[0]!r}: must begin with a year, such as 1950")
    return years


def find_table(folder: Path) -> Path:
    """The label table of a folder, .csv or .csv.gz; raises CohortError for none or several."""
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your copy of PadChest")
    found = sorted(folder.glob(TABLE))
    if len(found) != 1:
        seen = ", ".join(path.name for path in found) or "none"
        raise CohortError(f"{folder}: needs one table {TABLE}, found {seen}")
    return found[0]


def sources(folder: Path, archives: pd.Series, names: pd.Series) -> list[str]:
    """Paths of images: in the folder of their archive if it exists, else in ``folder``."""
    archives = archives.str.replace(r"\.0$", "", regex=True)
    places = {one: folder / one if (folder / one).is_dir() else folder for one in archives.dropna().unique()}
    return [str(places.get(one, folder) / name) for one, name in zip(archives, names, strict=True)]


KIND = Kind(
    "padchest",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "labels", "views", "window"),
    check=partial(expect_labels, known=LABELLED_BY, blank="all"),
    vocabulary="padchest",
    in_part=True,
)
