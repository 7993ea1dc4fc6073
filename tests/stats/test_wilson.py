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
    assert answers_of(25, 1) == 25 and answers_of(25, 1000) < 100
