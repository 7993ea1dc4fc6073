"""MIMIC-CXR-JPG 2.x (PhysioNet, credentialed), with CheXpert or Chest ImaGenome labels."""

from pathlib import Path

import pandas as pd

from helpers.cohort.listing import Kind, Listing, any_of, check_ids, parse_labels, read_columns, refuse
from helpers.cohort.settings import Settings, expect
from helpers.errors import CohortError
from helpers.findings import Findings

LABEL_SOURCES = ("chexpert", "imagenome")
SCENE_TABLE = Path("silver_dataset") / "scene_tabular" / "attribute_relations_tabular.txt"
RELATIONS = {"1": 1, "1.0": 1, "0": 0, "0.0": 0}


def list_images(settings: Settings) -> Listing:
    """Frontal images of a MIMIC-CXR-JPG folder; source is the JPEG, age and sex are not in this data set.

    Tables ``mimic-cxr-2.x-metadata``, ``-chexpert`` and ``-split`` (.csv or .csv.gz) are read by column name, images
    lie at ``files/p10/p10000032/s50414267/<dicom_id>.jpg``. Labels are per study (CheXpert: 1, 0, -1 uncertain,
    blank) or per image (Chest ImaGenome). Raises CohortError naming the table, column or image at fault.
    """
    metadata_path = find_table(settings.folder, "metadata")
    table = read_columns(metadata_path, ("dicom_id", "subject_id", "study_id", "ViewPosition"))
    table = table.rename(columns={"dicom_id": "image_id", "subject_id": "patient_id", "ViewPosition": "view"})
    inputs = [metadata_path]
    if settings.split == "official":
        inputs.append(find_table(settings.folder, "split"))
        table["split"] = official_split(table["image_id"], inputs[-1])
    table["source"] = [
        str(settings.folder / "files" / f"p{patient[:2]}" / f"p{patient}" / f"s{study}" / f"{image}.jpg")
        for patient, study, image in zip(table["patient_id"], table["study_id"], table["image_id"], strict=True)
    ]
    check_ids(table, metadata_path)
    if settings.labels == "chexpert":
        inputs.append(find_table(settings.folder, "chexpert"))
        labels = chexpert_labels(inputs[-1], settings.findings).reindex(table["study_id"])
        note = f"Labels: CheXpert labeller, one set per study. {settings.findings.naming('chexpert')}"
    else:
        inputs.append(scene_table(settings.table))
        labels = imagenome_labels(inputs[-1], settings.findings).reindex(table["image_id"])
        note = "Labels: Chest ImaGenome, per image; a finding is present when any region or sentence has it."
    table = pd.concat([table.drop(columns="study_id"), labels.reset_index(drop=True)], axis=1)
    return Listing(table, inputs=tuple(inputs), notes=(note,))


def find_table(folder: Path, name: str) -> Path:
    """The one file ``mimic-cxr-2*-<name>.csv`` or ``.csv.gz`` in a folder; raises CohortError for none or several."""
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your copy of MIMIC-CXR-JPG")
    found = sorted(p for p in folder.glob(f"mimic-cxr-2*-{name}.csv*") if p.name.endswith((".csv", ".csv.gz")))
    if len({path.name.removesuffix(".gz") for path in found}) != 1:
        seen = ", ".join(path.name for path in found) or "none"
        raise CohortError(f"{folder}: needs one table mimic-cxr-2.x-{name}.csv or .csv.gz, found {seen}")
    return found[0]


def official_split(image_ids: pd.Series, path: Path) -> pd.Series:
    """Split of each image as published; raises CohortError for an image that the table lacks."""
    published = read_columns(path, ("dicom_id", "split")).drop_duplicates().set_index("dicom_id")["split"]
    if published.index.has_duplicates:
        name = published.index[published.index.duplicated()][0]
        raise CohortError(f"{path}: dicom_id {name!r} is in two splits")
    split = image_ids.map(published)
    if split.isna().any():
        missing = image_ids[split.isna()].iloc[0]
        raise CohortError(f"{path}: has no split for {split.isna().sum()} images, the first is dicom_id {missing!r}")
    return split


def chexpert_labels(path: Path, findings: Findings) -> pd.DataFrame:
    """The findings by study_id, Int64: 1, 0, -1 or blank."""
    wanted = findings.labels("chexpert")
    table = read_columns(path, ("study_id", *dict.fromkeys(name for names in wanted.values() for name in names)))
    refuse(table["study_id"].duplicated(), table["study_id"], path, "{!r} occurs twice")
    labels = {
        finding: any_of(pd.DataFrame({name: parse_labels(table[name], path) for name in names}))
        for finding, names in wanted.items()
    }
    return pd.DataFrame(labels).set_index(table["study_id"])


def scene_table(path: Path) -> Path:
    """The attribute table of Chest ImaGenome, from its own path or that of the data set's folder."""
    candidate = path / SCENE_TABLE if path.is_dir() else path
    if not candidate.is_file():
        raise CohortError(f"{candidate}: no such table; set `table` to your copy of Chest ImaGenome")
    return candidate


def imagenome_labels(path: Path, findings: Findings) -> pd.DataFrame:
    """The findings by image id, Int64: 1 when any row has relation 1, 0 when all have 0, blank without rows.

    The table has one row per image, region, sentence and attribute; it is read in pieces, only three columns of it.
    """
    wanted = {finding: list(names) for finding, names in findings.labels("imagenome").items()}
    of_any = {name for names in wanted.values() for name in names}
    columns = ["image_id", "label_name", "relation"]
    pieces = []
    try:
        with pd.read_csv(path, sep="\t", usecols=columns, dtype="string", chunksize=500_000) as reader:
            for piece in reader:
                pieces.append(piece[piece["label_name"].isin(of_any)])
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise CohortError(f"{path}: cannot be read as tab-separated {', '.join(columns)} ({error})") from error
    rows = pd.concat(pieces)
    relation = rows["relation"].map(RELATIONS)
    if relation.isna().any():
        bad = rows[relation.isna()].iloc[0]
        raise CohortError(f"{path}: image_id {bad['image_id']!r}: relation {bad['relation']!r} is neither 1 nor 0")
    rows = rows.assign(
        image_id=rows["image_id"].str.removesuffix(".dcm"),
        relation=relation.astype("Int64"),
    )
    table = rows.groupby(["image_id", "label_name"])["relation"].max().unstack("label_name")
    labels = {finding: table.reindex(columns=names).max(axis=1) for finding, names in wanted.items()}
    return pd.DataFrame(labels, index=table.index).astype("Int64")


def check_labels(settings: Settings) -> None:
    """Raise ParameterError for labels of another name or without a finding, and for a table needed or of no use."""
    advice = f"choose one of {', '.join(LABEL_SOURCES)}"
    expect("labels", settings.labels, settings.labels in LABEL_SOURCES, advice)
    settings.findings.labels(settings.labels)
    unread = settings.labels == "chexpert" and settings.table is not None
    expect("table", settings.table, not unread, "labels 'chexpert' are in the folder itself; set table to null")
    missing = settings.labels == "imagenome" and settings.table is None
    expect("table", None, not missing, "labels 'imagenome' need the folder of Chest ImaGenome or its table")


KIND = Kind(
    "mimic_cxr",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "labels"),
    uses=("fractions", "table", "views", "window"),
    check=check_labels,
)
