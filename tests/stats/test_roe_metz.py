"""Made-up studies: what they are drawn from is what comes out, by closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from helpers.errors import StatisticsError
from helpers.stats.intraclass import icc
from helpers.stats.latent import Latent
from helpers.stats.mrmc import area
from helpers.stats.roe_metz import (
    ACCURACY,
    AREA,
    draw,
    expected_area,
    grades,
    influence,
    means,
    separation_of,
    true_icc,
    true_icc_of,
    true_values,
)

CHOICE, FIVE = (-0.3, 0.3), (-1.2, -0.3, 0.3, 1.2)
FINE = tuple(np.linspace(-6, 6, 4001))
shares = st.tuples(st.floats(0, 0.2), st.floats(0, 0.1), st.floats(0, 0.5))


def answers(latent, mean, readers, cases, sets, seed=1, **options):
    evidence = draw(latent, mean, readers, cases, sets, np.random.default_rng(seed), **options)
    return grades(evidence.cases + evidence.readers, latent.thresholds), evidence


def band(samples: np.ndarray) -> float:
    """Four Monte Carlo standard errors of the mean of independent samples."""
    return 4 * samples.std() / np.sqrt(len(samples))


@given(shares, st.sampled_from([(ACCURACY, CHOICE), (AREA, FIVE)]), st.floats(0.55, 0.9), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_accuracy_and_area_are_the_ones_asked_for(of, kind, value, seed):
    measure, thresholds = kind
    latent = Latent(*of, thresholds)
    mean = means(measure, latent, [value])
    found, evidence = answers(latent, mean, 3, 40, 400, seed)
    by_set = influence(found[:, 0], len(thresholds)).value.mean(axis=-1)
    assert by_set.mean() == pytest.approx(value, abs=band(by_set) + 1e-3)
    own = true_values(latent, mean, evidence.readers)[:, 0]
    assert (by_set - own).mean() == pytest.approx(0, abs=band(by_set - own) + 1e-3)
    assert own.mean() == pytest.approx(value, abs=band(own) + 1e-3)


def test_evidence_has_the_variance_and_the_correlations_of_its_shares():
    latent = Latent(0.15, 0.1, 0.3, FIVE)
    evidence = draw(latent, np.zeros((2, 2)), 2, 4, 40_000, np.random.default_rng(2))
    z = evidence.cases + evidence.readers  # (sets, sources, truths, readers, cases)

    def correlation(one, two):
        return np.corrcoef(one.ravel(), two.ravel())[0, 1]

    assert z.var() == pytest.approx(1, abs=0.01)
    assert correlation(z[:, 0, 0, 0, 0], z[:, 0, 0, 1, 0]) == pytest.approx(0.3, abs=0.02)  # same case
    assert correlation(z[:, 0, 0, 0, 0], z[:, 0, 0, 0, 1]) == pytest.approx(0.25, abs=0.02)  # same reader
    assert correlation(z[:, 0, 0, 0, 0], z[:, 1, 0, 0, 0]) == pytest.approx(0.15, abs=0.02)  # on another source
    assert correlation(z[:, 0, 0, 0, 0], z[:, 0, 1, 0, 1]) == pytest.approx(0, abs=0.02)  # on another truth


def test_crossed_sources_share_their_cases_and_nested_ones_do_not():
    latent = Latent(0.0, 0.0, 0.4, FIVE)
    for crossed, expected in ((True, 0.4), (False, 0.0)):
        evidence = draw(latent, np.zeros((2, 1)), 2, 50, 500, np.random.default_rng(3), crossed=crossed)
        one, two = evidence.cases[:, 0, 0, 0], evidence.cases[:, 1, 0, 1]
        assert np.corrcoef(one.ravel(), two.ravel())[0, 1] == pytest.approx(expected, abs=0.03)


@given(st.floats(-3, 3))
def test_the_area_of_fine_grades_is_that_of_the_binormal_model(separation):
    assert expected_area(separation, FINE) == pytest.approx(norm.cdf(separation / np.sqrt(2)), abs=1e-5)


@given(st.floats(0.02, 0.98))
def test_the_separation_gives_the_area_asked_for_and_mirrors(value):
    assert expected_area(separation_of(value, FIVE), FIVE) == pytest.approx(value)
    assert separation_of(value, FIVE) == pytest.approx(-separation_of(1 - value, FIVE), abs=1e-6)


def test_an_area_of_one_has_no_separation():
    with pytest.raises(StatisticsError, match="area under the curve 1.0"):
        means(AREA, Latent(0, 0, 0, FIVE), [1.0])


@given(st.integers(0, 200), st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_the_influence_of_each_case_is_delongs_component(seed, count):
    latent = Latent(0.1, 0.0, 0.3, FIVE)
    found, _ = answers(latent, means(AREA, latent, [0.7]), 2, 2 * count, 1, seed)
    own = influence(found[0, 0], 4)
    for reader in range(2):
        value, present, absent = area(found[0, 0, 1, reader], found[0, 0, 0, reader])
        assert own.value[reader] == pytest.approx(value)
        scale = np.sqrt(count * (count - 1))
        np.testing.assert_allclose(own.cases[reader] * scale, np.concatenate([absent, present]) - value, atol=1e-12)


def test_the_icc_is_that_of_the_bivariate_normal():
    latent = Latent(0.1, 0.0, 0.5, FIVE)
    both = [[multivariate_normal.cdf([-h, -k], cov=[[1, 0.5], [0.5, 1]]) for h in FIVE] for k in FIVE]
    passed = norm.sf(FIVE)
    shared = np.sum(both) - passed.sum() ** 2
    whole = np.sum(passed * [1, 3, 5, 7]) - passed.sum() ** 2
    assert true_icc(latent) == pytest.approx(shared / whole, abs=1e-4)


def test_estimates_of_the_icc_go_to_its_true_values():
    latent = Latent(0.2, 0.0, 0.5, FIVE)
    found, evidence = answers(latent, np.zeros((1, 1)), 4, 6000, 5)
    own = true_icc_of(latent, evidence.readers[:, 0, 0, :, 0])
    estimates = [icc(ratings.astype(float))[0] for ratings in found[:, 0, 0]]
    assert estimates == pytest.approx(own.tolist(), abs=0.03)
    many = draw(latent, np.zeros((1, 1)), 400, 2, 20, np.random.default_rng(4))
    assert true_icc_of(latent, many.readers[:, 0, 0, :, 0]).mean() == pytest.approx(true_icc(latent), abs=0.01)
