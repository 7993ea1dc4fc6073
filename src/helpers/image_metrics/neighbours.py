"""Nearest neighbours by features or pixels, block by block, so that memory grows with n, not n²."""

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors

from helpers.errors import MetricError

BLOCK_BYTES = 128e6  # of the distance matrix in memory at once


def squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared Euclidean distances of features (n, d) to (m, d): yields rows and their block (rows, m)."""
    step = max(1, int(BLOCK_BYTES / (second.itemsize * max(len(second), 1))))
    lengths = np.einsum("ij,ij->i", second, second)
    for start in range(0, len(first), step):
        rows = slice(start, min(start + step, len(first)))
        part = first[rows]
        block = part @ second.T
        block *= -2
        block += np.einsum("ij,ij->i", part, part)[:, None]
        block += lengths
        yield rows, np.maximum(block, 0, out=block)


def neighbour_radii(features: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each image to its k-th nearest other image: features (n, d), result (n,).

    Raises MetricError unless there are more than k images.
    """
    if not 1 <= k < len(features):
        raise MetricError(f"features: {len(features)} images; more than k = {k} are needed, and k of at least 1")
    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(features).kneighbors()[0]
    return found[:, -1].astype(features.dtype) ** 2


class Search:
    """Search for the nearest of known images, by distances computed in full.

    ``known`` are features or pixels as rows, float (m, d), or images uint8 (m, size, size), compared by pixels in 0..1.
    Both methods return rows of ``known`` (n,), Euclidean distances (n,), and whether each is proven to be the smallest.
    """

    def __init__(self, known: np.ndarray):
        self.known = as_rows(known)

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nearest known image to each point; points have the format of the known images, (n, ...)."""
        row, distance = pairwise_distances_argmin_min(as_rows(points), self.known)
        return row, distance, np.ones(len(row), dtype=bool)

    def nearest_other(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nearest other known image to each of some known images, given by their rows, int64 (n,)."""
        distances, found = (
            NearestNeighbors(n_neighbors=2, algorithm="brute").fit(self.known).kneighbors(self.known[rows])
        )
        other = np.where(found[:, 0] == rows, 1, 0)[:, None]  # a copy may come before the image itself
        row, distance = (np.take_along_axis(part, other, axis=1)[:, 0] for part in (found, distances))
        return row, distance, np.ones(len(row), dtype=bool)


def as_rows(images: np.ndarray) -> np.ndarray:
    """Features (n, d) as they are, or images uint8 (n, size, size) as float32 (n, size²) in 0..1."""
    return images if images.ndim == 2 else images.reshape(len(images), -1).astype(np.float32) / 255
