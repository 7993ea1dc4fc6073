"""Images of a cohort or samples table as arrays, and what the metrics need to know about each set."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import MetricError
from helpers.findings import Findings, in_cell
from helpers.image_metrics.comparison import Images
from helpers.image_metrics.features import FeatureExtractor, FindingClassifier, fit_size
from helpers.pixels import PixelFile, place_of, read_image
from helpers.progress import Progress

CHUNK = 512
IN_MEMORY = 1e9  # bytes of images; larger arrays are kept in a file


def read_images(paths, folder: str | Path, size: int, label: str = "Reading") -> np.ndarray:
    """Read images of a table as uint8 (n, size, size), resized with antialiasing if the size differs.

    ``paths`` are relative to ``folder``. More than ``IN_MEMORY`` bytes are kept in a file there, which is deleted with
    the array. Raises ImageError naming a file that cannot be read, MetricError naming one that is not square.
    """
    paths = list(paths)
    images = _room((len(paths), size, size), Path(folder))
    with Progress(label, len(paths)) as progress:
        for start in range(0, len(paths), CHUNK):
            part = paths[start : start + CHUNK]
            images[start : start + len(part)] = _levels(part, Path(folder), size)
            progress.update(len(part))
    return images


def _room(shape: tuple[int, int, int], folder: Path) -> np.ndarray:
    if np.prod(shape, dtype=float) <= IN_MEMORY:
        return np.empty(shape, dtype=np.uint8)
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=np.uint8, mode="w+", shape=shape)


def _levels(paths: list[str], folder: Path, size: int) -> np.ndarray:
    """A few images, uint8 (n, size, size); if all are in one file, they are read and resized together."""
    places = [place_of(folder / path) for path in paths]
    if None not in places and len({file for file, _ in places}) == 1:
        images = PixelFile.open(places[0][0])[[row for _, row in places]]
        return images if images.shape[-1] == size else np.rint(fit_size(in_range(images), size) * 255).astype(np.uint8)
    images = np.empty((len(paths), size, size), dtype=np.uint8)
    for position, path in enumerate(paths):
        image = read_image(folder / path)
        if image.shape[0] != image.shape[1]:
            raise MetricError(f"{path}: {image.shape[1]} x {image.shape[0]} pixels; images must be square")
        images[position] = np.rint(fit_size(image[None], size)[0] * 255)
    return images


def in_range(images: np.ndarray) -> np.ndarray:
    """uint8 images as float32 in 0..1, same shape."""
    return images.astype(np.float32) / 255.0


def features_of(extractor: FeatureExtractor, images: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """Features of uint8 images (n, size, size), or of some of them, computed in chunks: float64 (n, d)."""
    rows = np.arange(len(images)) if rows is None else rows
    parts = np.split(rows, range(CHUNK, len(rows), CHUNK))
    return np.concatenate([extractor.features(in_range(images[part])) for part in parts])


def probabilities_of(classifier: FindingClassifier, images: np.ndarray) -> np.ndarray:
    """Probability of each finding for uint8 images (n, size, size): float64 (n, findings)."""
    parts = [classifier.probabilities(in_range(images[i : i + CHUNK])) for i in range(0, len(images), CHUNK)]
    return np.concatenate(parts)


def held_out(cohort: pd.DataFrame) -> pd.DataFrame:
    """Images of the validate and test splits, which neither the generators nor the classifier are trained on.

    Raises MetricError if there are fewer than 4 patients, too few to be halved.
    """
    table = cohort[cohort["split"] != "train"].reset_index(drop=True)
    if table["patient_id"].nunique() < 4:
        raise MetricError(
            f"cohort.csv: {table['patient_id'].nunique()} patients in the splits validate and test; the baseline "
            "needs at least 4, change the split shares of 01_cohort"
        )
    return table


def sets_of(
    real: pd.DataFrame,
    real_features: np.ndarray,
    samples: pd.DataFrame,
    sample_features: np.ndarray,
    findings: Findings,
) -> tuple[Images, dict[str, Images]]:
    """Held-out and synthetic images as sets to compare; features (n, d) have the rows of the preceding table.

    Real images belong to cells by label and to groups by patient; synthetic ones to the cell that was requested,
    each in its own group. Sources keep the order of the samples table.
    """
    order = np.argsort(real["image_id"].to_numpy())  # so that nothing depends on the order of a table's rows
    real, real_features = real.iloc[order], real_features[order]
    cells = {cell: np.flatnonzero(in_cell(real, cell).to_numpy()) for cell in findings.cells}
    sets = {}
    for source in samples["source"].unique():
        rows = np.flatnonzero((samples["source"] == source).to_numpy())
        rows = rows[np.argsort(samples["image_id"].to_numpy()[rows])]
        table = samples.iloc[rows]
        own = {
            cell: np.flatnonzero((table["finding"] == cell.finding) & (table["present"] == cell.present))
            for cell in findings.cells
        }
        sets[source] = Images(sample_features[rows], own, np.arange(len(table)))
    return Images(real_features, cells, real["patient_id"].to_numpy()), sets
