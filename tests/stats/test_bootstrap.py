"""Case bootstrap: what is drawn together, and whether intervals cover as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.stats.bootstrap import case_samples, interval
from helpers.stats.intraclass import icc
from helpers.stats.kappa import gwet_ac


def mean_of(scores, weights):
    with np.errstate(invalid="ignore"):  # a sample without any rating has no mean
        return weights @ scores / weights.sum(axis=1)


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=20), st.integers(0, 100))
def test_ratings_of_one_case_are_drawn_together_and_as_many_cases_as_there_are(cases, seed):
    weights = case_samples(cases, seed, 20)
    first = [cases.index(case) for case in sorted(set(cases))]
    for case in set(cases):
        same = [place for place, name in enumerate(cases) if name == case]
        assert (weights[:, same] == weights[:, same[:1]]).all()
    assert (weights[0] == 1).all() and (weights[1:21, first].sum(axis=1) == len(first)).all()
    assert (weights[21:, first] == 1 - np.eye(len(first))).all()


def test_the_same_seed_gives_the_same_samples():
    assert (case_samples(list("abc"), 3, 10) == case_samples(list("abc"), 3, 10)).all()
    assert (case_samples(list("abc"), 3, 10) != case_samples(list("abc"), 4, 10)).any()


def test_many_cases_are_left_out_in_parts():
    weights = case_samples(np.arange(1000), 1, 5)
    assert weights.shape == (1 + 5 + 200, 1000) and (weights[6:].sum(axis=1) == 995).all()


def test_the_interval_of_a_mean_of_evenly_spread_scores_is_students():
    scores = stats.norm.ppf((np.arange(30) + 0.5) / 30)
    low, high = interval(mean_of(scores, case_samples(np.arange(30), 1, 20_000)), 20_000, 30)
    expected = stats.ttest_1samp(scores, 0).confidence_interval()
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.03)


def test_the_interval_agrees_with_scipys_bca_where_cases_are_many():
    scores = np.random.default_rng(2).exponential(size=400)
    low, high = interval(mean_of(scores, case_samples(np.arange(400), 1, 20_000)), 20_000, 400)
    expected = stats.bootstrap((scores,), np.mean, n_resamples=20_000, method="BCa", rng=1).confidence_interval
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.006)


@pytest.mark.parametrize("measure", [icc, gwet_ac])
def test_intervals_of_three_readers_and_fifty_cases_cover_as_often_as_they_say(measure):
    bias = np.array([[-0.3], [0.05], [0.4]])

    def draw(generator, cases):
        latent = generator.normal(size=cases) + generator.normal(size=(3, cases))
        return np.clip(np.round(0.85 * latent + bias), -2, 2)

    truth = measure(draw(np.random.default_rng(0), 200_000))[0]
    covered = []
    for seed in range(200):
        ratings = draw(np.random.default_rng([seed, 1]), 50)
        low, high = interval(measure(ratings, case_samples(np.arange(50), seed, 400)), 400, 50)
        covered.append(low <= truth <= high)
    assert 0.90 < np.mean(covered) < 0.99


def test_where_nothing_varies_the_interval_has_no_width_and_without_cases_there_is_none():
    weights = case_samples(list("abcd"), 1, 50)
    assert interval(mean_of(np.ones(4), weights), 50, 4) == (1.0, 1.0)
    assert np.isnan(interval(mean_of(np.ones(1), case_samples(["a"], 1, 50)), 50, 1)).all()
    assert np.isnan(interval(np.full(len(weights), np.nan), 50, 4)).all()
