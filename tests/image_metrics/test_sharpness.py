"""Power by band against closed forms: white noise is flat, and a filter leaves the square of its transfer function."""

import numpy as np
import pandas as pd
import pytest

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.image_metrics.comparison import COLUMNS, Halves, Images
from helpers.image_metrics.sharpness import BANDS, METRIC, band_powers, metric_of, read_powers, sharpness_table

SIDE = 64


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(1).normal(0.5, 0.1, (200, SIDE, SIDE)).astype(np.float32)


def filtered(images, transfer):
    """Images whose Fourier transform is multiplied by a function of the frequency in cycles a pixel."""
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None]
    return np.fft.irfft2(np.fft.rfft2(images) * transfer(np.hypot(down, across)), s=(SIDE, SIDE))


def test_white_noise_has_its_variance_in_every_band(noise):
    np.testing.assert_allclose(band_powers(noise).mean(axis=0), 0.01, rtol=0.06)


def test_a_filter_leaves_the_square_of_its_transfer_function(noise):
    blurred = filtered(noise, lambda f: np.exp(-2 * (np.pi * 0.8 * f) ** 2))  # Gaussian blur of 0.8 pixels
    ratio = band_powers(blurred).mean(axis=0) / band_powers(noise).mean(axis=0)
    down, across = np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None]
    radius = np.hypot(down, across)
    expected = [np.exp(-4 * (np.pi * 0.8 * radius[(radius >= a) & (radius < b)]) ** 2).mean() for a, b in BANDS]
    np.testing.assert_allclose(ratio, expected, rtol=0.05)


def test_a_wave_has_its_power_in_its_own_band_whatever_its_direction():
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    waves = [np.cos(2 * np.pi * 0.15 * (x * np.cos(a) + y * np.sin(a))) for a in np.linspace(0, np.pi, 7)]
    powers = band_powers(0.5 + 0.1 * np.array(waves))
    assert (powers.argmax(axis=1) == BANDS.index((0.125, 0.18))).all()
    np.testing.assert_allclose(powers.max(axis=1), powers.max(), rtol=0.15)


def test_brightness_does_not_count_and_contrast_counts_squared(noise):
    powers = band_powers(noise[:5])
    np.testing.assert_allclose(band_powers(noise[:5] + 0.2), powers, rtol=1e-3)
    np.testing.assert_allclose(band_powers(3 * noise[:5]), 9 * powers, rtol=1e-3)


def test_a_band_between_the_frequencies_of_a_small_image_is_unknown():
    powers = band_powers(np.random.default_rng(1).random((2, 16, 16)))
    assert np.isnan(powers[:, 0]).all() and np.isfinite(powers[:, [2, 4, 5, 6, 7]]).all()


def test_images_of_a_table_are_read_at_the_size_of_the_run(tmp_path, noise):
    for number in range(3):
        write_png(tmp_path / f"{number}.png", np.clip(noise[number], 0, 1))
    read = read_powers([f"{number}.png" for number in range(3)], tmp_path, SIDE)
    np.testing.assert_allclose(read, band_powers(noise[:3]), rtol=0.02)


@pytest.fixture(scope="module")
def table(noise):
    def images(pixels):
        cells = {cell: np.arange(place, len(pixels), len(ORIGINAL.cells)) for place, cell in enumerate(ORIGINAL.cells)}
        return Images(band_powers(pixels), cells, np.arange(len(pixels)))

    blurred = filtered(noise[:96], lambda f: np.where(f > 0.25, 0.5, 1.0))
    other = np.random.default_rng(2).normal(0.5, 0.1, (96, SIDE, SIDE))
    halves = Halves(repeats=20, smallest_n=3)
    return sharpness_table(images(noise), {"smooth": images(blurred), "as real": images(other)}, halves, seed=1)


def test_a_source_that_lacks_detail_lies_below_real_images_in_its_fine_bands_only(table):
    values = table.pivot(index="metric", columns="source", values="value")
    fine = [metric_of(band) for band in BANDS if band[0] >= 0.25]
    np.testing.assert_allclose(values.loc[fine, "smooth"], 0.25, rtol=0.1)
    np.testing.assert_allclose(values.drop(index=fine)["smooth"], 1, atol=0.15)
    np.testing.assert_allclose(values[["real", "as real"]], 1, atol=0.15)


def test_real_against_real_has_an_interval_around_one_at_equal_n(table):
    real = table[table["source"] == "real"]
    assert ((real["low"] < 1) & (real["high"] > 1)).all()
    assert table["n"].nunique() == 1 and list(table.columns) == COLUMNS
    assert table["metric"].str.startswith(METRIC).all() and metric_of((0.02, 0.04)) == "power_ratio_020_040"


def test_too_few_images_are_told(noise):
    few = Images(band_powers(noise[:16]), {cell: np.arange(2) for cell in ORIGINAL.cells}, np.arange(16))
    found = sharpness_table(few, {"mine": few}, Halves(repeats=2, smallest_n=5), seed=1)
    assert found["value"].isna().all() and found["method"].str.startswith("not given: too few").all()
    assert isinstance(found, pd.DataFrame) and (found["n"] == 0).all()
