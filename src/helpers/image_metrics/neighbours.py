"""Nearest neighbours by features or pixels, block by block, so that memory grows with n and not with n²."""

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors

from helpers.errors import MetricError

BLOCK_BYTES = 128e6  # of the distance matrix held at once
MOST_PRODUCTS = 5e11  # of pixels by pixels; more are spared by principal components
AXES, LEARNED_FROM = 256, 2000  # principal components of pixels, and the images that they are computed from
ROUNDS = (32, 1024)  # candidates whose pixels are compared; the second number where the first does not settle it
BLOCK = 512  # images in memory at a time as float32


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


def nearest(points: np.ndarray, known: np.ndarray, others: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest of the known images for each point: row of ``known`` (n,), Euclidean distance (n,), and whether that it
    is the nearest of all is proven (n,).

    ``points`` and ``known`` are features or pixels as rows, float (n, d) and (m, d), or images uint8 (n, size, size),
    compared by pixels in 0..1. With ``others``, points are row numbers of ``known``, int64 (n,), and the nearest other
    row is sought. Many images are compared by ``nearest_by_axes``; all else is computed in full.
    """
    if known.ndim == 3 and float(len(points)) * known.size > MOST_PRODUCTS:
        return nearest_by_axes(points, known, others)
    if known.ndim == 3:
        known = known.reshape(len(known), -1).astype(np.float32) / 255
        points = points if others else points.reshape(len(points), -1).astype(np.float32) / 255
    if others:
        found = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(known).kneighbors(known[points])
        other = np.where(found[1][:, 0] == points, 1, 0)
        distance, row = (np.take_along_axis(part, other[:, None], 1)[:, 0] for part in found)
    else:
        row, distance = pairwise_distances_argmin_min(points, known)
    return row, distance, np.ones(len(row), dtype=bool)


def nearest_by_axes(
    points: np.ndarray, known: np.ndarray, others: bool = False, rounds: tuple[int, ...] = ROUNDS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``nearest`` for many images, uint8, by principal components first and by all pixels of the candidates last.

    With x in components p and a remainder of length r, (p_x - p_y)^2 + (r_x - r_y)^2 is never more than the squared
    distance (triangle inequality). So the images whose bound is least are compared by their pixels, exactly, and the
    nearest of them is proven to be nearest of all where it is no farther than the bound of every other image.
    """
    mean, axes = _principal_axes(known)
    bounds = _reduced(known, mean, axes)
    asked = bounds[points] if others else _reduced(points, mean, axes)
    search = NearestNeighbors(algorithm="brute").fit(bounds)
    row, squares = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.inf)
    open_ = np.arange(len(points))
    for count in rounds:
        count = min(count, len(known))
        for start in range(0, len(open_), BLOCK):
            part = open_[start : start + BLOCK]
            bound, candidates = search.kneighbors(asked[part], count)
            for place, rows in zip(part, candidates, strict=True):
                rows = rows[rows != points[place]] if others else rows
                row[place], squares[place] = _closest(known, points[place], rows, others)
            settled = np.sqrt(squares[part]) <= bound[:, -1] * (1 - 1e-5)  # float32 bounds
            open_[start : start + BLOCK] = np.where(settled | (count == len(known)), -1, part)
        open_ = open_[open_ >= 0]
    proven = np.ones(len(points), dtype=bool)
    proven[open_] = False
    return row, np.sqrt(squares), proven


def _closest(known: np.ndarray, point: np.ndarray | int, rows: np.ndarray, others: bool) -> tuple[int, float]:
    """The row whose pixels are nearest to a point's, the first of equal ones, and the squared distance, exact."""
    image = known[point] if others else point
    best, least = -1, np.inf
    for start in range(0, len(rows), 32):
        part = np.sort(rows[start : start + 32])
        difference = known[part].astype(np.float32) - image
        squares = np.einsum("ijk,ijk->i", difference, difference, dtype=np.float64)
        place = int(squares.argmin())
        if squares[place] < least or (squares[place] == least and part[place] < best):
            best, least = int(part[place]), float(squares[place])
    return best, least / 255**2


def _principal_axes(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and principal components (d, k) of pixels in 0..1, float32, from images spread evenly over all."""
    chosen = np.unique(np.linspace(0, len(images) - 1, LEARNED_FROM).astype(int))
    pixels = images[chosen].reshape(len(chosen), -1).astype(np.float32) / 255
    mean = pixels.mean(axis=0)
    pixels -= mean
    values, vectors = np.linalg.eigh(pixels @ pixels.T)
    kept = values[-AXES:] > values[-1] * 1e-6
    axes = pixels.T @ vectors[:, -AXES:][:, kept]
    return mean, np.linalg.qr(axes)[0]


def _reduced(images: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Principal components of images and, last, the length of what they leave out: float32 (n, k + 1)."""
    found = np.empty((len(images), axes.shape[1] + 1), dtype=np.float32)
    for start in range(0, len(images), BLOCK):
        pixels = images[start : start + BLOCK].reshape(-1, len(mean)).astype(np.float32) / 255 - mean
        part = found[start : start + BLOCK]
        part[:, :-1] = pixels @ axes
        pixels -= part[:, :-1] @ axes.T
        part[:, -1] = np.sqrt(np.einsum("ij,ij->i", pixels, pixels))
    return found
