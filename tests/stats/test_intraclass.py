import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.runs import PROJECT
from helpers.stats.intraclass import icc, icc_interval

REFERENCE = PROJECT / "tests" / "reference"


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(5, 20), st.floats(0, 3))
def test_the_estimate_is_the_one_of_pingouin(seed, raters, cases, spread):
    generator = np.random.default_rng(seed)
    ratings = generator.normal(size=(raters, cases)) + spread * generator.normal(size=cases)
    value, low, high = icc_interval(ratings)
    assert icc(ratings)[0] == pytest.approx(value, abs=1e-9)
    assert low < value < high


def test_mean_squares_of_r_give_the_same_from_the_cases_that_all_raters_rated():
    ratings = pd.read_csv(REFERENCE / "agreement_ratings.csv").drop(columns="case").to_numpy().T
    expected = pd.read_csv(REFERENCE / "agreement_coefficients.csv").set_index("name")["value"]
    assert icc(ratings)[0] == pytest.approx(expected["icc_a1"], abs=1e-12)


def test_it_estimates_the_share_of_variance_that_cases_have():
    """Cases 4, raters 1, rest 1: four in six."""
    generator = np.random.default_rng(1)
    ratings = 2 * generator.normal(size=5000) + generator.normal(size=(100, 1)) + generator.normal(size=(100, 5000))
    assert icc(ratings)[0] == pytest.approx(4 / 6, abs=0.03)


def test_a_rater_who_is_always_higher_lowers_absolute_agreement():
    ratings = np.array([[1.0, 2, 3, 4], [1.0, 2, 3, 4]])
    assert icc(ratings)[0] == pytest.approx(1.0)
    assert icc(ratings + [[0.0], [2.0]])[0] < 0.6


def test_a_weight_is_that_many_copies_of_a_case():
    generator = np.random.default_rng(2)
    ratings, weights = generator.normal(size=(3, 8)), generator.integers(0, 4, (5, 8))
    copies = [icc(np.repeat(ratings, weight, axis=1))[0] for weight in weights]
    np.testing.assert_allclose(icc(ratings, weights), copies)


@pytest.mark.parametrize("ratings", [np.full((3, 6), 1.0), np.ones((1, 6)), np.array([[1.0], [2.0]])])
def test_without_spread_raters_or_cases_there_is_none(ratings):
    assert np.isnan(icc(ratings)).all() and np.isnan(icc_interval(ratings)).all()


def test_the_interval_is_the_one_of_r():
    """Shrout and Fleiss 1979, table 2: 6 cases, 4 raters; ICC(A,1) and its interval as psych's ICC prints them."""
    ratings = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]], dtype=float)
    value, low, high = icc_interval(ratings)
    assert (round(value, 2), round(low, 3), round(high, 2)) == (0.29, 0.019, 0.76)


def test_raters_who_differ_in_their_level_alone_have_no_interval():
    value, low, high = icc_interval(np.array([[1.0, 2, 3, 4], [2.0, 3, 4, 5]]))
    assert value == pytest.approx(icc(np.array([[1.0, 2, 3, 4], [2.0, 3, 4, 5]]))[0])
    assert np.isnan([low, high]).all()


def test_cases_that_a_rater_missed_do_not_count():
    ratings = np.random.default_rng(3).normal(size=(3, 9))
    ratings[1, 4] = np.nan
    assert icc_interval(ratings) == pytest.approx(icc_interval(np.delete(ratings, 4, axis=1)))
