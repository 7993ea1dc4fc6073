"""The search finds known maxima, and says where there is none."""

import numpy as np
import pytest

from helpers.stats.mixed.optimise import climb, polish

PEAK = np.array([1.0, -2.0, 0.5])
CURVATURE = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 2.0]])


def hill(point):
    """A log-likelihood that is quadratic, with maximum 7 at PEAK."""
    away = point - PEAK
    return 7.0 - 0.5 * away @ CURVATURE @ away, -CURVATURE @ away


def test_the_maximum_of_a_quadratic_and_its_covariance_are_exact():
    near = climb(hill, np.zeros(3), np.eye(3))
    found = polish(hill, near, np.eye(3))
    assert found.converged
    assert found.parameters == pytest.approx(PEAK, abs=1e-6)
    assert found.value == pytest.approx(7.0)
    assert found.covariance == pytest.approx(np.linalg.inv(CURVATURE), rel=1e-6)


def test_only_the_free_directions_move():
    root = np.eye(3)[:, :2]
    found = polish(hill, climb(hill, np.zeros(3), root), root)
    assert found.parameters[2] == 0
    assert hill(found.parameters)[1][:2] == pytest.approx(0, abs=1e-5)
    assert not found.covariance[2].any()


def test_without_a_free_direction_nothing_moves():
    assert climb(hill, PEAK + 1, np.empty((3, 0))) == pytest.approx(PEAK + 1)


def test_a_saddle_is_not_called_a_maximum():
    def saddle(point):
        return point[0] ** 2 - point[1] ** 2, np.array([2 * point[0], -2 * point[1]])

    assert not polish(saddle, np.zeros(2), np.eye(2)).converged
