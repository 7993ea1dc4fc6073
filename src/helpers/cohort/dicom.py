"""A folder of DX or CR DICOM files and one table of labels; nothing that identifies a patient is copied."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohort.listing import Kind, Listing, check_ids, parse_labels, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.errors import CohortError

SHOWN = 5  # number of problems that an error lists
NOTES = (
    "Patients and images carry running numbers in an order shuffled by the seed; names, numbers, dates and unique "
    "identifiers of the DICOM files are not copied. Ages above 89 years are given as 90.",
)


def list_images(settings: Settings) -> Listing:
    """DX and CR images of a folder, joined to the labels of ``settings.table``.

    The table has the column ``image`` (SOPInstanceUID or file name), the study's findings (1, 0, -1, blank), and
    optionally ``patient_id``, which overrides the PatientID of the files. Patient and image ids become pseudonyms.
    Files of other modalities, files FOR PROCESSING and files with burned-in annotation are left out with a note. If
    ``unreadable`` is "skip", so are damaged files up to the limit, files without a row and rows without a file;
    otherwise they raise CohortError. So do one SOPInstanceUID in two files, a missing patient id and, if ``burned_in``
    is "error", burned-in annotation.
    """
    from helpers.cohort.dicom_files.display import DicomReader  # imported here because these load pydicom
    from helpers.cohort.dicom_files.headers import read_headers

    labels = read_columns(settings.table, ("image", *settings.findings.names), ("patient_id",), strict=True)
    for name in settings.findings.names:
        labels[name] = parse_labels(labels[name], settings.table)
    headers = read_headers(settings.folder, settings.workers)
    _refuse(headers, settings)
    rows, notes = match_rows(headers, labels, settings.table, settings.unreadable == "skip")
    notes += left_out_notes(headers)
    table = join_labels(headers, labels.iloc[rows], settings.table)
    table = pseudonyms(table, settings.seed)
    check_ids(table, settings.folder)
    return Listing(table, DicomReader(settings.voi, settings.max_megapixels), (settings.table,), NOTES + notes)


def left_out_notes(headers: pd.DataFrame) -> tuple[str, ...]:
    """How many files are left out, one sentence per reason."""
    counts = headers["left_out"].value_counts()
    return tuple(f"Left out: {count:,} of {len(headers):,} DICOM files ({why})." for why, count in counts.items())


def _refuse(headers: pd.DataFrame, settings: Settings) -> None:
    """Raise CohortError for files that the settings do not allow to be left out, for duplicates, or if none is left."""
    from helpers.cohort.dicom_files.reading import BURNED_IN

    bad = headers["problem"].dropna()
    if len(bad) and (settings.unreadable == "error" or len(bad) > settings.unreadable_limit * len(headers)):
        shown = "; ".join(bad.iloc[:SHOWN]) + (f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else "")
        raise CohortError(f"{len(bad)} of {len(headers)} DICOM files cannot be used: {shown}")
    bad = headers.loc[headers["left_out"] == BURNED_IN, "source"]
    if len(bad) and settings.burned_in == "error":
        raise CohortError(f"{bad.iloc[0]}: {BURNED_IN} ({len(bad)} such files); remove them or set `burned_in: skip`")
    if headers["left_out"].notna().all():
        notes = " ".join(left_out_notes(headers))
        raise CohortError(f"{settings.folder}: has no DICOM file of modality DX or CR to use. {notes}")
    used = headers[headers["left_out"].isna() & headers["uid"].notna()]
    twice = used["uid"].duplicated()
    if twice.any():
        first, second = used.loc[used["uid"] == used.loc[twice, "uid"].iloc[0], "source"][:2]
        raise CohortError(f"{first} and {second} have one SOPInstanceUID; remove one of them")


def match_rows(
    headers: pd.DataFrame, labels: pd.DataFrame, origin: Path, partial: bool
) -> tuple[list[int], tuple[str, ...]]:
    """Row of ``labels`` for each file to use, by SOPInstanceUID or file name with or without suffix, and notes.

    Rows of files that are left out are dropped. If ``partial``, files and rows without a counterpart are left out, in
    ``headers`` too; otherwise they raise CohortError, as do two rows for one file and one row for two files.
    """
    refuse(labels["image"].duplicated(), labels["image"], origin, "{!r} occurs twice")
    rows = {name: row for row, name in enumerate(labels["image"])}
    found, known = [], set()
    used = headers["left_out"].isna()
    for header, use in zip(headers.itertuples(), used, strict=True):
        names = header.uid, Path(header.source).name, Path(header.source).stem
        matches = {rows[name] for name in names if name in rows}
        known |= matches
        if not use:
            continue
        if partial and not matches:
            headers.loc[header.Index, "left_out"] = "no row in the table"
        elif len(matches) != 1:
            what = f"has {len(matches)} rows for {header.source}; it needs exactly one"
            raise CohortError(f"{origin}: column 'image' {what}")
        else:
            found += matches
    unknown = pd.Series(~labels.index.isin(known))
    if not partial:
        refuse(unknown, labels["image"], origin, "{!r} is not a DX or CR file in the folder")
    if len(set(found)) < len(found):
        raise CohortError(f"{origin}: column 'image': one row stands for two files; name files by SOPInstanceUID")
    if not found:
        raise CohortError(f"{origin}: column 'image' names none of the DX or CR files in the folder")
    note = f"Left out: {int(unknown.sum()):,} of {len(labels):,} rows of the table (no DX or CR file in the folder)."
    return found, (note,) if unknown.any() else ()


def join_labels(headers: pd.DataFrame, labels: pd.DataFrame, origin: Path) -> pd.DataFrame:
    """The files to use, each with its findings and a patient; ``labels`` has their rows in the same order."""
    kept = headers[headers["left_out"].isna()].drop(columns=["left_out", "problem"]).reset_index(drop=True)
    labels = labels.reset_index(drop=True)
    if "patient_id" in labels:
        kept["patient"] = labels["patient_id"].fillna(kept["patient"])
    nobody = kept["patient"].isna()
    if nobody.any():
        source = kept.loc[nobody, "source"].iloc[0]
        raise CohortError(
            f"{source}: PatientID is blank, as in {nobody.sum()} files; without it patients cannot be told apart: "
            f"give {origin} a column 'patient_id'"
        )
    return pd.concat([kept, labels.drop(columns=["image", "patient_id"], errors="ignore")], axis=1)


def pseudonyms(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Replace uid and patient by running numbers, shuffled so that their order reveals nothing about the original."""
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
