"""The drawing board: a pixel grid of any size, smooth random fields, blurs and points drawn as soft dots."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

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
        blocks = image.reshape(self.size, self.factor, self.size, self.factor)
        return blocks.mean(axis=(1, 3), dtype=np.float32)


@lru_cache(maxsize=16)
def make_grid(size: int) -> Grid:
    """Grid for an image of ``size`` x ``size`` pixels; raises ParameterError outside 32..1024."""
    if int(size) != size or not SMALLEST <= size <= LARGEST:
        raise ParameterError(f"size = {size!r}: a phantom has a whole number of pixels from {SMALLEST} to {LARGEST}")
    factor = max(1, -(-DRAWN // int(size)))
    centres = ((np.arange(size * factor) + 0.5) / (size * factor)).astype(np.float32)
    return Grid(int(size), factor, centres[None, :] - np.float32(0.5), centres[:, None])


@lru_cache(maxsize=64)
def _spline_matrix(n: int, knots: int) -> np.ndarray:
    """Uniform cubic B-spline basis at n pixel centres over ``knots`` coefficients: float32, (n, knots)."""
    place = (np.arange(n) + 0.5) / n * (knots - 3)
    distance = np.abs(place[:, None] - (np.arange(knots)[None, :] - 1))
    inner = 2 / 3 - distance**2 + distance**3 / 2
    outer = np.clip(2 - distance, 0, None) ** 3 / 6
    return np.where(distance < 1, inner, outer).astype(np.float32)


@lru_cache(maxsize=64)
def _gauss_matrix(n: int, sigma: float) -> np.ndarray:
    """Gaussian smoothing along one axis of n pixels, rows sum to 1: float32, (n, n); ``sigma`` as part of the side."""
    distance = (np.arange(n)[:, None] - np.arange(n)[None, :]) / n
    weights = np.exp(-0.5 * (distance / max(sigma, 0.25 / n)) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def smooth_field(coefficients: np.ndarray, n: int) -> np.ndarray:
    """Smooth surface (n, n) through a coarse square of random numbers (uniform cubic B-splines)."""
    basis = _spline_matrix(n, coefficients.shape[0])
    return basis @ coefficients.astype(np.float32) @ basis.T


def fractal_field(generator: np.random.Generator, n: int, knots=(7, 13, 25), fall: float = 0.6) -> np.ndarray:
    """Cloud-like field of about unit variance, shape (n, n): octaves of ``smooth_field``, each ``fall`` as strong.

    The random numbers drawn do not depend on n, so one seed gives one field at every image size.
    """
    strengths = fall ** np.arange(len(knots))
    octaves = [generator.standard_normal((k, k), dtype=np.float32) for k in knots]
    scale = np.float32(2.0 / np.sqrt(np.sum(strengths**2)))  # a B-spline surface has about half the variance per axis
    return sum(smooth_field(octave, n) * (s * scale) for octave, s in zip(octaves, strengths, strict=True))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of a square image; ``sigma`` as part of the image's side."""
    if sigma * image.shape[0] < 0.3:
        return image
    matrix = _gauss_matrix(image.shape[0], sigma)
    return matrix @ image @ matrix.T


def wide_blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur for a wide ``sigma``: worked out on 32 x 32 blocks, then drawn smoothly at full size."""
    n = image.shape[0]
    edges = np.linspace(0, n, 33).astype(int)[:-1]
    blocks = np.add.reduceat(np.add.reduceat(image, edges, axis=0), edges, axis=1)
    counts = np.diff(np.append(edges, n)).astype(np.float32)
    coarse = blur(blocks / (counts[:, None] * counts[None, :]), sigma)
    place = np.clip((np.arange(n) + 0.5) / n * 32 - 0.5, 0, 31)
    return _linear_matrix(n) @ coarse @ _linear_matrix(n).T if place.size else image


@lru_cache(maxsize=16)
def _linear_matrix(n: int) -> np.ndarray:
    place = np.clip((np.arange(n) + 0.5) / n * 32 - 0.5, 0, 31)
    return np.clip(1 - np.abs(place[:, None] - np.arange(32)[None, :]), 0, 1).astype(np.float32)


def splat(column: np.ndarray, row: np.ndarray, mass: np.ndarray, n: int) -> np.ndarray:
    """Draw points (pixel coordinates, any float) as bilinear dots: float32 (n, n) whose sum is the mass inside."""
    left, top = np.floor(column - 0.5), np.floor(row - 0.5)
    right_part, lower_part = column - 0.5 - left, row - 0.5 - top
    total = np.zeros(n * n)
    for step_x, step_y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        x, y = left + step_x, top + step_y
        weight = mass * (right_part if step_x else 1 - right_part) * (lower_part if step_y else 1 - lower_part)
        inside = (x >= 0) & (x < n) & (y >= 0) & (y < n)
        total += np.bincount((y[inside] * n + x[inside]).astype(np.int64), weight[inside], minlength=n * n)
    return total.reshape(n, n).astype(np.float32)


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
