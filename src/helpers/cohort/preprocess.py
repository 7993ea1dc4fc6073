"""Conversion of one original image to one gray square of the run's size."""

from dataclasses import dataclass

import numpy as np

from helpers.cohort.resampling import resample
from helpers.errors import ImageError
from helpers.files import MAX_MEGAPIXELS, opened_image, read_gray

FITS = ("pad", "resize", "crop")
FINER = 2  # a JPEG is decoded to at least this many times the run's size
DARK = 1 / 16


@dataclass(frozen=True)
class FileReader:
    """Reads image files of at most ``max_megapixels`` million pixels."""

    max_megapixels: float = MAX_MEGAPIXELS

    def check(self, source: str) -> None:
        """Raise ImageError naming the file if its header shows that it cannot be read; no pixels are decoded."""
        with opened_image(source, self.max_megapixels):
            pass

    def __call__(self, source: str, size: int | None = None) -> tuple[np.ndarray, dict]:
        """Read an image file: gray float32 in 0..1, shape (height, width), and an empty dictionary of facts.

        ``size`` is the side in pixels to which it will be resized; None reads all pixels.
        """
        return read_gray(source, size and FINER * size, self.max_megapixels), {}


read_file = FileReader()


def remarks(image: np.ndarray, window: tuple[float, float] | None) -> list[str]:
    """What the user should know about an image as read, gray in 0..1, before ``preprocess`` with this window."""
    if window is None and image.max() <= DARK:
        return ["no pixel exceeds 1/16 of white, as in 12-bit data of 16-bit files; set `window`, such as [0.5, 99.5]"]
    return []


def preprocess(image: np.ndarray, size: int, fit: str = "pad", window: tuple[float, float] | None = None) -> np.ndarray:
    """Make a gray image square: float32, shape (size, size), range 0..1.

    ``image`` is float, shape (height, width), range 0..1. ``fit`` says how an aspect ratio other than 1 is handled:
    "pad" keeps it and adds black bars, "resize" stretches, "crop" keeps it and cuts the longer side about the centre.
    ``window`` maps two percentiles of the image, such as (0.5, 99.5), to 0 and 1; None keeps the gray levels.
    Resampling is bicubic with antialiasing (Parmar, Zhang & Zhu 2022, "On aliased resizing and surprising
    subtleties in GAN evaluation"). Raises ImageError for an image without any contrast.
    """
    image = np.asarray(image, dtype=np.float32)
    if image.ndim != 2 or 0 in image.shape:
        raise ImageError(f"not a gray image: shape {image.shape}")
    if image.min() == image.max():
        raise ImageError("blank: every pixel has the same value; replace the image or remove its row")
    if window is not None:
        image = _stretch(image, window)
    if fit == "crop":
        image = _centre_square(image)
    height, width = (size, size) if fit != "pad" else _inside(image.shape, size)
    if image.shape != (height, width):
        image = resample(image, height, width)
    return _pad(np.clip(image, 0.0, 1.0), size)


def _stretch(image: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    low, high = np.percentile(image, window)
    if low == high:
        raise ImageError(f"percentiles {window[0]} and {window[1]} are the same gray level; choose a wider window")
    return np.clip((image - low) / (high - low), 0.0, 1.0).astype(np.float32)


def _centre_square(image: np.ndarray) -> np.ndarray:
    side = min(image.shape)
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    return image[top : top + side, left : left + side]


def _inside(shape: tuple[int, int], size: int) -> tuple[int, int]:
    scale = size / max(shape)
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _pad(image: np.ndarray, size: int) -> np.ndarray:
    square = np.zeros((size, size), dtype=np.float32)
    top, left = (size - image.shape[0]) // 2, (size - image.shape[1]) // 2
    square[top : top + image.shape[0], left : left + image.shape[1]] = image
    return square
