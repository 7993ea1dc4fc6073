"""The headers of all DICOM files in a folder: who was imaged, how, and which files cannot be used."""

from pathlib import Path

import joblib
import pandas as pd
import pydicom
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
)

from helpers.cohort.dicom_files.geometry import directions
from helpers.cohort.dicom_files.reading import BARE, barred, plain, read_dataset, text
from helpers.cohort.values import ages
from helpers.errors import CohortError, ImageError
from helpers.files import files_in
from helpers.progress import Progress

TAGS = ("SOPClassUID", "SOPInstanceUID", "PatientID", "Modality", "PatientAge", "PatientSex", "Rows", "ViewPosition")
TAGS += ("ViewCodeSequence", "PatientOrientation", "PresentationIntentType", "BurnedInAnnotation")
DIGITAL = (DigitalXRayImageStorageForPresentation, DigitalXRayImageStorageForProcessing)
MODALITY_OF = dict.fromkeys(DIGITAL, "DX") | {ComputedRadiographyImageStorage: "CR"}
# CID 4010 "DX View" in SNOMED CT, and in its former SRT and SNM3 codes
VIEW_CODES = {"399348003": "AP", "R-10206": "AP", "272479007": "PA", "R-10214": "PA", "R-40888": "PA"}
FRONTAL = ("399033003", "R-10202")
OLDEST = 90  # ages above 89 can identify people (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))
CALLED_DICOM = (".dcm", ".dicom")
FEW = 2000  # below this many files, starting worker processes takes longer than they save
UNREADABLE = "cannot be read"


def read_headers(folder: Path, workers: int | None = None) -> pd.DataFrame:
    """One row per DICOM file in a folder; links to folders are followed.

    Columns: source, uid, patient (text or None), view (PA, AP, LATERAL and so on, or None), age (years, 90 for
    anyone older than 89), sex (F, M), left_out (why readers must not see it or why it is not a radiograph; None for
    files to use), problem (of a file named .dcm or .dicom that cannot be read; left_out is then ``UNREADABLE`` and the
    rest is blank). Raises CohortError for a missing folder.
    """
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your DICOM files")
    paths = list(files_in(folder))
    workers = workers or (1 if len(paths) < FEW else joblib.cpu_count())
    chunks = [paths[start : start + 64] for start in range(0, len(paths), 64)]
    rows = []
    with Progress("Reading DICOM headers", len(paths), "files") as progress:
        parallel = joblib.Parallel(workers, return_as="generator")
        for count, found in parallel(joblib.delayed(_read_many)(chunk) for chunk in chunks):
            rows += found
            progress.update(count)
    table = pd.DataFrame(rows, columns=["source", "uid", "patient", "view", "age", "sex", "left_out", "problem"])
    return table.assign(age=ages(table["age"])[0].clip(upper=OLDEST))


def _read_many(paths: list[Path]) -> tuple[int, list[dict]]:
    """The number of files, and rows of those that are DICOM or are named as such."""
    rows = []
    for path in paths:
        called = path.suffix.lower() in CALLED_DICOM
        try:
            if called or may_be_dicom(path):
                rows.append(header_row(path, read_dataset(path, stop_before_pixels=True, specific_tags=list(TAGS))))
        except ImageError as error:
            if called:
                rows.append({"source": str(path), "left_out": UNREADABLE, "problem": str(error)})
    return len(paths), rows


def may_be_dicom(path: Path) -> bool:
    """Whether a file starts like a DICOM file."""
    try:
        with open(path, "rb") as file:
            start = file.read(132)
    except OSError:
        return False
    return start[128:] == b"DICM" or start[:2] in BARE


def header_row(path: Path, header: pydicom.Dataset) -> dict:
    """The values taken from one header; raises ImageError naming the file if the header is damaged."""
    try:
        modality = text(header, "Modality") or MODALITY_OF.get(header.get("SOPClassUID"), "")
        radiograph = modality in ("DX", "CR")
        return {
            "source": str(path),
            "uid": str(header.get("SOPInstanceUID") or "").strip() or None,
            "patient": str(header.get("PatientID") or "").strip() or None,
            "view": view_of(header),
            "age": text(header, "PatientAge"),
            "sex": text(header, "PatientSex") if text(header, "PatientSex") in ("F", "M") else None,
            "left_out": barred(header) if radiograph else f"modality {modality or 'not given'}, not DX or CR",
        }
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    except Exception as error:  # header values can be wrong in unforeseen ways
        raise ImageError(f"{path}: its header cannot be read ({plain(error)}); replace it or remove it") from error


def view_of(header: pydicom.Dataset) -> str | None:
    """PA, AP or another view, from ViewPosition, else ViewCodeSequence, else PatientOrientation; None if not known."""
    if position := text(header, "ViewPosition"):
        return position
    for item in header.get("ViewCodeSequence") or []:
        code = text(item, "CodeValue")
        if code not in FRONTAL:
            return VIEW_CODES.get(code) or text(item, "CodeMeaning") or "OTHER"
    axes = set(directions(header))
    return None if not axes & set("AP") else "LATERAL" if axes & set("HF") else "AXIAL"
