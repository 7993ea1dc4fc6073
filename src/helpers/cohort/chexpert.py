"""CheXpert (Irvin et al., AAAI 2019), full or small: train.csv, valid.csv and, if present, the test set."""

from pathlib import Path

import pandas as pd

from helpers.cohort.labels import from_columns, naming
from helpers.cohort.listing import FRONTAL, Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.cohort.splits import fill_validate
from helpers.cohort.values import tidy
from helpers.errors import CohortError

TABLES = {"train": ("train.csv",), "validate": ("valid.csv",), "test": ("test.csv", "test_labels.csv")}
PEOPLE = {"Sex": "sex", "Age": "age", "AP/PA": "view"}
IMAGE = r"((?:train|valid|test)/(patient\d+)/study\d+/view\d+_(frontal|lateral)\.\w+)$"
NOTE = (
    "Labels of the training set: CheXpert labeller on reports, one set per study; of the validation and test set: "
    "radiologists."
)


def list_images(settings: Settings) -> Listing:
    """Images of a CheXpert folder, the one with train.csv; paths start at train/, valid/ or test/.

    The official split needs two of the three tables: without a test set, the validation set is used as the test set and
    some training patients form the validation set. Raises CohortError naming the table, column or cell at fault.
    """
    paths = find_tables(settings.folder)
    names = settings.findings.labels("chexpert")
    tables, labels = [], []
    for split, path in paths.items():
        columns = [name for several in names.values() for name in several]
        table = read_columns(path, ("Path",), (*PEOPLE, *columns))
        labels.append(from_columns(table, names, path))
        tables.append(places(table["Path"], path).join(table.rename(columns=PEOPLE)).assign(split=split))
    table = pd.concat([pd.concat(tables), pd.concat(labels)], axis=1).reset_index(drop=True)
    table, notes = tidy(table, settings.folder)
    # AP/PA is blank for laterals; a few frontal images carry the names of other views
    table["view"] = table["view"].fillna(FRONTAL).where(table["side"] == "frontal", "LATERAL")
    table["source"] = [str(settings.folder / place) for place in table["place"]]
    check_ids(table, settings.folder)
    if settings.split == "official":
        table["split"], said = fill_validate(table, settings.seed, settings.findings)
        notes += said
    return Listing(table, inputs=tuple(paths.values()), notes=(NOTE, *naming(settings.findings, "chexpert"), *notes))


def find_tables(folder: Path) -> dict[str, Path]:
    """The tables of a folder by split; raises CohortError if train.csv is missing."""
    if not folder.is_dir():
        raise CohortError(f"{folder}: no such folder; set `folder` to your copy of CheXpert")
    there = {split: [folder / name for name in names if (folder / name).is_file()] for split, names in TABLES.items()}
    if not there["train"]:
        raise CohortError(f"{folder}: has no train.csv; set `folder` to the folder of CheXpert that holds it")
    return {split: found[0] for split, found in there.items() if found}


def places(column: pd.Series, origin: Path) -> pd.DataFrame:
    """place (from train/, valid/ or test/ on), patient_id, side (frontal or lateral) and image_id of each path."""
    found = column.str.extract(IMAGE)
    refuse(found[0].isna(), column, origin, "{!r} does not end in train/patient.../study.../view1_frontal.jpg")
    found.columns = ["place", "patient_id", "side"]
    found["image_id"] = found["place"].str.extract(r"/(.*)\.")[0].str.replace("/", "-")
    return found


KIND = Kind(
    "chexpert", list_images, splits=("official", "patient"), needs=("folder",), uses=("fractions", "views", "window"),
    vocabulary="chexpert",
    in_part=True,
)  # fmt: skip
