"""The fine noise of images is measured apart from their anatomy, and what is lacking is put back at its gray level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from helpers.generators.grain import CENTRES, LEVELS, add_grain, lacking, measure_grain


def _smooth(n, size=64, seed=1):
    """Smooth pictures in 0..1 with every gray level between 0.1 and 0.9."""
    rng = np.random.default_rng(seed)
    fields = gaussian_filter(rng.normal(size=(n, size, size)), (0, 16, 16))
    ranks = fields.reshape(n, -1).argsort(axis=1).argsort(axis=1).reshape(fields.shape)
    return 0.1 + 0.8 * ranks / (size * size - 1)


def _stored(images):
    return np.rint(np.clip(images, 0, 1) * 255).astype(np.uint8)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.004, 0.04), st.integers(0, 100))
def test_white_noise_is_measured_as_it_was_put_in(deviation, seed):
    noise = np.random.default_rng(seed).normal(0, deviation, (40, 64, 64))
    grain = np.array(measure_grain(_stored(_smooth(40) + noise)))
    inside = (CENTRES > 0.2) & (CENTRES < 0.8)
    assert grain[inside] == pytest.approx(np.full(inside.sum(), deviation), rel=0.1, abs=0.0008)


def test_smooth_pictures_and_sharp_edges_have_none():
    assert max(measure_grain(_stored(_smooth(40)))) < 0.5 / 255
    bars = np.zeros((20, 64, 64), np.uint8)
    bars[:, 10:40, 20:50] = 200
    assert max(measure_grain(bars)) == 0


def test_levels_that_do_not_occur_take_the_nearest_one_and_no_pixels_give_no_noise():
    noisy = _stored(0.5 + np.random.default_rng(2).normal(0, 0.01, (10, 64, 64)))
    grain = np.array(measure_grain(noisy))
    assert len(grain) == LEVELS and grain == pytest.approx(np.full(LEVELS, 0.01), rel=0.15)
    assert measure_grain(noisy[:1, :4, :4]) == (0.0,) * LEVELS


def test_what_is_lacking_makes_the_noise_whole_again_at_every_gray_level():
    rng = np.random.default_rng(3)
    wanted = tuple(0.02 * np.sin(np.pi * CENTRES))  # none in black and white, most in the middle
    own = np.full(LEVELS, 0.004)
    images = (_smooth(60) + rng.normal(0, 0.004, (60, 64, 64))).astype(np.float32)
    whole = add_grain(images, rng.normal(size=images.shape).astype(np.float32), lacking(wanted, tuple(own)))
    inside = (CENTRES > 0.2) & (CENTRES < 0.8)
    assert np.array(measure_grain(_stored(whole)))[inside] == pytest.approx(np.array(wanted)[inside], rel=0.12)


def test_nothing_is_taken_away_where_there_is_noise_enough():
    assert lacking((0.01,) * LEVELS, (0.02,) * LEVELS) == (0.0,) * LEVELS
    images = _smooth(2).astype(np.float32)
    assert np.array_equal(add_grain(images, np.ones_like(images), (0.0,) * LEVELS), images)


def test_images_stay_between_black_and_white():
    images = np.array([[[0.0, 1.0]]], np.float32)
    found = add_grain(images, np.array([[[-9.0, 9.0]]], np.float32), (0.5,) * LEVELS)
    assert found.tolist() == images.tolist()
