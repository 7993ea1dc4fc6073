"""RSNA Pneumonia Detection Challenge 2018 (Shih et al., Radiology: AI 2019): part of ChestX-ray14, DICOM, boxes."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from helpers.cohort import boxes
from helpers.cohort.labels import from_columns
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.cohort.unreadable import keep_present
from helpers.cohort.values import ages, numbers, views
from helpers.errors import CohortError

LABELS, IMAGES = "stage_2_train_labels.csv", "stage_2_train_images"
MAPPING = "pneumonia-challenge-dataset-mappings_2018.json"
HEADER = ("ViewPosition", "PatientSex", "PatientAge", "Rows", "Columns")
SIDES = {"x": "left", "y": "top", "width": "width", "height": "height"}
OPACITY = "Lung Opacity"  # the only label: opacities suspicious for pneumonia
NOTE = "Labels: opacities suspicious for pneumonia, by radiologists who saw the image alone."


def list_images(settings: Settings) -> Listing:
    """Images of the training set in a folder of the challenge; its test set has no labels.

    View, sex and age come from the headers; patients come from RSNA's mapping to ChestX-ray14, if it is next to the
    table. Raises CohortError naming the table, column or cell at fault.
    """
    from helpers.cohort.dicom_files.display import DicomReader  # imported here because these load pydicom
    from helpers.cohort.dicom_files.elements import read_elements

    path = settings.folder / LABELS
    if not path.is_file():
        raise CohortError(f"{path}: no such table; set `folder` to your copy of the RSNA challenge")
    names, marked = settings.findings.labels("rsna"), read_columns(path, ("patientId", *SIDES, "Target"))
    table = marked[["patientId", "Target"]].drop_duplicates(ignore_index=True)
    labels = from_columns(table.rename(columns={"Target": OPACITY}), names, path)
    patients, inputs, notes = patients_of(table["patientId"], settings.folder / MAPPING)
    table = pd.concat([pd.DataFrame({"image_id": table["patientId"], "patient_id": patients}), labels], axis=1)
    table["source"] = [str(settings.folder / IMAGES / f"{name}.dcm") for name in table["image_id"]]
    check_ids(table, path)
    listing = Listing(table, DicomReader(settings.voi, settings.max_megapixels), (path, *inputs), (NOTE, *notes))
    listing = keep_present(listing, settings, in_part=True)
    header = read_elements(listing.table["source"], HEADER, settings.workers)
    sex = header["PatientSex"].where(header["PatientSex"].isin(("F", "M")))
    years, said = ages(header["PatientAge"])
    table = listing.table.assign(view=views(header["ViewPosition"]), sex=sex, age=years)
    drawn = marked[marked["Target"] == "1"].rename(columns={"patientId": "image_id", **SIDES}).reset_index(drop=True)
    drawn = drawn.assign(**{side: numbers(drawn[side], path) for side in SIDES.values()}, name=OPACITY, annotator=pd.NA)
    sizes = header[["Rows", "Columns"]].astype("Float64").set_axis(["rows", "columns"], axis=1)
    drawn = drawn.merge(sizes.assign(image_id=table["image_id"]), on="image_id")
    return replace(listing, table=table, notes=(*listing.notes, *said), boxes=boxes.of_images(drawn, names))


def patients_of(images: pd.Series, mapping: Path) -> tuple[pd.Series, list[Path], list[str]]:
    """Patient of each image from RSNA's mapping to the names of ChestX-ray14, the file read, and a note.

    Without the mapping, every image is a patient of its own. Raises CohortError for a file that is not this mapping.
    """
    if not mapping.is_file():
        note = f"Which images share a patient is not known without {mapping.name}: every image counts as a patient."
        return images, [], [note]
    try:
        original = {row["subset_img_id"]: row["img_id"] for row in json.loads(mapping.read_text(encoding="utf-8"))}
    except (ValueError, KeyError, TypeError) as error:
        raise CohortError(f"{mapping}: is not a list of subset_img_id and img_id ({error})") from error
    named = images.map(original)
    refuse(named.isna(), images, mapping, "{!r} is not in the mapping")
    return named.str.split("_").str[0].astype("string"), [mapping], []


KIND = Kind(
    "rsna_pneumonia",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "views", "voi", "window"),
    vocabulary="rsna",
    in_part=True,
)
