"""The drawing board: a pixel grid of any size, smooth random fields, blurs and points drawn as soft dots."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.errors import ParameterError

SMALLEST, LARGEST = 32, 1024
DRAWN = 128  # smaller images are drawn at least this fine, then averaged down, so that thin bones do not alias


@dataclass(frozen=True)
class Grid:
    """Pixel centres of the square that is drawn: ``across`` (1, n) in -0.5..0.5, ``down`` (n, 1) in 0..1."""

    size: int
    factor: int
    across: np.ndarray
    down: np.ndarray

    @property
    def n(self) -> int:
        """Pixels along one side of the drawing, ``size * factor``."""
        return self.size * self.factor

    def shrink(self, image: np.ndarray) -> np.ndarray:
        """Average a drawing of shape (n, n) down to (size, size)."""
        if self.factor == 1:
            return image
        f, total = self.factor, np.zeros((self.size, self.size), dtype=np.float32)
        for corner in range(f * f):
            total += image[corner // f :: f, corner % f :: f]
        return total / np.float32(f * f)


@lru_cache(maxsize=16)
def make_grid(size: int) -> Grid:
    """Grid for an image of ``size`` x ``size`` pixels; raises ParameterError outside 32..1024."""
    if int(size) != size or not SMALLEST <= size <= LARGEST:
        raise ParameterError(f"size = {size!r}: a phantom has a whole number of pixels from {SMALLEST} to {LARGEST}")
    factor = max(1, -(-DRAWN // int(size)))
    centres = ((np.arange(size * factor) + 0.5) / (size * factor)).astype(np.float32)
    return Grid(int(size), factor, centres[None, :] - np.float32(0.5), centres[:, None])


@lru_cache(maxsize=64)
def _spline_taps(n: int, knots: int) -> tuple[np.ndarray, np.ndarray]:
    """First of the four coefficients that each of n pixels needs, (n,), and their weights, (4, n, 1)."""
    place = (np.arange(n) + 0.5) / n * (knots - 3)
    first = np.minimum(place.astype(np.int64), knots - 4)
    distance = np.abs((place - first)[None, :] + 1 - np.arange(4)[:, None])
    weights = np.where(distance < 1, 2 / 3 - distance**2 + distance**3 / 2, np.clip(2 - distance, 0, None) ** 3 / 6)
    return first, weights[:, :, None].astype(np.float32)


def _spline_rows(coefficients: np.ndarray, n: int) -> np.ndarray:
    first, weights = _spline_taps(n, coefficients.shape[0])
    return sum(weights[k] * coefficients[first + k] for k in range(4))


def smooth_field(coefficients: np.ndarray, n: int) -> np.ndarray:
    """Smooth surface (n, n) through a coarse square of numbers (uniform cubic B-splines).

    Sums over slices instead of matrix products: a threaded matrix product fights with other workers for the cores.
    """
    rows = _spline_rows(coefficients.astype(np.float32), n)
    return np.ascontiguousarray(_spline_rows(np.ascontiguousarray(rows.T), n).T)


def fractal_field(generator: np.random.Generator, n: int, knots=(7, 13, 25), fall: float = 0.6) -> np.ndarray:
    """Cloud-like field of about unit variance, shape (n, n): octaves of ``smooth_field``, each ``fall`` as strong.

    The random numbers drawn do not depend on n, so one seed gives one field at every image size.
    """
    strengths = fall ** np.arange(len(knots))
    octaves = [generator.standard_normal((k, k), dtype=np.float32) for k in knots]
    scale = np.float32(2.0 / np.sqrt(np.sum(strengths**2)))  # a B-spline surface has about half the variance per axis
    return sum(smooth_field(octave, n) * np.float32(s * scale) for octave, s in zip(octaves, strengths, strict=True))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of a square image; ``sigma`` as part of the image's side."""
    pixels = sigma * image.shape[0]
    return image if pixels < 0.3 else gaussian_filter(image, pixels, mode="nearest", truncate=2.5)


def wide_blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur for a wide ``sigma``: worked out on 32 x 32 blocks, then drawn smoothly at full size."""
    n = image.shape[0]
    edges = np.linspace(0, n, 33).astype(np.int64)
    sums = np.add.reduceat(np.add.reduceat(image, edges[:-1], axis=0), edges[:-1], axis=1)
    counts = np.diff(edges).astype(np.float32)
    coarse = blur(sums / (counts[:, None] * counts[None, :]), sigma)
    around = np.pad(coarse, 1, mode="edge")
    corners = (around[:-1, :-1] + around[1:, :-1] + around[:-1, 1:] + around[1:, 1:]) / 4  # (33, 33)
    return smooth_field(np.pad(corners, 1, mode="edge"), n)


def splat(column: np.ndarray, row: np.ndarray, mass: np.ndarray, n: int) -> np.ndarray:
    """Draw points (pixel coordinates, any float) as bilinear dots: float32 (n, n) whose sum is the mass inside."""
    column, row = column + 0.5, row + 0.5  # in a frame of one spare pixel all around
    near = (column > 0) & (column < n + 1) & (row > 0) & (row < n + 1)
    column, row, mass = column[near], row[near], mass[near]
    left, top = column.astype(np.int64), row.astype(np.int64)
    right_part, lower_part = column - left, row - top
    upper, lower = mass * (1 - lower_part), mass * lower_part
    corner = top * (n + 2) + left
    places = np.concatenate([corner, corner + 1, corner + n + 2, corner + n + 3])
    weights = [upper * (1 - right_part), upper * right_part, lower * (1 - right_part), lower * right_part]
    total = np.bincount(places, np.concatenate(weights), minlength=(n + 2) ** 2)
    return total.reshape(n + 2, n + 2)[1:-1, 1:-1].astype(np.float32)


def curve(place: np.ndarray, knots, values) -> np.ndarray:
    """Shape-preserving cubic through (knots, values), flat beyond the ends; never overshoots a knot.

    Fritsch and Carlson (1980) with harmonic-mean slopes, so an extreme value is reached exactly at its knot.
    """
    knots, values = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    width, rise = np.diff(knots), np.diff(values)
    secant = rise / width
    product = secant[:-1] * secant[1:]
    slopes = np.zeros_like(values)
    same = product > 0
    slopes[1:-1][same] = 2 * product[same] / (secant[:-1] + secant[1:])[same]
    place = np.clip(place, knots[0], knots[-1])
    index = np.clip(np.searchsorted(knots, place, side="right") - 1, 0, len(width) - 1)
    t = (place - knots[index]) / width[index]
    start, end = values[index], values[index + 1]
    bend = (t - 1) * t * ((t - 1) * slopes[index] + t * slopes[index + 1]) * width[index]
    return (start + t * t * (3 - 2 * t) * (end - start) + bend).astype(np.float32)


def curve_map(place: np.ndarray, knots, values) -> np.ndarray:
    """``curve`` for a whole map: float32 of any shape, through a table of 2,048 steps between the end knots."""
    low, high = knots[0], knots[-1]
    table = curve(np.linspace(low, high, 2048), knots, values)
    step = np.clip((place - np.float32(low)) * np.float32(2047 / (high - low)), 0, 2047)
    return table[step.astype(np.int32)]
