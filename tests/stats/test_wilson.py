"""Wilson's interval with an effective sample size: the textbook's where answers are independent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from helpers.stats.wilson import answers_of, wilson, wilson_p_value


def test_wilson_is_the_textbook_interval_for_independent_answers():
    low, high = wilson(0.7, 0.7 * 0.3 / 50, np.inf, 50)
    assert (low, high) == pytest.approx(proportion_confint(35, 50, method="wilson"))


def test_p_value_and_interval_agree_about_chance():
    for value in np.linspace(0.3, 0.7, 41):
        low, high = wilson(value, 0.004, 7.0, 40)
        assert (wilson_p_value(value, 0.004, 7.0, 40, 0.5) < 0.05) == (not low <= 0.5 <= high)


@given(st.integers(2, 10), st.integers(2, 100), st.floats(0.01, 0.99))
def test_the_interval_stays_within_its_limits_and_holds_the_value(readers, cases, value):
    low, high = wilson(value, value * (1 - value) / cases, readers - 1.0, answers_of(cases, readers))
    assert 0 <= low < value < high <= 1


def test_one_reader_answers_each_case_once_and_many_count_for_at_most_four():
    assert answers_of(60, 1) == 60  # three readers of 20 cases each: as many answers as there are
    assert answers_of(25, 1) == 25 and answers_of(25, 1000) < 100


@pytest.mark.parametrize("between", [0.3, 1.0])
def test_the_part_between_readers_has_the_size_that_each_end_would_have(between):
    """The end x solves (p - x)^2 = t^2 V(x), with V proportional to x (1 - x), between readers to its power 1.5."""
    value, variance, t = 0.9, 0.0009, 2.2281388519649385  # ten degrees of freedom
    for end in wilson(value, variance, 10, 1e9, between):
        ratio = end * (1 - end) / 0.09
        expected = variance * ((1 - between) * ratio + between * ratio**1.5)
        assert (value - end) ** 2 == pytest.approx(t**2 * expected, rel=1e-6)


def test_readers_who_differ_near_one_may_be_much_worse_and_hardly_better():
    plain, apart = (wilson(0.95, 0.0004, 8, 500, between) for between in (0.0, 0.8))
    assert apart[0] < plain[0] and apart[1] < plain[1]


@given(st.floats(0.02, 0.98), st.floats(0.0, 1.0), st.floats(1.0, 30.0), st.floats(0.05, 0.95))
def test_the_p_value_is_small_exactly_where_the_interval_leaves_the_null_out(value, between, degrees, null):
    side = (value, 0.2 * value * (1 - value), degrees, 50)
    low, high = wilson(*side, between)
    if min(abs(null - low), abs(null - high)) > 1e-6:
        assert (wilson_p_value(*side, null, between) < 0.05) == (not low <= null <= high)
