"""Do images of one study cell repeat themselves? Multi-scale structural similarity of pairs within a cell."""

from zlib import crc32

import numpy as np
import pandas as pd
import torch
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

from helpers.findings import Cell
from helpers.image_metrics.comparison import COLUMNS, Halves, Images
from helpers.image_metrics.features import one_thread
from helpers.progress import track
from helpers.tables import REAL

SIMILARITY = "ms_ssim"
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of the scales, fine to coarse: Wang, Simoncelli and Bovik 2003
WINDOW = 11  # pixels of the Gaussian window at every scale
BATCH = 16  # pairs; more do not fit into the processor's cache


def scales(size: int) -> tuple[float, ...]:
    """Weights, which sum to 1, of as many scales as fit: at the coarsest, the window still lies within the image.

    Five from 176 pixels up, as published; three at 64 pixels. Raises no error down to 11 pixels.
    """
    count = max(1, min(len(WEIGHTS), int(np.log2(max(size, WINDOW) / WINDOW)) + 1))
    return tuple(np.array(WEIGHTS[:count]) / sum(WEIGHTS[:count]))


def similarities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """MS-SSIM of pairs of uint8 images (n, size, size): float64 (n,), 1 if equal, about 0 if unlike.

    Wang, Simoncelli and Bovik 2003, as torchmetrics computes it; negative contrast terms count as 0.
    """
    parts, weights = [], scales(first.shape[-1])
    with one_thread(), torch.inference_mode():
        for start in range(0, len(first), BATCH):
            pair = (torch.from_numpy(x[start : start + BATCH, None].astype(np.float32) / 255) for x in (first, second))
            parts.append(
                multiscale_structural_similarity_index_measure(
                    *pair, kernel_size=WINDOW, betas=weights, data_range=1.0, reduction="none", normalize="relu"
                )
            )
    return torch.cat([part.reshape(-1) for part in parts]).double().numpy()


def similarity_table(sets: dict[str, Images], most: int, halves: Halves, seed: int) -> pd.DataFrame:
    """Mean MS-SSIM of pairs of different images within a cell, by source, overall and per cell, as a tidy table.

    ``sets``: real and synthetic images, ``features`` being the uint8 images themselves (n, size, size). From every
    cell equally many images of every source are taken, at most ``most``, one per patient, and all pairs are compared.
    The value is the mean over pairs, low and high are the 2.5th and 97.5th percentiles over random halves of the
    images (delete-half jackknife, as in ``compare``). Overall is the mean over the cells with enough real images.
    Columns as in ``compare``.
    """
    cells, found = list(sets[REAL].cells), {}
    for cell in track(cells, "Comparing pairs", unit="cells"):
        pools = {name: _one_a_group(images, cell, _dice(seed, name, cell)) for name, images in sets.items()}
        n = min([most] + [len(pool) for pool in pools.values() if len(pool) >= 2 * halves.smallest_n])
        for name, pool in pools.items():
            if len(pool) >= 2 * halves.smallest_n:
                chosen = sets[name].features[pool[:n]]
                found[name, cell] = _matrix(chosen)
    rows, given = [], [cell for cell in cells if (REAL, cell) in found]
    for name in sets:
        own = {cell: matrix for (source, cell), matrix in found.items() if source == name}
        whole = [own[cell] for cell in given] if all(cell in own for cell in given) else []
        for cell in (None, *cells):
            matrices = whole if cell is None else [own[cell]] if cell in own else []
            rows.append(_row(name, cell, matrices, halves, _dice(seed, name, cell)))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def _dice(seed: int, name: str, cell: Cell | None) -> np.random.Generator:
    return np.random.default_rng([seed, 12, crc32(f"{name} {cell.label if cell else ''}".encode())])


def _one_a_group(images: Images, cell: Cell, rng: np.random.Generator) -> np.ndarray:
    """Positions of a cell's images in random order, one per patient, since images of one patient are alike."""
    order = rng.permutation(images.cells[cell])
    return order[np.sort(np.unique(images.groups[order], return_index=True)[1])]


def _matrix(images: np.ndarray) -> np.ndarray:
    """Similarity of every pair of n images: symmetric (n, n), NaN on the diagonal."""
    i, j = np.triu_indices(len(images), 1)
    matrix = np.full((len(images), len(images)), np.nan)
    matrix[i, j] = matrix[j, i] = similarities(images[i], images[j])
    return matrix


def _row(source: str, cell: Cell | None, matrices: list[np.ndarray], halves: Halves, rng: np.random.Generator) -> dict:
    row = {"source": source, "finding": None, "present": None, "metric": SIMILARITY}
    row |= {"finding": cell.finding, "present": cell.present} if cell else {}
    if not matrices:
        blank = {"value": np.nan, "low": np.nan, "high": np.nan, "n": 0}
        return row | blank | {"method": f"not given: fewer than {2 * halves.smallest_n} images in a cell"}
    drawn = [np.mean([_half_mean(matrix, rng) for matrix in matrices]) for _ in range(halves.repeats)]
    value = float(np.mean([np.nanmean(matrix) for matrix in matrices]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    n = sum(len(matrix) for matrix in matrices)
    method = f"mean over pairs within a cell and 95 % range of {halves.repeats} random halves; {REAL} at equal n"
    return row | {"value": value, "low": min(low, value), "high": max(high, value), "n": n, "method": method}


def _half_mean(matrix: np.ndarray, rng: np.random.Generator) -> float:
    chosen = rng.permutation(len(matrix))[: len(matrix) // 2]
    return float(np.nanmean(matrix[np.ix_(chosen, chosen)]))
