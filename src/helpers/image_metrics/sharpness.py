"""Are images as sharp as real ones? Power spectra by band of spatial frequency, compared with real images."""

from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
from scipy import fft

from helpers.image_metrics.comparison import COLUMNS, Halves, Images, equal_draws, halved
from helpers.image_metrics.images import in_range, read_images
from helpers.tables import REAL

# Edges of the bands in cycles per pixel; 0.5 is the finest stripe that pixels can show, 0.25 is half as fine.
EDGES = (0.02, 0.04, 0.06, 0.09, 0.125, 0.18, 0.25, 0.35, 0.5)
BANDS = tuple(pairwise(EDGES))
METRIC = "power_ratio"
CHUNK = 128
NOT_GIVEN = "not given: too few images in some cell, or images too small for this band"


def metric_of(band: tuple[float, float]) -> str:
    """Name of a band in the metrics table, by cycles per 1,000 pixels: ``power_ratio_020_040``."""
    return f"{METRIC}_" + "_".join(f"{1000 * edge:03.0f}" for edge in band)


def band_powers(images: np.ndarray) -> np.ndarray:
    """Mean power in each of ``BANDS`` of gray images (n, side, side) in 0..1: float64 (n, bands).

    The squared modulus of the Fourier transform of the image minus its mean under a Hann window, over the window's sum
    of squares (Welch 1967, eq. 6-8), averaged over all directions. For white noise it is the variance in every band.
    NaN for a band in which images of this side have no frequency.
    """
    side = images.shape[-1]
    window = np.outer(*2 * [np.hanning(side + 1)[:-1].astype(np.float32)])
    bins = _bins(side)
    weights = bins / np.maximum(bins.sum(axis=0), 1)
    powers = []
    for start in range(0, len(images), CHUNK):
        part = images[start : start + CHUNK].astype(np.float32)
        spectrum = fft.rfft2((part - part.mean(axis=(1, 2), keepdims=True)) * window)
        power = (spectrum.real**2 + spectrum.imag**2).reshape(len(part), -1) / (window**2).sum()
        powers.append(power.astype(np.float64) @ weights)
    return np.where(bins.any(axis=0), np.concatenate(powers), np.nan)


def _bins(side: int) -> np.ndarray:
    """Weight of each frequency of ``rfft2`` in each band, (frequencies, bands): 2 if it stands for two."""
    down, across = np.abs(fft.fftfreq(side)), fft.rfftfreq(side)
    radius = np.hypot(down[:, None], across[None])
    twice = np.where((across == 0) | (across == 0.5), 1.0, 2.0) * np.ones((side, 1))
    return np.stack([(twice * ((radius >= low) & (radius < high))).ravel() for low, high in BANDS], axis=1)


def read_powers(paths, folder: str | Path, size: int) -> np.ndarray:
    """``band_powers`` of the images of a table at ``size`` pixels, the image size of the run.

    ``paths`` are relative to ``folder``. Raises ImageError and MetricError as ``read_images`` does.
    """
    images = read_images(paths, folder, size, "Spectra")
    parts = [band_powers(in_range(images[start : start + CHUNK])) for start in range(0, len(images), CHUNK)]
    return np.concatenate(parts)


def sharpness_table(real: Images, synthetic: dict[str, Images], halves: Halves, seed: int) -> pd.DataFrame:
    """Power of every source divided by that of real images, by band, as a tidy table; 1 is as sharp as real images.

    The features of the sets are ``band_powers``. In every halving the mean power of n images is divided by that of
    real images of the other half of the patients, with equal numbers from every cell; value, low and high are the
    median and the 95 % range over the halvings, for real images too. Columns as in ``compare``.
    """
    sets = {REAL: real} | synthetic
    ratios, counts = {name: [] for name in sets}, []
    for repeat in range(halves.repeats):
        rngs = {name: np.random.default_rng([seed, repeat, 21, crc32(name.encode())]) for name in sets}
        drawn, reference = equal_draws(sets, *halved(sets, rngs), halves, rngs)
        for name, rows in drawn.items():
            ratios[name].append(sets[name].features[rows].mean(axis=0) / real.features[reference].mean(axis=0))
            counts.append(len(rows))
    n, rows = int(np.median(counts or [0])), []
    given = f"median and 95 % range of {halves.repeats} random halvings; mean power over that of other real images"
    for place, band in enumerate(BANDS):
        for name, found in ratios.items():
            values = np.array([ratio[place] for ratio in found])
            known = len(values) > halves.repeats // 2 and np.isfinite(values).all()
            low, value, high = np.percentile(values, [2.5, 50, 97.5]) if known else (np.nan,) * 3
            method = given if known else NOT_GIVEN
            rows.append((name, None, None, metric_of(band), value, low, high, n if known else 0, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})
