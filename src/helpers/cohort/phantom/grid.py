"""Drawing tools: a pixel grid of any size, blurs, smooth curves, and points drawn as soft dots."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter

from helpers.errors import ParameterError

SMALLEST, LARGEST = 32, 1024
POINTS_AT_ONCE = 8192  # keeps working arrays small, which is several times as fast as allocating large blocks
DRAWN = 128  # smaller images are drawn at this size or more, then averaged down, so that thin bones do not alias


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
    """Smooth surface (n, n) from a coarse square of coefficients (uniform cubic B-splines).

    It sums over slices because a threaded matrix product would compete with other workers for the cores.
    """
    rows = _spline_rows(coefficients.astype(np.float32), n)
    return np.ascontiguousarray(_spline_rows(np.ascontiguousarray(rows.T), n).T)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of a square image; ``sigma`` is a fraction of the image's side."""
    pixels = sigma * image.shape[0]
    return image if pixels < 0.3 else gaussian_filter(image, pixels, mode="nearest", truncate=2.5)


def wide_blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur for a wide ``sigma``: computed on 32 x 32 blocks, then interpolated smoothly to full size."""
    n = image.shape[0]
    edges = np.linspace(0, n, 33).astype(np.int64)
    sums = np.add.reduceat(np.add.reduceat(image, edges[:-1], axis=0), edges[:-1], axis=1)
    counts = np.diff(edges).astype(np.float32)
    coarse = blur(sums / (counts[:, None] * counts[None, :]), sigma)
    around = np.pad(coarse, 1, mode="edge")
    corners = (around[:-1, :-1] + around[1:, :-1] + around[:-1, 1:] + around[1:, 1:]) / 4  # (33, 33)
    return smooth_field(np.pad(corners, 1, mode="edge"), n)


def splat(column: np.ndarray, row: np.ndarray, mass: np.ndarray, n: int) -> np.ndarray:
    """Draw points (pixel coordinates, any float) as bilinear dots: float32 (n, n) that sums to the mass inside."""
    frame = n + 2  # a border of one pixel collects everything outside
    total = np.zeros(frame * frame + frame + 2)
    for first in range(0, len(column), POINTS_AT_ONCE):
        some = slice(first, first + POINTS_AT_ONCE)
        x = np.minimum(np.maximum(column[some] + 0.5, 0), n + 1)
        y = np.minimum(np.maximum(row[some] + 0.5, 0), n + 1)
        left, top = x.astype(np.int64), y.astype(np.int64)
        right_part, lower_part = x - left, y - top
        lower = mass[some] * lower_part
        upper = mass[some] - lower
        corner = top * frame + left
        for place, weight in ((0, upper), (frame, lower)):
            right = weight * right_part
            total += np.bincount(corner + place, weight - right, minlength=len(total))
            total += np.bincount(corner + (place + 1), right, minlength=len(total))
    return total[: frame * frame].reshape(frame, frame)[1:-1, 1:-1].astype(np.float32)


def curve(place: np.ndarray, knots, values) -> np.ndarray:
    """Shape-preserving cubic through (knots, values), flat beyond the ends; never overshoots a knot.

    Fritsch and Carlson (1980) with harmonic-mean slopes, so an extreme value is reached exactly at its knot.
    """
    knots, values = [float(k) for k in knots], [float(v) for v in values]
    widths = [after - before for before, after in pairwise(knots)]
    secants = [(after - before) / width for (before, after), width in zip(pairwise(values), widths, strict=True)]
    inner = (2 * one * two / (one + two) if one * two > 0 else 0.0 for one, two in pairwise(secants))
    slopes = [0.0, *inner, 0.0]
    # Each piece is a + t (b + t (c + t d)), where t is the distance from its first knot.
    pieces = [
        (begin, a, b, (3 * secant - 2 * b - end) / width, (b + end - 2 * secant) / width**2)
        for begin, a, b, end, secant, width in zip(knots, values, slopes, slopes[1:], secants, widths, strict=False)
    ]
    begin, a, b, c, d = np.array(pieces).T
    place = np.minimum(np.maximum(place, knots[0]), knots[-1])
    index = np.searchsorted(begin[1:], place, side="right")
    t = place - begin[index]
    return (a[index] + t * (b[index] + t * (c[index] + t * d[index]))).astype(np.float32)


def curve_map(place: np.ndarray, knots, values) -> np.ndarray:
    """``curve`` for a whole map: float32 of any shape, using a table of 2,048 steps between the end knots."""
    low, high = knots[0], knots[-1]
    table = curve(np.linspace(low, high, 2048), knots, values)
    step = np.clip((place - np.float32(low)) * np.float32(2047 / (high - low)), 0, 2047)
    return table[step.astype(np.int32)]
