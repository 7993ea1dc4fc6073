"""What a model observer sees in an image: block means and Gabor energies, pooled over a grid of the chest."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import scipy.fft
from PIL import Image

GRID = 4  # energies are pooled in GRID x GRID regions
BLOCKS = 8  # means are taken in BLOCKS x BLOCKS regions
ORIENTATIONS = (0.0, 45.0, 90.0, 135.0)  # of the wave vector, degrees: 0 along x (vertical stripes), 90 along y
WAVELENGTH = 2.8  # pixels, at each level of the pyramid
COARSEST = 16  # pixels per side, at the last level
LARGEST = 512  # pixels per side; larger images are viewed at this size
FINE, BONE = 1 / 16, 1 / 8  # wavelengths below FINE of the image are texture, below BONE the size of ribs
BATCH = 64


@dataclass(frozen=True)
class Channel:
    """One number per image: what it measures, where (row and column of its grid), and the cue that it supports."""

    name: str
    row: int
    column: int
    cue: str


def working_size(size: int) -> int:
    """Side in pixels at which images of this size are viewed: the nearest power of two, at most LARGEST."""
    return int(min(2 ** round(np.log2(size)), LARGEST))


def levels(size: int) -> list[int]:
    """Sides of the pyramid's images, finest first."""
    return [size >> step for step in range(int(np.log2(size))) if size >> step >= COARSEST]


def channels(size: int) -> list[Channel]:
    """The channels of an image of this working size, in the order of ``measure``."""
    found = [Channel("mean", *place, "soft_tissue") for place in np.ndindex(BLOCKS, BLOCKS)]
    for share, degrees in product((WAVELENGTH / side for side in levels(size)), ORIENTATIONS):
        name = f"gabor {share:.3f} {degrees:.0f}"
        found += [Channel(name, *place, cue_of(share, degrees, *place)) for place in np.ndindex(GRID, GRID)]
    return found


def cue_of(share: float, degrees: float, row: int, column: int) -> str:
    """The reason a reader would give for an unusual energy at this wavelength (share of the image), place and angle.

    Fine texture in a corner, where leads and tubes leave the body: external devices; elsewhere: image artefacts.
    At the size of ribs: bone if stripes run as bones do there (ribs and clavicles across the lungs and the top,
    the spine along the middle), soft tissue otherwise. Coarser: soft tissue.
    """
    middle = column in (1, 2)
    if share < FINE:
        return "external_devices" if row in (0, GRID - 1) and not middle else "image_artefacts"
    if share < BONE:
        across, along = degrees in (45.0, 90.0, 135.0), degrees == 0.0
        return "bone_structure" if (across and (not middle or row == 0)) or (along and middle) else "soft_tissue"
    return "soft_tissue"


def measure(images: np.ndarray) -> np.ndarray:
    """Channel values: float64, shape (n, channels), of uint8 images, shape (n, size, size).

    Means are in gray levels from 0 to 1; energies are the logarithm of the mean squared Gabor response of a region.
    """
    size = working_size(images.shape[-1])
    parts = [_measure_batch(images[start : start + BATCH], size) for start in range(0, len(images), BATCH)]
    return np.concatenate(parts) if parts else np.zeros((0, len(channels(size))))


def _measure_batch(images: np.ndarray, size: int) -> np.ndarray:
    if images.shape[-1] != size:
        resized = [Image.fromarray(image).resize((size, size), Image.Resampling.LANCZOS) for image in images]
        images = np.stack([np.asarray(image) for image in resized])
    level = images.astype(np.float32) / 255.0  # (batch, size, size)
    values = [_pooled(level, BLOCKS)]
    for side in levels(size):
        if level.shape[-1] != side:
            level = _halved(level)
        spectrum = scipy.fft.fft2(level - level.mean(axis=(1, 2), keepdims=True))
        for degrees in ORIENTATIONS:
            response = scipy.fft.ifft2(spectrum * gabor_spectrum(side, degrees))
            values.append(np.log(_pooled(response.real**2 + response.imag**2, GRID) + 1e-8))
    return np.concatenate(values, axis=1).astype(np.float64)


@lru_cache
def gabor_spectrum(side: int, degrees: float) -> np.ndarray:
    """Transfer function of a complex Gabor filter, float32 (side, side): a Gaussian around its wave vector.

    One octave wide along the wave vector, 45 degrees across it (at half height), as in Daugman (1985).
    """
    fy, fx = np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side), indexing="ij")
    angle, centre = np.deg2rad(degrees), 1 / WAVELENGTH
    along, across = fx * np.cos(angle) + fy * np.sin(angle), -fx * np.sin(angle) + fy * np.cos(angle)
    half_height = np.sqrt(2 * np.log(2))
    spread_along, spread_across = centre / 3 / half_height, centre * np.tan(np.pi / 8) / half_height
    return np.exp(-(((along - centre) / spread_along) ** 2 + (across / spread_across) ** 2) / 2).astype(np.float32)


def _halved(images: np.ndarray) -> np.ndarray:
    """Images of half the size: means over 2 x 2 pixels."""
    return (images[:, ::2, ::2] + images[:, 1::2, ::2] + images[:, ::2, 1::2] + images[:, 1::2, 1::2]) / 4


def _pooled(images: np.ndarray, regions: int) -> np.ndarray:
    """Means over regions x regions blocks: (n, side, side) -> (n, regions * regions)."""
    count, side, _ = images.shape
    step = side // regions
    return images.reshape(count, regions, step, regions, step).mean(axis=(2, 4)).reshape(count, regions * regions)
