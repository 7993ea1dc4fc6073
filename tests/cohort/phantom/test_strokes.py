from dataclasses import replace

import numpy as np
import pytest

from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient
from helpers.cohort.phantom.strokes import bow, draw, smooth, to_pixels

PATIENT = replace(draw_patient(np.random.default_rng(2)), tilt=0.0, offset=0.0, field=40.0, top=5.0)


@pytest.mark.parametrize("size", [64, 256])
@pytest.mark.parametrize("width", [0.05, 0.3])
def test_a_line_holds_its_depth_times_width_on_every_centimetre(size, width):
    grid = make_grid(size)
    drawn = draw(PATIENT, grid, [([(-5, 5), (0, 10), (5, 10)], 0.2)], width)
    volume = drawn.sum() * (40.0 / grid.n) ** 2
    assert volume == pytest.approx(0.2 * (np.hypot(5, 5) + 5), rel=0.01)


def test_a_line_lies_between_its_corners():
    grid = make_grid(128)
    drawn = draw(PATIENT, grid, [([(-4, 10), (8, 10)], 0.2)], 0.05)
    rows, columns = np.nonzero(drawn > 0.05 * drawn.max())
    (left, right), row = (
        (to_pixels(PATIENT, grid, np.array(x), np.array(10.0))[0] for x in (-4, 8)),
        (10 + 5) / 40 * 128,
    )
    assert columns.min() == pytest.approx(left, abs=1) and columns.max() == pytest.approx(right, abs=1)
    assert np.abs(rows - row).max() < 3


def test_a_line_on_the_film_does_not_move_with_the_patient():
    moved = replace(PATIENT, offset=3.0, top=9.0, tilt=4.0)
    stroke = [([(3, 5), (6, 8)], 0.2)]
    still = [draw(patient, make_grid(64), stroke, 0.1, on_film=True) for patient in (PATIENT, moved)]
    np.testing.assert_array_equal(*still)
    assert not np.array_equal(draw(PATIENT, make_grid(64), stroke, 0.1), draw(moved, make_grid(64), stroke, 0.1))


def test_nothing_to_draw_is_an_empty_map():
    assert draw(PATIENT, make_grid(64), [], 0.1).max() == 0


def test_a_bow_starts_and_ends_where_asked_and_sags_in_the_middle():
    course = bow((0, 0), (10, 0), 2.0, 25)
    np.testing.assert_allclose(course[[0, -1]], [(0, 0), (10, 0)], atol=1e-9)
    assert course[12] == pytest.approx((5, 2.0))


def test_a_smooth_curve_passes_its_corners_without_a_kink():
    corners = np.array([(0, 0), (3, 4), (3, 9), (-1, 12)])
    course = smooth(corners, 400)
    assert all(np.hypot(*(course - corner).T).min() < 0.05 for corner in corners)
    ways = np.diff(course, axis=0)
    turns = np.abs(np.diff(np.unwrap(np.arctan2(*ways.T))))
    assert turns.max() < 0.1
