"""NIH ChestX-ray14 (Wang et al., CVPR 2017), in its official layout or with one small labels.csv."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.errors import CohortError

# Every name that the column "Finding Labels" can hold.
KNOWN = {
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia", "Pneumothorax",
    "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening", "Hernia", "No Finding",
}  # fmt: skip
OFFICIAL = {
    "Image Index": "image",
    "Finding Labels": "finding_labels",
    "Patient ID": "patient_id",
    "Patient Age": "age",
    "Patient Gender": "sex",
    "Patient Sex": "sex",
    "View Position": "view",
}
COLUMNS = ("image", "finding_labels", "patient_id", "age", "sex", "view")
NOTE = (
    "Labels are text-mined; a finding that is not listed counts as absent. Data provider: NIH Clinical Center, "
    "https://nihcc.app.box.com/v/ChestXray-NIHCC; Wang et al., ChestX-ray8, CVPR 2017, pp. 3462-3471."
)


def list_images(settings: Settings) -> Listing:
    """Images of a ChestX-ray14 folder: Data_Entry_2017*.csv or labels.csv, images in ``images*/``.

    A finding is 1 when any of its NIH labels is listed, else 0. Ages beyond 120 years, which the official table has,
    become blank. Raises CohortError for a missing table or image, and for a label that NIH does not use.
    """
    path = settings.table or find_table(settings.folder)
    table = read_entries(path)
    files = index_images(settings.folder)
    table["source"] = [str(files.get(name, settings.folder / "images" / name)) for name in table["image"]]
    table["image_id"] = [Path(name).stem for name in table.pop("image")]
    for finding, listed in label_columns(table.pop("finding_labels"), path, settings.findings.labels("nih")).items():
        table[finding] = listed
    table["age"], odd = years(table["age"])
    check_ids(table, path)
    notes = (NOTE, settings.findings.naming("nih")) + (
        (f"{odd} ages beyond 120 years were left blank.",) if odd else ()
    )
    return Listing(table, inputs=(path,), notes=tuple(filter(None, notes)))


def find_table(folder: Path) -> Path:
    """The label table of a folder: Data_Entry_2017*.csv, or labels.csv; raises CohortError for none or several."""
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your copy of ChestX-ray14")
    found = sorted(folder.glob("Data_Entry_2017*.csv")) or sorted(folder.glob("labels.csv"))
    if len(found) != 1:
        seen = ", ".join(path.name for path in found) or "neither"
        raise CohortError(f"{folder}: needs one Data_Entry_2017*.csv or labels.csv, found {seen}; or set `table`")
    return found[0]


def read_entries(path: Path) -> pd.DataFrame:
    """The table with the columns image, finding_labels, patient_id, age, sex, view, whichever layout it has."""
    table = read_columns(path, required=(), optional=(*OFFICIAL, *COLUMNS)).rename(columns=OFFICIAL)
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        official = next(key for key, name in OFFICIAL.items() if name == missing[0])
        raise CohortError(f"{path}: column {official!r} (or {missing[0]!r}) is missing; read the official table")
    return table[list(COLUMNS)]


def index_images(folder: Path) -> dict[str, Path]:
    """Every PNG under ``images/`` or ``images_001/images/`` and so on, by file name."""
    return {path.name: path for path in sorted(folder.glob("images*/**/*.png"))}


def label_columns(finding_labels: pd.Series, origin: Path, wanted: Mapping[str, Sequence[str]]) -> dict[str, pd.Series]:
    """The findings of ``wanted``, each by its names, from text like ``Atelectasis|Effusion``, Int64, 1 or 0."""
    listed = finding_labels.fillna("").str.split("|").map(lambda names: {name.strip() for name in names})
    unknown = listed.map(lambda names: "|".join(sorted(names - KNOWN))).rename("Finding Labels")
    refuse(unknown != "", unknown, origin, "{!r} is not an NIH label")
    return {
        finding: listed.map(lambda names, own=set(labels): int(bool(names & own))).astype("Int64")
        for finding, labels in wanted.items()
    }


def years(column: pd.Series) -> tuple[pd.Series, int]:
    """Ages in years from text like ``58``, ``058Y`` or ``011M``; and how many beyond 120 became blank."""
    parts = column.str.extract(r"^0*(\d+)\s*([YMD]?)$")
    value = pd.to_numeric(parts[0]).astype("Float64") / parts[1].map({"Y": 1, "M": 12, "D": 365}).fillna(1)
    odd = (value > 120).fillna(False)
    return value.mask(odd), int(odd.sum())


KIND = Kind(
    "nih_cxr14",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "table", "views", "window"),
    vocabulary="nih",
)
