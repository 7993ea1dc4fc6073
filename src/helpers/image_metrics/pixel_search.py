"""Nearest neighbours by pixels among very many images: principal components first, then all pixels of candidates."""

import numpy as np
from scipy import linalg
from sklearn.neighbors import NearestNeighbors

from helpers.image_metrics.neighbours import Search
from helpers.pixels import PixelFile

MOST_PIXELS = 3e8  # of known images, up to which all are compared in full; 1.2 GB as float32
AXES, LEARNED_FROM = 256, 2000  # principal components, and the images that they are computed from
ROUNDS = (64,)  # candidates whose pixels are compared; further, larger numbers prove more but take longer
SAFE = 1 - 1e-4  # factor on a bound, as it is computed in float32
BLOCK, REDUCED, AT_ONCE = 512, 64, 16  # query points, images as float32, and candidates of one point, at a time


def search_in(known: np.ndarray | PixelFile) -> Search:
    """Search among features (m, d) or images (m, size, size): in full, or by ``PixelSearch`` for very many images."""
    many = isinstance(known, PixelFile) or (known.ndim == 3 and known.size > MOST_PIXELS)
    return PixelSearch(known) if many else Search(known)


class PixelSearch(Search):
    """``Search`` among images uint8 (m, size, size): an array, or a ``PixelFile``, of which little is held in memory.

    Let an image have principal components p, and let r be the length of the residual. Then
    |p_x - p_y|^2 + (r_x - r_y)^2 is at most the squared distance of x and y (triangle inequality for the residuals).
    The images with the smallest bounds are compared by all pixels; the nearest of them is proven to be the nearest of
    all if it is no farther than the bound of every image that was not compared.
    """

    def __init__(self, known: np.ndarray, rounds: tuple[int, ...] = ROUNDS):
        self.known, self.rounds = known, rounds
        self.mean, self.axes = _principal_axes(known)
        self.bounds = self._reduced(known)
        self.by_bounds = NearestNeighbors(algorithm="brute").fit(self.bounds)

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nearest known image to each point, uint8 (n, size, size)."""
        return self._search(points, self._reduced(points), np.full(len(points), -1))

    def nearest_other(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Nearest other known image to each of some known images, given by their rows, int64 (n,)."""
        return self._search(self.known[rows], self.bounds[rows], rows)

    def _search(self, points: np.ndarray, reduced: np.ndarray, own: np.ndarray):
        """Rows, distances and whether proven, for points and their components; ``own`` rows are not candidates."""
        row, squares = np.full(len(points), -1), np.full(len(points), np.inf)
        waiting = np.arange(len(points))
        for count in (min(count, len(self.known)) for count in self.rounds):
            unsettled = []
            for start in range(0, len(waiting), BLOCK):
                part = waiting[start : start + BLOCK]
                bounds, candidates = self.by_bounds.kneighbors(reduced[part], count)
                for place, found, least in zip(part, candidates, bounds, strict=True):
                    others = found != own[place]
                    row[place], squares[place] = self._closest(points[place], found[others], least[others])
                settled = np.sqrt(squares[part]) <= bounds[:, -1] * SAFE
                unsettled.append(part[~settled & (count < len(self.known))])
            waiting = np.concatenate(unsettled) if unsettled else waiting
        return row, np.sqrt(squares), ~np.isin(np.arange(len(points)), waiting)

    def _closest(self, point: np.ndarray, rows: np.ndarray, bounds: np.ndarray) -> tuple[int, float]:
        """The row with the nearest pixels (the first of equal ones) and the squared distance.

        Candidates are tried in the order of their bounds, until one is farther than the nearest so far.
        """
        best, pixels = (np.inf, -1), point.ravel().astype(np.float32)
        for start in range(0, len(rows), AT_ONCE):
            if bounds[start] * SAFE > np.sqrt(best[0]):
                break
            part = rows[start : start + AT_ONCE]
            for row, image in zip(part.tolist(), self.known[part], strict=True):
                difference = image.ravel() - pixels
                best = min(best, (float(difference @ difference) / 255**2, row))
        return best[1], best[0]

    def _reduced(self, images: np.ndarray) -> np.ndarray:
        """Principal components of images and, last, the length of the residual: float32 (n, k + 1)."""
        found = np.empty((len(images), self.axes.shape[1] + 1), dtype=np.float32)
        for start in range(0, len(images), REDUCED):
            part = found[start : start + REDUCED]
            pixels = images[np.arange(start, start + len(part))].reshape(len(part), -1).astype(np.float32)
            pixels /= 255
            pixels -= self.mean
            part[:, :-1] = pixels @ self.axes
            left = np.einsum("ij,ij->i", pixels, pixels) - np.einsum("ij,ij->i", part[:, :-1], part[:, :-1])
            part[:, -1] = np.sqrt(np.maximum(left, 0))
        return found


def _principal_axes(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and principal components (d, k) of pixels in 0..1, float32, from evenly spaced images."""
    chosen = np.unique(np.linspace(0, len(images) - 1, LEARNED_FROM).astype(int))
    pixels = images[chosen].reshape(len(chosen), -1).astype(np.float32) / 255
    mean = pixels.mean(axis=0)
    pixels -= mean
    largest = (max(0, len(pixels) - AXES), len(pixels) - 1)
    values, vectors = linalg.eigh(pixels @ pixels.T, subset_by_index=largest)
    kept = values > values[-1] * 1e-6
    return mean, linalg.qr((vectors[:, kept].T @ pixels).T, mode="economic")[0]
