"""Images of a cohort or samples table as arrays, and what the metrics need to know of each set."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import MetricError
from helpers.files import read_gray
from helpers.findings import CELLS, in_cell
from helpers.image_metrics.comparison import Images
from helpers.image_metrics.features import FeatureExtractor, fit_size
from helpers.progress import track

CHUNK = 512


def read_images(paths, folder: str | Path, size: int, label: str = "Reading") -> np.ndarray:
    """Read images of a table as uint8 (n, size, size), resized with antialiasing where they are larger.

    ``paths`` are relative to ``folder``. Raises ImageError naming a file that cannot be read, MetricError naming one
    that is not square.
    """
    paths = list(paths)
    images = np.empty((len(paths), size, size), dtype=np.uint8)
    for position, path in enumerate(track(paths, label)):
        image = read_gray(Path(folder) / path)
        if image.shape[0] != image.shape[1]:
            raise MetricError(f"{path}: {image.shape[1]} x {image.shape[0]} pixels; images must be square")
        images[position] = np.rint(fit_size(image[None], size)[0] * 255)
    return images


def in_range(images: np.ndarray) -> np.ndarray:
    """uint8 images as float32 in 0..1, same shape."""
    return images.astype(np.float32) / 255.0


def features_of(extractor: FeatureExtractor, images: np.ndarray) -> np.ndarray:
    """Features of uint8 images (n, size, size), a few at a time: float64 (n, d)."""
    return np.concatenate([extractor.features(in_range(images[i : i + CHUNK])) for i in range(0, len(images), CHUNK)])


def held_out(cohort: pd.DataFrame) -> pd.DataFrame:
    """Images of the validate and test splits, which neither the generators nor the classifier are trained on.

    Raises MetricError when there are fewer than 4 patients, too few to be halved.
    """
    table = cohort[cohort["split"] != "train"].reset_index(drop=True)
    if table["patient_id"].nunique() < 4:
        raise MetricError(
            f"cohort.csv: {table['patient_id'].nunique()} patients in the splits validate and test; the baseline "
            "needs at least 4, change the split shares of 01_cohort"
        )
    return table


def real_set(table: pd.DataFrame, features: np.ndarray) -> Images:
    """Held-out images as a set to compare with: cells by label, groups by patient."""
    cells = {cell: np.flatnonzero(in_cell(table, cell).to_numpy()) for cell in CELLS}
    return Images(features, cells, table["patient_id"].to_numpy())


def synthetic_set(table: pd.DataFrame, features: np.ndarray) -> Images:
    """Images of one source: cells by what was asked for, each image its own group."""
    cells = {
        c: np.flatnonzero(((table["finding"] == c.finding) & (table["present"] == c.present)).to_numpy()) for c in CELLS
    }
    return Images(features, cells, np.arange(len(table)))
