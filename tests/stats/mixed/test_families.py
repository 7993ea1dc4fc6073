"""Derivatives of the families against differences, and their limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.stats.mixed.families import Binomial, CumulativeLogit, Gaussian

ETA = np.array([-2.0, -0.3, 0.0, 0.8, 3.0])
FAMILIES = {
    "binomial": (Binomial(np.array([0.0, 1, 1, 2, 0]), np.array([1.0, 1, 1, 3, 2])), np.empty(0)),
    "gaussian": (Gaussian(np.array([0.2, -1.0, 0.4, 2.0, 2.5])), np.array([-0.3])),
    "cumulative logit": (CumulativeLogit(np.array([0, 1, 2, 3, 3]), ("a", "b", "c", "d")), np.array([-1.0, 0.2, -0.4])),
}
SIDE = 1e-5


@pytest.fixture(params=FAMILIES)
def family(request):
    return FAMILIES[request.param]


def test_score_weight_and_slope_are_the_derivatives_of_the_log_likelihood(family):
    kind, nuisance = family
    here, up, down = (kind.terms(ETA + side, nuisance) for side in (0, SIDE, -SIDE))
    assert here.score == pytest.approx((up.log_likelihood - down.log_likelihood) / (2 * SIDE), abs=1e-6)
    assert here.weight == pytest.approx(-(up.score - down.score) / (2 * SIDE), abs=1e-6)
    assert here.weight_slope == pytest.approx((up.weight - down.weight) / (2 * SIDE), abs=1e-6)


def test_nuisance_derivatives_are_those_of_differences(family):
    kind, nuisance = family
    found = kind.nuisance_terms(ETA, nuisance)
    assert found.score.shape == (len(ETA), len(nuisance))
    for place in range(len(nuisance)):
        side = np.eye(len(nuisance))[place] * SIDE
        up, down = kind.terms(ETA, nuisance + side), kind.terms(ETA, nuisance - side)
        for name in ("log_likelihood", "score", "weight"):
            rise = (getattr(up, name) - getattr(down, name)) / (2 * SIDE)
            assert getattr(found, name)[:, place] == pytest.approx(rise, abs=1e-5)


def test_far_predictors_stay_finite():
    far = np.array([-800.0, 800.0])
    terms = Binomial(np.array([0.0, 1.0]), np.ones(2)).terms(far, np.empty(0))
    assert terms.log_likelihood == pytest.approx(0) and np.isfinite(terms.weight).all()


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=4))
def test_probabilities_of_ordered_answers_sum_to_one_and_match_the_likelihood(nuisance):
    nuisance, answers = np.array(nuisance), np.arange(len(nuisance) + 1)
    kind = CumulativeLogit(answers, tuple(answers))
    eta = np.full(len(answers), 0.4)
    probabilities = kind.probabilities(np.array(0.4), nuisance)
    assert probabilities.sum() == pytest.approx(1)
    assert np.exp(kind.terms(eta, nuisance).log_likelihood) == pytest.approx(probabilities, abs=1e-9)


def test_thresholds_and_nuisance_parameters_are_the_same_thing_twice():
    kind = FAMILIES["cumulative logit"][0]
    thresholds = np.array([-1.5, 0.0, 0.7])
    assert kind.thresholds(kind.nuisance_from(thresholds)) == pytest.approx(thresholds)
