"""Grain: the fine noise of a radiograph, which no denoiser can predict; measured in training images and put back.

A denoiser trained for the mean leaves out what is random from pixel to pixel (quantum noise), unless it is trained and
sampled down to noise levels finer still. What its images lack of it is added as white noise of that strength.
"""

import numpy as np

LEVELS = 16  # of gray between black and white, as the noise depends on how many quanta came through
FEWEST = 200  # squares of pixels from which the noise of a gray level is measured
ROUNDING = 1 / 12 / 255**2  # variance that 8 bits add
CENTRES = (np.arange(LEVELS) + 0.5) / LEVELS


def measure_grain(images: np.ndarray) -> tuple[float, ...]:
    """Standard deviation of the fine noise at each of 16 gray levels, in parts of the range 0..1.

    ``images`` are uint8 (n, height, width). From the diagonal differences within squares of two pixels a side (the
    finest diagonal wavelets of Haar), which show little of smooth anatomy; edges are kept out by a robust estimate
    first (Donoho and Johnstone 1994, Biometrika 81:425) and a cut at three of its deviations. Levels with fewer than
    200 squares have the noise of the nearest level that has more; with none, there is no noise.
    """
    pixels = images[:, : images.shape[1] // 2 * 2, : images.shape[2] // 2 * 2].astype(np.float32) / 255
    a, b, c, d = (pixels[:, i::2, j::2] for i in (0, 1) for j in (0, 1))
    detail, level = np.abs(a - b - c + d).ravel() / 2, ((a + b + c + d) / 4).ravel()
    place, found = np.minimum((level * LEVELS).astype(int), LEVELS - 1), np.full(LEVELS, np.nan)
    for k in range(LEVELS):
        own = detail[place == k]
        if len(own) >= FEWEST:
            within = own[own <= max(3 * np.median(own) / 0.6745, 2 / 255)]
            found[k] = np.sqrt(max(float(np.mean(within**2)) - ROUNDING, 0.0))
    known = np.flatnonzero(np.isfinite(found))
    if not len(known):
        return (0.0,) * LEVELS
    nearest = known[np.abs(np.arange(LEVELS)[:, None] - known).argmin(axis=1)]
    return tuple(float(value) for value in found[nearest])


def lacking(wanted: tuple[float, ...], own: tuple[float, ...]) -> tuple[float, ...]:
    """Noise to add to images that have ``own`` so that they have what is ``wanted``: variances add up."""
    return tuple(float(np.sqrt(max(w**2 - o**2, 0.0))) for w, o in zip(wanted, own, strict=True))


def add_grain(images: np.ndarray, noise: np.ndarray, grain: tuple[float, ...]) -> np.ndarray:
    """Images float32 (n, height, width) in 0..1 with white ``noise`` of unit variance scaled to ``grain`` at their
    gray levels, clipped to 0..1."""
    strength = np.interp(images, CENTRES, grain).astype(np.float32)
    return np.clip(images + strength * noise, 0, 1)
