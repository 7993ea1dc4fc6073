import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.cohort.preprocess import FITS, FileReader, preprocess, read_file, remarks
from helpers.errors import ImageError


def wide_image(height=20, width=40):
    image = np.full((height, width), 0.5, dtype=np.float32)
    image[:, : width // 2] = 1.0
    return image


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(2, 90), st.integers(16, 70), st.sampled_from(FITS), st.integers(0, 99))
def test_any_shape_becomes_a_square_of_the_size_within_0_and_1(height, width, size, fit, seed):
    image = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    square = preprocess(image, size, fit)
    assert square.shape == (size, size)
    assert square.dtype == np.float32
    assert square.min() >= 0.0
    assert square.max() <= 1.0


def test_pad_keeps_the_aspect_ratio_and_adds_black_bars():
    square = preprocess(wide_image(), 20, "pad")
    assert np.all(square[:5] == 0) and np.all(square[-5:] == 0)
    assert np.all(square[5:15] > 0.4)


def test_resize_stretches_the_whole_image():
    square = preprocess(wide_image(), 20, "resize")
    assert np.allclose(square[:, :8], 1.0, atol=0.01)
    assert np.allclose(square[:, 12:], 0.5, atol=0.01)


def test_crop_cuts_the_longer_side_about_the_centre():
    image = wide_image()
    image[:, :10], image[:, 30:] = 0.0, 0.0
    square = preprocess(image, 20, "crop")
    assert square.min() > 0.4


def test_an_image_of_the_right_size_is_not_resampled():
    image = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    assert np.array_equal(preprocess(image, 32, "pad"), image)


def test_making_smaller_averages_a_fine_pattern_instead_of_aliasing_it():
    y, x = np.mgrid[:128, :128]
    square = preprocess(((x + y) % 2).astype(np.float32), 16)
    assert np.abs(square - 0.5).max() < 0.05


def test_window_maps_its_percentiles_to_black_and_white():
    twelve_bit_in_sixteen = np.linspace(0.0, 4095 / 65535, 32 * 32, dtype=np.float32).reshape(32, 32)
    assert preprocess(twelve_bit_in_sixteen, 32).max() < 0.07
    stretched = preprocess(twelve_bit_in_sixteen, 32, window=(1.0, 99.0))
    assert stretched.min() == 0.0
    assert stretched.max() == 1.0
    assert abs(float(np.median(stretched)) - 0.5) < 0.01


def test_a_blank_image_is_refused():
    with pytest.raises(ImageError, match="every pixel has the same value"):
        preprocess(np.full((20, 20), 0.3, np.float32), 16)


def test_a_window_without_width_is_refused():
    image = np.zeros((20, 20), np.float32)
    image[0, 0] = 1.0
    with pytest.raises(ImageError, match="same gray level"):
        preprocess(image, 16, window=(1.0, 99.0))


def test_a_colour_array_is_refused():
    with pytest.raises(ImageError, match=r"shape \(20, 20, 3\)"):
        preprocess(np.zeros((20, 20, 3), np.float32), 16)


def test_a_file_is_read_as_gray_and_nothing_else_is_known(tmp_path):
    Image.fromarray(np.full((4, 6), 51, np.uint8)).save(tmp_path / "a.png")
    image, facts = read_file(str(tmp_path / "a.png"))
    assert image.shape == (4, 6)
    assert np.allclose(image, 0.2)
    assert facts == {}


def test_a_header_is_checked_without_the_pixels(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:300])
    read_file.check(tmp_path / "a.png")
    with pytest.raises(ImageError, match="a.png: cannot be read"):
        read_file(tmp_path / "a.png")
    with pytest.raises(ImageError, match="a.png: larger than 0.001 million"):
        FileReader(0.001).check(tmp_path / "a.png")


def test_12_bit_values_in_16_bits_are_remarked_unless_a_window_is_set():
    dark = np.linspace(0, 4095 / 65535, 100, dtype=np.float32).reshape(10, 10)
    assert "set `window`" in remarks(dark, None)[0]
    assert remarks(dark, (0.5, 99.5)) == remarks(dark * 2, None) == []
