"""Distances to nearest neighbours in a feature space, block by block, so that memory grows with n and not with n²."""

from collections.abc import Iterator

import numpy as np

from helpers.errors import MetricError

BLOCK = 1024  # rows of the distance matrix held at once


def squared_distances(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared Euclidean distances of features (n, d) to (m, d): rows, and their block (at most 1024, m)."""
    lengths = np.einsum("ij,ij->i", second, second)
    for start in range(0, len(first), BLOCK):
        rows = slice(start, min(start + BLOCK, len(first)))
        part = first[rows]
        block = np.einsum("ij,ij->i", part, part)[:, None] + lengths - 2 * part @ second.T
        yield rows, np.maximum(block, 0)


def neighbour_radii(features: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each image to its k-th nearest other image: features (n, d), result (n,).

    Raises MetricError unless there are more than k images.
    """
    if not 1 <= k < len(features):
        raise MetricError(f"features: {len(features)} images; more than k = {k} are needed, and k of at least 1")
    radii = np.empty(len(features), dtype=features.dtype)
    for rows, block in squared_distances(features, features):
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
        radii[rows] = np.partition(block, k - 1, axis=1)[:, k - 1]
    return radii


def nearest(queries: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest of ``points`` (m, d) to each of ``queries`` (n, d): its position (n,) and its distance (n,)."""
    position = np.empty(len(queries), dtype=int)
    distance = np.empty(len(queries))
    for rows, block in squared_distances(queries, points):
        position[rows] = block.argmin(axis=1)
        distance[rows] = np.sqrt(block.min(axis=1))
    return position, distance
