"""The latent model: its integrals against scipy's, and its fit against known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from helpers.errors import StatisticsError
from helpers.stats.latent import Latent, band, correlation, covariance, describe, expected_score, fit, mean_of
from helpers.stats.readings import analysed

MARGIN = st.tuples(st.floats(-1.5, 1.5), st.floats(0, 0.8))


@given(MARGIN, MARGIN, st.floats(-0.9, 0.9))
@settings(max_examples=25)
def test_covariance_of_scores_is_that_of_the_bivariate_normal(first, second, rho):
    total = 0.0
    for h in (first[0] - first[1], first[0] + first[1]):
        for k in (second[0] - second[1], second[0] + second[1]):
            both = multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]])
            total += 0.25 * (both - norm.cdf(h) * norm.cdf(k))
    assert covariance(rho, first, second) == pytest.approx(total, abs=2e-5)


@given(MARGIN, MARGIN, st.floats(-0.9, 0.9))
@settings(max_examples=25)
def test_correlation_inverts_covariance(first, second, rho):
    assert correlation(covariance(rho, first, second), first, second) == pytest.approx(rho, abs=1e-6)


@given(st.floats(0.02, 0.98), st.floats(0, 1))
def test_the_mean_gives_the_accuracy_asked_for(accuracy, half_width):
    assert expected_score(mean_of(accuracy, half_width), half_width) == pytest.approx(accuracy)


def test_fit_recovers_the_shares_of_a_large_study(simulate):
    """Mean over four studies of 30 readers x 160 cases; true shares reader 0.2, case 0.288, band 0.27."""
    fits = [
        fit(analysed(simulate(seed=s, readers=30, cases_per_cell=20, reader_sd=0.5), "realism_pair")) for s in range(4)
    ]
    assert np.mean([f.reader for f in fits]) == pytest.approx(0.2, abs=0.05)
    assert np.mean([f.case for f in fits]) == pytest.approx(0.288, abs=0.05)
    assert np.mean([f.reader_by_source for f in fits]) < 0.02
    assert np.mean([f.band for f in fits]) == pytest.approx(0.3 / np.sqrt(1.25), abs=0.03)


def test_fit_tells_reader_by_source_from_reader(simulate):
    table = simulate(readers=30, cases_per_cell=15, reader_sd=0.5)
    other = simulate(seed=99, readers=30, cases_per_cell=15, reader_sd=0.5)
    rows = analysed(table, "realism_pair")
    apart = analysed(other, "realism_pair")
    apart = apart[apart["source"] == "diffusion"]
    both = fit(rows[rows["source"] == "gan"].merge(apart, how="outer"))  # two sources, other skills in each
    assert both.reader_by_source > 0.08 and both.reader < 0.1


def test_one_reader_cannot_be_fitted_and_one_source_has_no_reader_by_source(readings):
    rows = analysed(readings, "realism_pair")
    with pytest.raises(StatisticsError, match="one reader.*assumed"):
        fit(rows[rows["reader"] == "reader-1"])
    assert fit(rows[rows["source"] == "gan"]).reader_by_source == 0


def test_a_reader_without_enough_cases_of_a_source_is_named_as_the_problem(readings):
    rows = analysed(readings, "realism_pair")
    few = rows[~((rows["reader"] == "reader-1") & (rows["source"] == "gan"))]
    with pytest.raises(StatisticsError, match="fewer than two cases of a source"):
        fit(few)


@pytest.mark.parametrize("right", [0, 1])
def test_answers_all_alike_still_give_a_model(readings, right):
    rows = analysed(readings, "realism_pair")
    alike = fit(rows.assign(correct=np.int64(right)))
    assert alike.reader == 0 and alike.case == 0 and alike.rest == 1


def test_nobody_undecided_means_a_narrow_band(simulate):
    rows = analysed(simulate(undetermined_band=0.0), "realism_pair")
    assert band(rows) < 0.02


def test_impossible_shares_are_refused():
    with pytest.raises(StatisticsError, match="sum below 1"):
        Latent(reader=0.5, reader_by_source=0.3, case=0.3, band=0.1)


def test_shares_add_up_to_one():
    table = describe(Latent(0.1, 0.05, 0.2, 0.3), "assumed")
    assert table["share"].sum() == pytest.approx(1) and set(table["origin"]) == {"assumed"}
