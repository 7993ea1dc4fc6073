import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.cohort.resampling import resample, weights

sides = st.integers(1, 70)


@settings(max_examples=100, deadline=None)
@given(sides, sides, sides, sides, st.integers(0, 99))
def test_every_shape_becomes_what_pillow_makes_of_it(height, width, tall, wide, seed):
    image = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    peer = np.asarray(Image.fromarray(image).resize((wide, tall), Image.Resampling.BICUBIC))
    made = resample(image, tall, wide)
    assert made.dtype == np.float32
    assert np.abs(made - peer).max() < 1e-6


@pytest.mark.parametrize("shape", [(3056, 2544), (512, 512), (100, 90)])
def test_radiographs_become_what_pillow_makes_of_them(shape):
    image = np.random.default_rng(0).random(shape, dtype=np.float32)
    peer = np.asarray(Image.fromarray(image).resize((213, 256), Image.Resampling.BICUBIC))
    assert np.abs(resample(image, 256, 213) - peer).max() < 1e-6


def test_a_very_long_line_needs_weights_for_its_own_pixels_only():
    made = weights(500_000, 256)
    assert made.nnz < 5 * 500_000
    assert np.allclose(made.sum(axis=1), 1, atol=1e-3)
