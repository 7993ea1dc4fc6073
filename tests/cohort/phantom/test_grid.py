import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohort.phantom.grid import blur, curve, curve_map, make_grid, smooth_field, splat, wide_blur
from helpers.errors import ParameterError


@given(st.integers(32, 1024))
def test_a_grid_of_any_size_covers_the_square_and_is_drawn_finely_enough(size):
    grid = make_grid(size)
    assert grid.n == grid.across.size == grid.down.size and grid.n >= 128 and grid.n % size == 0
    assert grid.across[0, 0] == pytest.approx(-0.5 + 0.5 / grid.n, abs=1e-6)
    assert grid.down[-1, 0] == pytest.approx(1 - 0.5 / grid.n, abs=1e-6)


@pytest.mark.parametrize("size", [31, 1025, 64.5])
def test_a_size_out_of_range_is_named(size):
    with pytest.raises(ParameterError, match=f"size = {size}"):
        make_grid(size)


def test_shrinking_averages_blocks():
    grid = make_grid(32)  # drawn at 128
    drawing = np.arange(128 * 128, dtype=np.float32).reshape(128, 128)
    assert grid.shrink(drawing)[0, 0] == pytest.approx(drawing[:4, :4].mean())


def test_a_curve_passes_its_knots_and_never_overshoots():
    knots, values = (0.0, 1.0, 2.0, 4.0, 5.0), (0.0, 3.0, 3.0, 7.0, 1.0)
    np.testing.assert_allclose(curve(np.array(knots), knots, values), values, atol=1e-6)
    everywhere = curve(np.linspace(-2, 8, 500), knots, values)
    assert everywhere.max() <= 7 and everywhere.min() >= 0
    np.testing.assert_allclose(curve_map(np.linspace(-2, 8, 500), knots, values), everywhere, atol=0.02)


def test_a_smooth_field_of_equal_numbers_is_flat():
    np.testing.assert_allclose(smooth_field(np.full((9, 9), 3.0), 100), 3.0, rtol=1e-5)


@pytest.mark.parametrize("smooth", [blur, wide_blur])
def test_blurs_keep_a_flat_image_and_spread_a_spot(smooth):
    np.testing.assert_allclose(smooth(np.full((128, 128), 2.0, np.float32), 0.05), 2.0, rtol=1e-5)
    spot = np.zeros((128, 128), np.float32)
    spot[60:68, 60:68] = 1.0
    spread = smooth(spot, 0.05)
    assert spread.sum() == pytest.approx(64.0, rel=0.02) and spread.max() < 0.6
    row, column = np.unravel_index(spread.argmax(), spread.shape)
    assert abs(row - 63.5) < 3 and abs(column - 63.5) < 3


@given(st.lists(st.tuples(st.floats(-20, 60), st.floats(-20, 60)), min_size=1, max_size=20))
def test_splatted_points_keep_their_mass_where_they_lie_inside(points):
    column, row = np.array(points).T
    drawn = splat(column, row, np.ones(len(points)), 40)
    inside = np.sum((column > 0.5) & (column < 39.5) & (row > 0.5) & (row < 39.5))
    near = np.sum((column > -0.5) & (column < 40.5) & (row > -0.5) & (row < 40.5))
    assert drawn.shape == (40, 40) and inside - 1e-3 <= drawn.sum() <= near + 1e-3


def test_many_points_are_drawn_like_few():
    generator = np.random.default_rng(3)
    column, row, mass = generator.uniform(-2, 42, (3, 20_000))
    halves = splat(column[:9000], row[:9000], mass[:9000], 40) + splat(column[9000:], row[9000:], mass[9000:], 40)
    np.testing.assert_allclose(splat(column, row, mass, 40), halves, rtol=1e-4)
