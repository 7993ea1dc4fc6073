"""Distances to nearest neighbours in a feature space, block by block, so that memory grows with n and not with n²."""

from collections.abc import Iterator

import numpy as np
from sklearn.neighbors import NearestNeighbors

from helpers.errors import MetricError

BLOCK_BYTES = 128e6  # of the distance matrix held at once


def squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared Euclidean distances of features (n, d) to (m, d): rows, and their block (rows, m)."""
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
