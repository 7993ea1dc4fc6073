"""NIH ChestX-ray14 (Wang et al., CVPR 2017), in its official layout or with one small labels.csv."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from helpers.cohort import boxes
from helpers.cohort.labels import from_lists, names_in, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.settings import Settings
from helpers.cohort.splits import fill_validate
from helpers.cohort.values import numbers, tidy
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
LISTS = {"train_val_list.txt": "train", "test_list.txt": "test"}
BOXES, SIDE = "BBox_List_2017.csv", 1024  # px of the published images
CORNERS = {"Bbox [x": "left", "y": "top", "w": "width", "h]": "height"}
ORIGINALS = re.compile(r"images(_\d+)?")
COLUMNS = ("image", "finding_labels", "patient_id", "age", "sex", "view")
NOTE = (
    "Labels are text-mined; a finding that is not listed counts as absent. Data provider: NIH Clinical Center, "
    "https://nihcc.app.box.com/v/ChestXray-NIHCC; Wang et al., ChestX-ray8, CVPR 2017, pp. 3462-3471."
)


def list_images(settings: Settings) -> Listing:
    """Images of a ChestX-ray14 folder: Data_Entry_2017*.csv or labels.csv, images in ``images/`` or ``images_001/`` ...

    A finding is 1 when any of its NIH labels is listed, else 0. The official split has no validation set, so
    some training patients form one. Boxes come from BBox_List_2017.csv, if it is in the folder. Raises CohortError for
    a missing table or image, and for a label that NIH does not use.
    """
    path, names = settings.table or find_table(settings.folder), settings.findings.labels("nih")
    table, notes = tidy(read_entries(path), path)
    files = index_images(settings.folder)
    unlisted = len(files.keys() - set(table["image"]))
    notes += (f"Left out because no row names them: {unlisted:,} files.",) if unlisted else ()
    table["source"] = [str(files.get(name, settings.folder / "images" / name)) for name in table["image"]]
    table["image_id"] = table["image"].str.removesuffix(".png")
    check_labels(table["finding_labels"], path)
    table = pd.concat([table, from_lists(table["finding_labels"], names, r"\|")], axis=1)
    check_ids(table, path)
    inputs, drawn = [path], None
    if settings.split == "official":
        table["split"] = official_split(table["image"], settings.folder)
        table["split"], said = fill_validate(table, settings.seed, settings.findings)
        notes += said
        inputs += [settings.folder / name for name in LISTS]
    if (settings.folder / BOXES).is_file():
        inputs.append(settings.folder / BOXES)
        drawn = read_boxes(inputs[-1], names)
    return Listing(table, inputs=tuple(inputs), notes=(NOTE, *naming(settings.findings, "nih"), *notes), boxes=drawn)


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
    """Every PNG under ``images/`` or ``images_001/images/`` and so on, by file name.

    Other folders, such as ``images_resized/``, are read only if there are none of these.
    """
    folders = sorted(path for path in folder.glob("images*") if path.is_dir())
    originals = [path for path in folders if ORIGINALS.fullmatch(path.name)]
    return {path.name: path for one in originals or folders for path in sorted(one.glob("**/[!.]*.png"))}


def check_labels(lists: pd.Series, origin: Path) -> None:
    """Raise CohortError for a name that NIH does not use."""
    known = {name.casefold() for name in KNOWN}
    cells = {cell: "|".join(sorted(names_in(cell, r"\|") - known)) for cell in lists.dropna().unique()}
    unknown = lists.map(cells).fillna("")
    refuse(unknown != "", lists.rename("Finding Labels"), origin, "{!r} has a name that is not an NIH label")


def official_split(images: pd.Series, folder: Path) -> pd.Series:
    """train or test for each image, from the two lists of the release; raises CohortError for an image in neither."""
    listed = {}
    for name, split in LISTS.items():
        if not (folder / name).is_file():
            raise CohortError(f"{folder / name}: no such list; download it, or set split: patient")
        listed |= dict.fromkeys((folder / name).read_text(encoding="utf-8").split(), split)
    refuse(~images.isin(list(listed)), images, folder, f"{{!r}} is in none of {', '.join(LISTS)}")
    return images.map(listed).astype("string")


def read_boxes(path: Path, names: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Boxes of the study's findings, as returned by ``boxes.of_images``."""
    table = read_columns(path, ("Image Index", "Finding Label", *CORNERS)).rename(columns=CORNERS)
    drawn = pd.DataFrame({side: numbers(table[side], path) for side in CORNERS.values()})
    drawn["image_id"] = table["Image Index"].str.removesuffix(".png")
    drawn["name"] = table["Finding Label"].replace("Infiltrate", "Infiltration")
    return boxes.of_images(drawn.assign(columns=SIDE, rows=SIDE, annotator=pd.NA), names)


KIND = Kind(
    "nih_cxr14",
    list_images,
    splits=("official", "patient"),
    needs=("folder",),
    uses=("fractions", "table", "views", "window"),
    vocabulary="nih",
    in_part=True,
)
