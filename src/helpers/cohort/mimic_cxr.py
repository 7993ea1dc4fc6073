"""MIMIC-CXR-JPG 2.x (PhysioNet, credentialed), with labels of CheXpert, NegBio, radiologists or Chest ImaGenome."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from helpers.cohort.labels import from_columns, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.reports import read_reports
from helpers.cohort.settings import Settings, expect
from helpers.cohort.values import identifiers, tidy
from helpers.errors import CohortError

NOTES = {
    "chexpert": "Labels: CheXpert labeller, one set per study.",
    "negbio": "Labels: NegBio labeller, one set per study.",
    "radiologist": "Labels of the test set: a radiologist's reading of the reports, blank where they were not read; of "
    "the other images: CheXpert labeller. One set per study.",
    "imagenome": "Labels: Chest ImaGenome, per image; a finding is present when any region or sentence has it.",
}
SCENE_TABLE = Path("silver_dataset") / "scene_tabular" / "attribute_relations_tabular.txt"
RELATIONS = {"1": 1, "1.0": 1, "0": 0, "0.0": 0}
METADATA = {"dicom_id": "image_id", "subject_id": "patient_id", "study_id": "study_id", "ViewPosition": "view"}


def list_images(settings: Settings) -> Listing:
    """Images of a MIMIC-CXR-JPG folder; source is the JPEG, age and sex are not in this data set.

    Tables ``mimic-cxr-2.x-metadata``, ``-split`` and those of the labels (.csv or .csv.gz) are read by column name,
    images are at ``files/p10/p10000032/s50414267/<dicom_id>.jpg``. Labels are per study or, for Chest ImaGenome, per
    image. ``settings.reports`` holds the reports of MIMIC-CXR, for the column text. Raises CohortError naming the
    table, column or image at fault.
    """
    metadata_path = find_table(settings.folder, "metadata")
    table, notes = tidy(read_columns(metadata_path, METADATA).rename(columns=METADATA), metadata_path)
    table["study_id"] = identifiers(table["study_id"], metadata_path)
    inputs = [metadata_path]
    if settings.split == "official":
        inputs.append(find_table(settings.folder, "split"))
        table["split"] = official_split(table["image_id"], inputs[-1])
    patients, visits = (table[name].fillna("").tolist() for name in ("patient_id", "study_id"))
    studies = [f"p{patient[:2]}/p{patient}/s{visit}" for patient, visit in zip(patients, visits, strict=True)]
    files, images = f"{settings.folder}/files", table["image_id"].tolist()
    table["source"] = [f"{files}/{study}/{image}.jpg" for study, image in zip(studies, images, strict=True)]
    check_ids(table, metadata_path)
    labels, read = labels_of(table, settings)
    if settings.reports is not None:
        table["text"], said = texts(pd.Series(studies), table["view"].isin(("PA", "AP")), settings.reports)
        notes += (said,)
    table = pd.concat([table.drop(columns="study_id"), labels], axis=1)
    said = naming(settings.findings, vocabulary_of(settings))
    return Listing(table, inputs=(*inputs, *read), notes=(NOTES[settings.labels], *said, *notes))


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


def labels_of(table: pd.DataFrame, settings: Settings) -> tuple[pd.DataFrame, list[Path]]:
    """The study's findings for every row, Int64 (1, 0, -1 or blank), and the tables that were read."""
    names = settings.findings.labels(vocabulary_of(settings))
    if settings.labels == "imagenome":
        path = scene_table(settings.table)
        return imagenome_labels(path, names).reindex(table["image_id"]).reset_index(drop=True), [path]
    first = "negbio" if settings.labels == "negbio" else "chexpert"
    paths = [find_table(settings.folder, first)]
    labels = study_labels(paths[0], names).reindex(table["study_id"]).reset_index(drop=True)
    if settings.labels == "radiologist":
        paths.append(find_table(settings.folder, "test-set-labeled"))
        read = study_labels(paths[1], names).reindex(table["study_id"]).reset_index(drop=True)
        labels = labels.where(table["split"] != "test", read)
    return labels, paths


def vocabulary_of(settings: Settings) -> str:
    """The vocabulary in which the labels name the findings."""
    return "imagenome" if settings.labels == "imagenome" else "chexpert"


