"""ChestMNIST (MedMNIST v2, Yang et al. 2023, CC BY 4.0): ChestX-ray14 in one npz file, from 28 to 224 px."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohort.listing import Kind, Listing
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.files import DAMAGED_ZIP

URL = "https://zenodo.org/records/10519652/files/{name}?download=1"
# Published MD5 sums of Zenodo record 10519652, as the medmnist package lists them (medmnist/info.py, version 3).
FILES = {
    28: ("chestmnist.npz", "02c8a6516a18b556561a56cbdd36c4a8"),
    64: ("chestmnist_64.npz", "9de6cd0b934ebb5b7426cfba5efbae16"),
    128: ("chestmnist_128.npz", "db107e5590b27930b62dbaf558aebee3"),
    224: ("chestmnist_224.npz", "45bd33e6f06c3e8cdb481c74a89152aa"),
}
# Columns of the label arrays, in their order.
COLUMNS = (
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia",
    "Pneumothorax", "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening", "Hernia",
)  # fmt: skip
SPLIT_KEYS = {"train": "train", "validate": "val", "test": "test"}
NOTES = (
    "ChestMNIST does not say which images share a patient, nor their view, age or sex: every image counts as a patient "
    "of its own, so intervals that respect patients are too narrow. Its official split is by patient.",
)


class ArrayReader:
    """Reads image ``train:17`` from the three image arrays, uint8 of shape (n, height, width)."""

    def __init__(self, arrays: dict[str, np.ndarray]):
        self.arrays = arrays

    def __call__(self, source: str) -> tuple[np.ndarray, dict]:
        split, index = source.split(":")
        return self.arrays[split][int(index)].astype(np.float32) / 255.0, {}


def list_images(settings: Settings) -> Listing:
    """Images of a ChestMNIST npz; ``folder`` is the file, or the folder that holds it or will hold it.

    For a folder, the smallest published size not below the run's size is used, or else the largest. The split is the
    official one. Raises CohortError when the file is missing and cannot be fetched, or is not ChestMNIST.
    """
    path = settings.folder
    if path.suffix != ".npz":
        path = fetch(path, next((side for side in FILES if side >= settings.size), max(FILES)))
    images, labels = read_arrays(path)
    tables = [split_table(split, labels[split], settings.findings.labels("nih")) for split in SPLIT_KEYS]
    notes = tuple(filter(None, (settings.findings.naming("nih"), *NOTES)))
    return Listing(pd.concat(tables, ignore_index=True), ArrayReader(images), (path,), notes, threads=True)


def split_table(split: str, labels: np.ndarray, wanted: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Rows of one split from its labels, uint8, shape (n, 14); ``wanted`` gives each finding's names in ``COLUMNS``."""
    names = [f"chestmnist-{split}-{index:06d}" for index in range(len(labels))]
    table = pd.DataFrame({"image_id": names, "patient_id": names, "split": split})
    table["source"] = [f"{split}:{index}" for index in range(len(labels))]
    for finding, listed in wanted.items():
        columns = [COLUMNS.index(name) for name in listed]
        table[finding] = pd.array(labels[:, columns].max(axis=1), dtype="Int64")
    return table


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Images and labels of each split; raises CohortError when the file is missing, damaged or of another kind."""
    if not path.is_file():
        raise CohortError(f"{path}: no such file; download it from {URL.format(name=path.name)}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            images = {split: archive[f"{key}_images"] for split, key in SPLIT_KEYS.items()}
            labels = {split: archive[f"{key}_labels"] for split, key in SPLIT_KEYS.items()}
    except DAMAGED_ZIP as error:
        raise CohortError(f"{path}: not a whole ChestMNIST file ({error}); delete it and download it again") from error
    for split in SPLIT_KEYS:
        shape, expected = labels[split].shape, (len(images[split]), len(COLUMNS))
        if images[split].ndim != 3 or images[split].dtype != np.uint8 or shape != expected:
            raise CohortError(
                f"{path}: {split} images {images[split].dtype} {images[split].shape} and labels {shape} are not "
                f"those of ChestMNIST, uint8 (n, height, width) and (n, {len(COLUMNS)})"
            )
        if not np.isin(labels[split], (0, 1)).all():
            raise CohortError(f"{path}: {SPLIT_KEYS[split]}_labels holds {labels[split].max()}, not only 0 and 1")
    return images, labels


def fetch(folder: Path, side: int) -> Path:
    """Path of the npz for a side length in px, downloaded into ``folder`` if missing; the MD5 sum is checked.

    Raises CohortError when there is no internet, saying what to download and where to put it.
    """
    import pooch

    name, md5 = FILES[side]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Path(pooch.retrieve(URL.format(name=name), known_hash=f"md5:{md5}", fname=name, path=folder))
    except (OSError, ValueError) as error:
        raise CohortError(
            f"{folder / name}: not there and could not be downloaded ({error}); "
            f"download {URL.format(name=name)} (MD5 {md5}) elsewhere and put it at {folder / name}"
        ) from error


KIND = Kind("chestmnist", list_images, splits=("official",), needs=("folder",), uses=("window",), vocabulary="nih")
