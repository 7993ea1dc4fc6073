"""CheXpert Plus (Chambon et al., 2024): the images of CheXpert as PNG, with reports and their CheXbert labels."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from helpers.cohort.chexpert import places
from helpers.cohort.labels import expect_labels, from_columns, naming
from helpers.cohort.listing import FRONTAL, Kind, Listing, check_ids, read_columns
from helpers.cohort.reports import first_of, main_text
from helpers.cohort.settings import Settings
from helpers.cohort.splits import fill_validate
from helpers.cohort.values import tidy
from helpers.errors import CohortError

TABLE = "df_chexpert_plus_240401.csv"
PEOPLE = {"deid_patient_id": "patient_id", "ap_pa": "view", "age": "age", "sex": "sex", "split": "split"}
TEXTS = ("section_impression", "section_findings", "report")
LABELLED = ("impression", "findings", "report")  # what CheXbert read
FOLDERS = ("PNG", "PNG/PNG")
NOTES = (
    "Labels: CheXbert on reports.",
    "Text: the impression of the report, or where it is blank the findings.",
)


def list_images(settings: Settings) -> Listing:
    """Images of a CheXpert Plus folder; ``settings.labels`` says which part of the report CheXbert read.

    Without a test set, the official validation set is used as the test set, as in ``chexpert``. Raises CohortError
    naming the table, column or cell at fault.
    """
    path, part = settings.folder / TABLE, settings.labels or LABELLED[0]
    if not path.is_file():
        raise CohortError(f"{path}: no such table; set `folder` to your copy of CheXpert Plus")
    table = read_columns(path, ("path_to_image", *PEOPLE), TEXTS).rename(columns=PEOPLE)
    table, notes = tidy(table, path)
    table = table.join(places(table["path_to_image"], path)[["place", "image_id", "side"]])
    table["view"] = table["view"].fillna(FRONTAL).where(table["side"] == "frontal", "LATERAL")
    images = next((settings.folder / name for name in FOLDERS if (settings.folder / name / "train").is_dir()), None)
    if images is None:
        raise CohortError(f"{settings.folder}: has no folder PNG/train; unpack the images there")
    table["source"] = [str((images / place).with_suffix(".png")) for place in table["place"]]
    texts = [table[name] for name in TEXTS if name in table]
    table["text"] = first_of(*texts[:2], *(text.map(main_text, na_action="ignore") for text in texts[2:]))
    labels_path = find_labels(settings.folder, part)
    labels = chexbert_labels(labels_path, settings.findings.labels("chexpert")).reindex(table["path_to_image"])
    table = pd.concat([table, labels.reset_index(drop=True)], axis=1)
    check_ids(table, path)
    if settings.split == "official":
        table["split"], said = fill_validate(table, settings.seed, settings.findings)
        notes += said
    return Listing(table, inputs=(path, labels_path), notes=(*NOTES, *naming(settings.findings, "chexpert"), *notes))


def find_labels(folder: Path, part: str) -> Path:
    """The file of CheXbert labels, next to the table or in the archive's own folder."""
    places = [folder / where / f"{part}_fixed.json" for where in ("", "chexbert_labels")]
    if not any(path.is_file() for path in places):
        raise CohortError(f"{places[1]}: no such file; unpack chexbert_labels.zip there")
    return next(path for path in places if path.is_file())


def chexbert_labels(path: Path, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The study's findings by path_to_image, Int64, from a file with one JSON object per line."""
    try:
        table = pd.read_json(path, lines=True, dtype=False)
        table = table.drop_duplicates("path_to_image").set_index("path_to_image")
    except (ValueError, KeyError, OSError) as error:
        raise CohortError(f"{path}: cannot be read as one JSON object a line with path_to_image ({error})") from error
    return from_columns(table.astype("string"), names, path)


KIND = Kind(
    "chexpert_plus",
    list_images,
    splits=("official", "patient"),
    needs=("folder",),
    uses=("fractions", "labels", "views", "window"),
    check=partial(expect_labels, known=LABELLED, blank=LABELLED[0]),
    vocabulary="chexpert",
    in_part=True,
)
