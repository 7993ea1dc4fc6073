"""A folder of DX or CR DICOM files and one table of labels; nothing that names a patient leaves it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.pixels import apply_modality_lut, apply_voi_lut, apply_windowing

from helpers.cohort.listing import Kind, Listing, check_ids, parse_labels, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, ImageError
from helpers.progress import track

HEADER = ("SOPInstanceUID", "PatientID", "Modality", "ViewPosition", "PatientAge", "PatientSex")
OLDEST = 90  # ages above 89 identify people (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C))
YEARS_PER_UNIT = {"Y": 1, "M": 1 / 12, "W": 1 / 52, "D": 1 / 365}
NOTES = (
    "Patients and images carry running numbers in an order shuffled by the seed; names, numbers, dates and unique "
    "identifiers of the DICOM files are not copied. Ages above 89 years are given as 90.",
)


def list_images(settings: Settings) -> Listing:
    """DX and CR images of a folder, joined to the labels of ``settings.table``.

    The table has the column ``image`` (SOPInstanceUID or file name) and the study's findings (1, 0, -1, blank). Patient
    and image ids become pseudonyms. Raises CohortError for a file without a row, a row without a file, one
    SOPInstanceUID in two files, and a missing PatientID.
    """
    labels = read_columns(settings.table, ("image", *settings.findings.names), strict=True)
    for name in settings.findings.names:
        labels[name] = parse_labels(labels[name], settings.table)
    headers = read_headers(settings.folder)
    table = join_labels(headers, labels, settings.table)
    table = pseudonyms(table, settings.seed)
    check_ids(table, settings.folder)
    return Listing(table, read_image, inputs=(settings.table,), notes=NOTES)


def read_headers(folder: Path) -> pd.DataFrame:
    """One row per DX or CR file: source, uid, patient, view (PA, AP, LATERAL and so on, or blank), age, sex."""
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your DICOM files")
    rows = []
    for path in track(sorted(p for p in folder.rglob("*") if p.is_file()), "Reading DICOM headers", "files"):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(HEADER))
        except (InvalidDicomError, EOFError):
            if path.suffix.lower() in (".dcm", ".dicom"):
                raise CohortError(f"{path}: not a DICOM file; replace it or remove it") from None
            continue
        if header.get("Modality") in ("DX", "CR"):
            rows.append(header_row(path, header))
    if not rows:
        raise CohortError(f"{folder}: has no DICOM file of modality DX or CR")
    return pd.DataFrame(rows)


def header_row(path: Path, header: pydicom.Dataset) -> dict:
    """What is taken from one header; raises CohortError where the patient or the image is not identified."""
    for name in ("PatientID", "SOPInstanceUID"):
        if not str(header.get(name) or "").strip():
            raise CohortError(f"{path}: {name} is blank; without it patients cannot be told apart")
    sex = str(header.get("PatientSex") or "")
    return {
        "source": str(path),
        "uid": str(header.SOPInstanceUID),
        "patient": str(header.PatientID).strip(),
        "view": str(header.get("ViewPosition") or "").strip().upper() or None,
        "age": age_in_years(str(header.get("PatientAge") or "")),
        "sex": sex if sex in ("F", "M") else None,
    }


def age_in_years(text: str) -> float | None:
    """Years from a DICOM age string such as ``045Y`` or ``006M``, 90 for anyone older than 89, None if blank."""
    if len(text) != 4 or not text[:3].isdigit() or text[3] not in YEARS_PER_UNIT:
        return None
    return min(float(OLDEST), int(text[:3]) * YEARS_PER_UNIT[text[3]])


def join_labels(headers: pd.DataFrame, labels: pd.DataFrame, origin: Path) -> pd.DataFrame:
    """Headers with the findings of the labels, matched by SOPInstanceUID, file name, or file name without suffix."""
    if headers["uid"].duplicated().any():
        first, second = headers.loc[headers["uid"] == headers["uid"][headers["uid"].duplicated()].iloc[0], "source"][:2]
        raise CohortError(f"{first} and {second} have one SOPInstanceUID; remove one of them")
    refuse(labels["image"].duplicated(), labels["image"], origin, "{!r} occurs twice")
    rows = {name: row for row, name in enumerate(labels["image"])}
    found = []
    for source, uid in zip(headers["source"], headers["uid"], strict=True):
        matches = {rows[key] for key in (uid, Path(source).name, Path(source).stem) if key in rows}
        if len(matches) != 1:
            raise CohortError(f"{origin}: column 'image' has {len(matches)} rows for {source}; it needs exactly one")
        found += matches
    left = ~pd.Series(range(len(labels))).isin(found)
    refuse(left, labels["image"], origin, "{!r} is not a DX or CR file in the folder")
    if len(set(found)) < len(found):
        raise CohortError(f"{origin}: column 'image': one row stands for two files; name files by SOPInstanceUID")
    return pd.concat([headers, labels.drop(columns="image").iloc[found].reset_index(drop=True)], axis=1)


def pseudonyms(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Replace uid and patient by running numbers; their order is shuffled, so it tells nothing of the original."""
    for column, name, prefix in (("uid", "image_id", "image"), ("patient", "patient_id", "patient")):
        shuffled = np.random.default_rng([seed, 2]).permutation(np.unique(table[column].to_numpy(dtype=str)))
        numbers = {original: f"{prefix}-{number:06d}" for number, original in enumerate(shuffled, start=1)}
        table[name] = table.pop(column).map(numbers)
    return table


def read_image(source: str) -> tuple[np.ndarray, dict]:
    """Pixels of a DICOM file as shown: float32 in 0..1, shape (rows, columns), bright bones.

    Rescale (or modality LUT), then the first VOI LUT or window; without one the image's own range (DICOM PS3.3
    C.11.1 and C.11.2). MONOCHROME1 is inverted. Raises ImageError for a damaged, colour or multi-frame file.
    """
    try:
        data = pydicom.dcmread(source)
        pixels = data.pixel_array
    except Exception as error:  # a damaged file fails in any of a dozen ways inside the decoders
        raise ImageError(f"{source}: cannot be read as DICOM ({error}); replace it or remove its row") from error
    if data.PhotometricInterpretation not in ("MONOCHROME1", "MONOCHROME2") or pixels.ndim != 2:
        raise ImageError(f"{source}: {data.PhotometricInterpretation} {pixels.shape} is not one gray image")
    values = apply_modality_lut(pixels, data)
    low, high = _display_range(values, data)
    shown = np.asarray(apply_voi_lut(values, data), dtype=np.float32)
    image = np.clip((shown - low) / (high - low), 0.0, 1.0) if high > low else np.zeros(shown.shape, np.float32)
    return (1.0 - image if data.PhotometricInterpretation == "MONOCHROME1" else image), {}


def _display_range(values: np.ndarray, data: pydicom.Dataset) -> tuple[float, float]:
    """Values that stand for black and white (before any inversion) after the VOI step."""
    if data.get("VOILUTSequence"):
        bits = data.VOILUTSequence[0].LUTDescriptor[2]
        return 0.0, float(2**bits - 1)
    if data.get("WindowCenter") is not None and data.get("WindowWidth") is not None:
        low, high = apply_windowing(np.array([-1e9, 1e9]), data)
        return float(low), float(high)
    return float(values.min()), float(values.max())


KIND = Kind("dicom", list_images, splits=("patient",), needs=("folder", "table"), uses=("fractions", "views", "window"))
