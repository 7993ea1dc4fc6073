"""Channels: each answers to its own pattern in its own place."""

import numpy as np
import pytest

from helpers.study.observers.channels import (
    GRID,
    ORIENTATIONS,
    WAVELENGTH,
    channels,
    cue_of,
    gabor_spectrum,
    levels,
    measure,
    working_size,
)
from helpers.tables import CUES


def stripes(size, wavelength, degrees):
    y, x = np.mgrid[0:size, 0:size]
    angle = np.deg2rad(degrees)
    wave = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wavelength)
    return np.rint(127.5 + 100 * wave).astype(np.uint8)


def named(values, size):
    return list(zip(channels(size), values, strict=True))


@pytest.mark.parametrize("size", [32, 64, 256])
def test_there_is_one_value_for_every_channel(size):
    values = measure(np.zeros((2, size, size), np.uint8))
    assert values.shape == (2, len(channels(size))) and np.isfinite(values).all()


@pytest.mark.parametrize("degrees", ORIENTATIONS)
@pytest.mark.parametrize("level", [0, 1])
def test_stripes_excite_the_channels_of_their_angle_and_width_most(degrees, level):
    image = stripes(64, WAVELENGTH * 2**level, degrees)
    found = named(measure(image[None])[0], 64)
    centre = [(c, v) for c, v in found if c.name.startswith("gabor") and (c.row, c.column) == (1, 1)]
    best = max(centre, key=lambda pair: pair[1])[0]
    assert best.name == f"gabor {WAVELENGTH / (64 >> level):.3f} {degrees:.0f}"


def test_energy_is_felt_where_it_is():
    image = np.full((64, 64), 128, np.uint8)
    image[48:, 48:] = stripes(64, WAVELENGTH, 0)[48:, 48:]
    found = named(measure(image[None])[0], 64)
    fine = {(c.row, c.column): v for c, v in found if c.name == f"gabor {WAVELENGTH / 64:.3f} 0"}
    assert max(fine, key=fine.get) == (GRID - 1, GRID - 1)


def test_block_means_are_gray_levels():
    image = np.zeros((1, 64, 64), np.uint8)
    image[0, :8, 56:] = 255
    means = {(c.row, c.column): v for c, v in named(measure(image)[0], 64) if c.name == "mean"}
    assert means.pop((0, 7)) == pytest.approx(1) and set(means.values()) == {0.0}


def test_the_batch_makes_no_difference():
    images = np.random.default_rng(0).integers(0, 256, (70, 32, 32)).astype(np.uint8)
    assert np.allclose(measure(images)[3], measure(images[3:4])[0], atol=1e-5)


def test_the_filter_passes_its_own_wave_and_not_the_mean():
    spectrum = gabor_spectrum(64, 0.0)
    assert spectrum[0, 0] < 0.02
    assert np.abs(np.fft.fftfreq(64)[np.argmax(spectrum[0])] - 1 / WAVELENGTH) < 1 / 64


@pytest.mark.parametrize(("size", "worked"), [(28, 32), (64, 64), (224, 256), (1024, 512)])
def test_images_are_looked_at_in_a_power_of_two(size, worked):
    assert working_size(size) == worked and levels(worked)[0] == worked


def test_every_channel_speaks_for_a_cue_that_readers_may_give():
    assert {channel.cue for channel in channels(64)} == set(CUES) - {"other"}


@pytest.mark.parametrize(
    ("share", "degrees", "row", "column", "cue"),
    [
        (1 / 23, 0, 0, 0, "external_devices"),
        (1 / 23, 0, 1, 1, "image_artefacts"),
        (1 / 11, 90, 1, 0, "bone_structure"),
        (1 / 11, 0, 2, 1, "bone_structure"),
        (1 / 11, 0, 2, 0, "soft_tissue"),
        (1 / 6, 90, 1, 0, "soft_tissue"),
    ],
)
def test_cues_follow_scale_place_and_angle(share, degrees, row, column, cue):
    assert cue_of(share, degrees, row, column) == cue
