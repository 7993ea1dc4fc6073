"""A folder of DX or CR DICOM files and one table of labels; nothing that names a patient leaves it."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohort.dicom_files.display import DicomReader
from helpers.cohort.dicom_files.headers import read_headers
from helpers.cohort.dicom_files.reading import BURNED_IN
from helpers.cohort.listing import Kind, Listing, check_ids, parse_labels, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import NAMES

NOTES = (
    "Patients and images carry running numbers in an order shuffled by the seed; names, numbers, dates and unique "
    "identifiers of the DICOM files are not copied. Ages above 89 years are given as 90.",
)


def list_images(settings: Settings) -> Listing:
    """DX and CR images of a folder, joined to the labels of ``settings.table``.

    The table has the column ``image`` (SOPInstanceUID or file name), the four findings (1, 0, -1, blank), and
    optionally ``patient_id``, which comes before the PatientID of the files. Patient and image ids become pseudonyms.
    Files of other modalities, FOR PROCESSING and with burned-in annotation are left out with a note. Raises
    CohortError for a file without a row, a row without a file, one SOPInstanceUID in two files, a patient who is
    not named, and, if ``burned_in`` is "error", for burned-in annotation.
    """
    labels = read_columns(settings.table, ("image", *NAMES), ("patient_id",), strict=True)
    for name in NAMES:
        labels[name] = parse_labels(labels[name], settings.table)
    headers = read_headers(settings.folder, settings.workers)
    if settings.burned_in == "error":
        _refuse_burned_in(headers)
    used = headers["left_out"].isna()
    notes = left_out_notes(headers)
    if not used.any():
        raise CohortError(" ".join([f"{settings.folder}: has no DICOM file of modality DX or CR to use.", *notes]))
    table = join_labels(headers, labels, settings.table)
    table = pseudonyms(table, settings.seed)
    check_ids(table, settings.folder)
    if settings.views is None and (unknown := int(table["view"].isna().sum())):
        notes += (f"The view of {unknown:,} images is not known; they count as frontal unless `views` is set.",)
    return Listing(table, DicomReader(settings.voi, settings.max_megapixels), (settings.table,), NOTES + notes)


def left_out_notes(headers: pd.DataFrame) -> tuple[str, ...]:
    """How many files are left out, a sentence for each reason."""
    counts = headers["left_out"].value_counts()
    return tuple(f"Left out: {count:,} of {len(headers):,} DICOM files ({why})." for why, count in counts.items())


def _refuse_burned_in(headers: pd.DataFrame) -> None:
    bad = headers.loc[headers["left_out"] == BURNED_IN, "source"]
    if len(bad):
        raise CohortError(f"{bad.iloc[0]}: {BURNED_IN} ({len(bad)} such files); remove them or set `burned_in: skip`")


def join_labels(headers: pd.DataFrame, labels: pd.DataFrame, origin: Path) -> pd.DataFrame:
    """Headers of the files to use with the findings and a patient.

    Rows match by SOPInstanceUID, file name, or file name without suffix; rows of files that are left out are let go.
    """
    refuse(labels["image"].duplicated(), labels["image"], origin, "{!r} occurs twice")
    rows = {name: row for row, name in enumerate(labels["image"])}
    names = [
        {uid, Path(path).name, Path(path).stem} for path, uid in zip(headers["source"], headers["uid"], strict=True)
    ]
    used = headers["left_out"].isna()
    kept = headers[used].drop(columns="left_out").reset_index(drop=True)
    twice = kept["uid"].notna() & kept["uid"].duplicated()
    if twice.any():
        first, second = kept.loc[kept["uid"] == kept.loc[twice, "uid"].iloc[0], "source"][:2]
        raise CohortError(f"{first} and {second} have one SOPInstanceUID; remove one of them")
    found, known = [], set()
    for source, keys, use in zip(headers["source"], names, used, strict=True):
        matches = {rows[key] for key in keys if key in rows}
        if use and len(matches) != 1:
            raise CohortError(f"{origin}: column 'image' has {len(matches)} rows for {source}; it needs exactly one")
        found += matches if use else ()
        known |= matches
    refuse(~pd.Series(labels.index.isin(known)), labels["image"], origin, "{!r} is not a DX or CR file in the folder")
    if len(set(found)) < len(found):
        raise CohortError(f"{origin}: column 'image': one row stands for two files; name files by SOPInstanceUID")
    matched = labels.iloc[found].reset_index(drop=True)
    if "patient_id" in matched:
        kept["patient"] = matched["patient_id"].fillna(kept["patient"])
    nobody = kept["patient"].isna()
    if nobody.any():
        source = kept.loc[nobody, "source"].iloc[0]
        raise CohortError(
            f"{source}: PatientID is blank, as in {nobody.sum()} files; without it patients cannot be told apart: "
            f"give {origin} a column 'patient_id'"
        )
    return pd.concat([kept, matched[list(NAMES)]], axis=1)


def pseudonyms(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Replace uid and patient by running numbers; their order is shuffled, so it tells nothing of the original."""
    table["uid"] = table["uid"].fillna(table["source"])
    for column, name, prefix in (("uid", "image_id", "image"), ("patient", "patient_id", "patient")):
        shuffled = np.random.default_rng([seed, 2]).permutation(np.unique(table[column].to_numpy(dtype=str)))
        numbers = {original: f"{prefix}-{number:06d}" for number, original in enumerate(shuffled, start=1)}
        table[name] = table.pop(column).map(numbers)
    return table


KIND = Kind(
    "dicom",
    list_images,
    splits=("patient",),
    needs=("folder", "table"),
    uses=("fractions", "views", "window", "voi", "burned_in"),
)
