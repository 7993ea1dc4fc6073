"""VinDr-CXR 1.0 (Nguyen et al., Scientific Data 2022): DICOM, labels and boxes by several radiologists."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.cohort import boxes
from helpers.cohort.labels import from_columns, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns
from helpers.cohort.settings import Settings
from helpers.cohort.splits import fill_validate
from helpers.cohort.unreadable import keep_present
from helpers.cohort.values import ages, numbers
from helpers.errors import CohortError

SPLITS = ("train", "test")
HEADER = ("Rows", "Columns", "PatientSex", "PatientAge")
CORNERS = ("x_min", "y_min", "x_max", "y_max")
NOTES = (
    "Labels of the training set: three radiologists each; present where two of them say so, uncertain where one does. "
    "Labels of the test set: consensus of five.",
    "The data set does not say which images share a patient: every image counts as a patient of its own, so intervals "
    "that respect patients may be too narrow.",
)


def list_images(settings: Settings) -> Listing:
    """Images of a VinDr-CXR folder with train/, test/ and annotations/; all are PA.

    Age and sex come from the headers. The official split has no validation set, so some training patients form
    one. Raises CohortError naming the table, column or cell at fault.
    """
    from helpers.cohort.dicom_files.display import DicomReader  # imported here because these load pydicom
    from helpers.cohort.dicom_files.elements import read_elements

    names, tables, inputs, drawn = settings.findings.labels("vindr"), [], [], []
    for split in SPLITS:
        path, boxes_path = (find_table(settings.folder, name, split) for name in ("image_labels", "annotations"))
        labels = majority(path, names)
        table = pd.DataFrame({"image_id": labels.index, "patient_id": labels.index, "split": split, "view": "PA"})
        table["source"] = [str(settings.folder / split / f"{name}.dicom") for name in table["image_id"]]
        tables.append(pd.concat([table, labels.reset_index(drop=True)], axis=1))
        drawn.append(read_boxes(boxes_path))
        inputs += [path, boxes_path]
    table = pd.concat(tables, ignore_index=True)
    check_ids(table, settings.folder)
    listing = Listing(table, DicomReader(settings.voi, settings.max_megapixels), tuple(inputs), NOTES)
    listing = keep_present(listing, settings, in_part=True)
    table, header = listing.table, read_elements(listing.table["source"], HEADER, settings.workers)
    table["sex"] = header["PatientSex"].where(header["PatientSex"].isin(("F", "M")))
    table["age"], notes = ages(header["PatientAge"])
    if settings.split == "official":
        table["split"], said = fill_validate(table, settings.seed, settings.findings)
        notes += said
    sizes = header[["Rows", "Columns"]].astype("Float64").set_axis(["rows", "columns"], axis=1)
    drawn = pd.concat(drawn).merge(sizes.assign(image_id=table["image_id"]), on="image_id")
    found = boxes.of_images(drawn, names)
    said = naming(settings.findings, "vindr")
    return replace(listing, table=table, notes=(*listing.notes, *said, *notes), boxes=found)


def find_table(folder: Path, name: str, split: str) -> Path:
    """annotations/<name>_<split>.csv of a folder; raises CohortError if it is missing."""
    path = folder / "annotations" / f"{name}_{split}.csv"
    if not path.is_file():
        raise CohortError(f"{path}: no such table; set `folder` to your copy of VinDr-CXR")
    return path


def majority(path: Path, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Labels by image_id, Int64, from one row for each image and radiologist, or one for each image.

    1 if more than half of an image's rows say so, -1 (uncertain) if fewer do, 0 if none does.
    """
    columns = [name for several in names.values() for name in several]
    table = read_columns(path, ("image_id",), columns)
    share = from_columns(table, names, path).astype("Float64").groupby(table["image_id"]).mean()
    return share.gt(0.5).astype("Int64").mask(share.gt(0) & share.le(0.5), -1)


def read_boxes(path: Path) -> pd.DataFrame:
    """Boxes in px: image_id, name, annotator, left, top, width, height; rows without a box are left out."""
    table = read_columns(path, ("image_id", "class_name", *CORNERS), ("rad_id",))
    table = table[table["x_min"].notna()].reset_index(drop=True)
    for name in CORNERS:
        table[name] = numbers(table[name], path)
    annotator = table.get("rad_id", pd.NA)
    return pd.DataFrame(
        {
            "image_id": table["image_id"], "name": table["class_name"], "annotator": annotator,
            "left": table["x_min"], "top": table["y_min"],
            "width": table["x_max"] - table["x_min"], "height": table["y_max"] - table["y_min"],
        }
    )  # fmt: skip


KIND = Kind(
    "vindr_cxr",
    list_images,
    splits=("official", "patient"),
    needs=("folder",),
    uses=("fractions", "views", "voi", "window"),
    vocabulary="vindr",
    in_part=True,
)