def study_labels(path: Path, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The study's findings by study_id; the radiologists' table uses Airspace Opacity for Lung Opacity."""
    columns = [name for several in names.values() for name in several]
    table = read_columns(path, ("study_id",), (*columns, "Airspace Opacity"))
    study = identifiers(table["study_id"], path).rename("study_id")
    refuse(study.duplicated(), study, path, "{!r} occurs twice")
    return from_columns(table.rename(columns={"Airspace Opacity": "Lung Opacity"}), names, path).set_index(study)


def scene_table(path: Path) -> Path:
    """The attribute table of Chest ImaGenome, from its own path or that of the data set's folder."""
    candidate = path / SCENE_TABLE if path.is_dir() else path
    if not candidate.is_file():
        raise CohortError(f"{candidate}: no such table; set `table` to your copy of Chest ImaGenome")
    return candidate


def imagenome_labels(path: Path, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The study's findings by image id, Int64: 1 when any row has relation 1, 0 when all have 0, blank without rows.

    The table has one row per image, region, sentence and attribute; a quotation mark is an ordinary character.
    """
    wanted = pa.array([name for several in names.values() for name in several])
    columns = dict.fromkeys(("image_id", "label_name", "relation"), pa.string())
    options = {
        "read_options": arrow_csv.ReadOptions(block_size=2**24),
        "parse_options": arrow_csv.ParseOptions(delimiter="\t", quote_char=False),
        "convert_options": arrow_csv.ConvertOptions(include_columns=list(columns), column_types=columns),
    }
    try:
        with arrow_csv.open_csv(path, **options) as reader:
            pieces = [_strongest(batch.filter(pa.compute.is_in(batch["label_name"], wanted))) for batch in reader]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CohortError(f"{path}: cannot be read as tab-separated {', '.join(columns)} ({error})") from error
    rows = pa.concat_tables(pieces).to_pandas()
    relation = rows["relation_max"].map(RELATIONS).where(rows["relation_min"].isin(list(RELATIONS)))
    if relation.isna().any():
        bad = rows[relation.isna()].iloc[0]
        found = bad["relation_min"] if bad["relation_min"] not in RELATIONS else bad["relation_max"]
        raise CohortError(f"{path}: image_id {bad['image_id']!r}: relation {found!r} is neither 1 nor 0")
    images = rows["image_id"].str.removesuffix(".dcm")
    states = {
        finding: relation[chosen := rows["label_name"].isin(several)].groupby(images[chosen]).max()
        for finding, several in names.items()
    }
    return pd.DataFrame(states).astype("Int64")


def _strongest(rows: pa.RecordBatch) -> pa.Table:
    """The lowest and the highest relation, as text, of each image and label."""
    table = pa.Table.from_batches([rows]).group_by(["image_id", "label_name"])
    return table.aggregate([("relation", "min"), ("relation", "max")])


def texts(studies: pd.Series, wanted: pd.Series, folder: Path) -> tuple[pd.Series, str]:
    """Report text of each ``wanted`` image, and a note; ``folder`` or its files/ holds p10, p11 and so on."""
    base = folder / "files" if (folder / "files").is_dir() else folder
    if not any(base.glob("p1*")):
        raise CohortError(f"{folder}: has no reports; unpack mimic-cxr-reports.zip of MIMIC-CXR there")
    found = read_reports((f"{base}/" + studies + ".txt").where(wanted))
    counts = f"{int(found.notna().sum()):,} of {int(wanted.sum()):,}"
    return found, f"Text: the impression of the report, for {counts} frontal images."


def check_labels(settings: Settings) -> None:
    """Raise ParameterError for unknown labels, labels that lack a finding, and settings that do not go with them."""
    expect("labels", settings.labels, settings.labels in NOTES, f"choose one of {', '.join(NOTES)}")
    settings.findings.labels(vocabulary_of(settings))
    unread = settings.labels != "imagenome" and settings.table is not None
    expect("table", settings.table, not unread, "these labels are in the folder itself; set table to null")
    missing = settings.labels == "imagenome" and settings.table is None
    expect("table", None, not missing, "labels 'imagenome' need the folder of Chest ImaGenome or its table")
    divided = settings.labels != "radiologist" or settings.split == "official"
    expect("split", settings.split, divided, "radiologists read the official test set; set split: official")


KIND = Kind(
    "mimic_cxr",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "labels"),
    uses=("fractions", "reports", "table", "views", "window"),
    check=check_labels,
    in_part=True,
)
