"""MOVER intervals: published examples, closed forms, and where they are asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from helpers.errors import StatisticsError
from helpers.stats.mover import are_near_limits, check_interval, correlation_of, mover_interval


def test_uncorrelated_wilson_intervals_give_the_published_example():
    sides = [(k / n, *proportion_confint(k, n, method="wilson")) for k, n in ((56, 70), (48, 80))]
    assert mover_interval(*sides) == pytest.approx((0.0524, 0.3339), abs=5e-5)  # Newcombe 1998, table II, case (a)


@given(st.floats(-0.9, 0.9), st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_symmetric_sides_give_the_interval_of_the_variance_of_a_difference(correlation, first, second):
    variance = first**2 + second**2 - 2 * correlation * first * second
    low, high = mover_interval((0.6, 0.6 - first, 0.6 + first), (0.5, 0.5 - second, 0.5 + second), correlation)
    assert (low, high) == pytest.approx((0.1 - variance**0.5, 0.1 + variance**0.5))
    assert correlation_of(first**2, second**2, variance) == pytest.approx(correlation, abs=1e-6)


def test_estimates_that_do_not_vary_are_taken_as_uncorrelated():
    np.testing.assert_array_equal(correlation_of(np.array([0.0, 0.1]), np.array([0.1, 0.0]), 0.1), 0.0)


def test_wholly_correlated_equal_sides_leave_no_width():
    low, high = mover_interval((0.6, 0.5, 0.7), (0.4, 0.3, 0.5), 1.0)
    assert (low, high) == pytest.approx((0.2, 0.2))


def test_near_the_limits_means_near_0_or_1():
    assert are_near_limits([0.5, 0.9]) and are_near_limits([0.1, 0.5])
    assert not are_near_limits([0.5, 0.8]) and not are_near_limits([])


def test_an_unknown_interval_is_refused():
    with pytest.raises(StatisticsError, match="interval = 'wald': choose one of student, mover"):
        check_interval("wald")
