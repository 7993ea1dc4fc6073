"""The fit of the latent model: its integrals against scipy's, and its shares against known truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.latent import Latent
from helpers.stats.latent_fit import able, correlation, covariance, fit, thresholds
from helpers.stats.mrmc import auc_difference, sample_size
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.pilot import pilot
from helpers.stats.power import design_grid, detectable
from helpers.stats.readings import analysed
from helpers.stats.roe_metz import AREA, draw, grades, means

MARGIN = st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=4)  # distances of the mean above the thresholds


@given(MARGIN, MARGIN, st.floats(-0.9, 0.9))
@settings(max_examples=25)
def test_covariance_of_scores_is_that_of_the_bivariate_normal(first, second, rho):
    both = [[multivariate_normal.cdf([h, k], cov=[[1, rho], [rho, 1]]) for k in second] for h in first]
    expected = np.mean(both) - norm.cdf(first).mean() * norm.cdf(second).mean()
    assert covariance(rho, first, second) == pytest.approx(expected, abs=2e-5)


@given(MARGIN, MARGIN, st.floats(-0.9, 0.9))
@settings(max_examples=25)
def test_correlation_inverts_covariance(first, second, rho):
    assert correlation(covariance(rho, first, second), first, second) == pytest.approx(rho, abs=1e-6)


def test_fit_recovers_the_shares_of_a_large_study(simulate):
    """Mean over four studies of 30 readers x 160 cases; true shares reader 0.2, case 0.288, band 0.27."""
    fits = [
        fit(analysed(simulate(seed=s, readers=30, cases_per_cell=20, reader_sd=0.5), "realism_pair")) for s in range(4)
    ]
    assert np.mean([f.reader for f in fits]) == pytest.approx(0.2, abs=0.05)
    assert np.mean([f.case for f in fits]) == pytest.approx(0.288, abs=0.05)
    assert np.mean([f.reader_by_source for f in fits]) < 0.02
    assert np.mean([f.thresholds for f in fits], axis=0) == pytest.approx(
        0.3 / np.sqrt(1.25) * np.array([-1, 1]), abs=0.03
    )


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
    with pytest.raises(StatisticsError, match="there are 1.*assumed"):
        fit(rows[rows["reader"] == "reader-1"])
    assert fit(rows[rows["source"] == "gan"]).reader_by_source == 0


def test_readers_without_enough_cases_of_a_source_are_left_out(simulate):
    rows = analysed(simulate(readers=4), "realism_pair")
    few = rows[~((rows["reader"] == "reader-1") & (rows["source"] == "gan"))]
    assert able(few) == ["reader-2", "reader-3", "reader-4"]
    whole = rows[rows["reader"] != "reader-1"]
    assert fit(few).case == fit(whole).case and fit(few).reader == fit(whole).reader


def test_readers_without_an_area_on_a_source_are_left_out(simulate):
    rows = analysed(simulate(readers=4), "conditionality")
    lacks = (rows["reader"] == "reader-1") & (rows["source"] == "gan") & (rows["truth"] == 0)
    one_finding = rows[~(lacks & (rows["finding"] == "atelectasis"))]
    assert able(one_finding) == ["reader-2", "reader-3", "reader-4"] and np.isfinite(fit(one_finding).reader)
    assert able(rows[(rows["source"] != "gan") | (rows["truth"] == 1)]) == []


def test_ratings_of_findings_with_one_case_of_a_truth_each_are_too_few(readings):
    rows = analysed(readings, "conditionality")
    first = rows.groupby(["source", "finding", "truth"])["case"].transform("first")
    single = rows[rows["case"] == first]
    assert single["finding"].nunique() > 1 and able(single) == [] != able(rows)
    with pytest.raises(StatisticsError):
        fit(single)


@pytest.mark.parametrize("right", [0, 1])
def test_answers_all_alike_still_give_a_model(readings, right):
    rows = analysed(readings, "realism_pair")
    alike = fit(rows.assign(correct=np.int64(right)))
    assert alike.reader == 0 and alike.case == 0 and alike.rest == 1


def test_nobody_undecided_means_a_narrow_band(simulate):
    rows = analysed(simulate(undetermined_band=0.0), "realism_pair")
    assert thresholds(rows) == pytest.approx((0, 0), abs=0.02)


def rated(latent: Latent, readers: int, cases: int, criterion: float, seed: int) -> pd.DataFrame:
    """Readings of two sources drawn from the model; ``criterion``: standard deviation of what a reader adds to all."""
    evidence = draw(latent, means(AREA, latent, [0.8, 0.7]), readers, cases, 1, np.random.default_rng(seed))
    own = criterion * np.random.default_rng([seed, 1]).standard_normal((readers, 1))
    answers = grades((evidence.cases + evidence.readers + own)[0], latent.thresholds)
    places = np.indices(answers.shape).reshape(4, -1)
    rows = pd.DataFrame(places.T, columns=["source", "truth", "reader", "case"])
    rows["case"] = rows["source"].astype(str) + "-" + rows["truth"].astype(str) + "-" + rows["case"].astype(str)
    rows = rows.assign(source=rows["source"].map({0: "gan", 1: "diffusion"}), reader=rows["reader"].astype(str))
    return rows.assign(task="conditionality", finding="effusion", rating=answers.ravel() - 2)


def test_fit_recovers_the_shares_and_thresholds_of_ratings():
    """Mean over eight studies of 30 readers x 200 cases of each source."""
    true = Latent(0.2, 0.1, 0.3, (-1.2, -0.3, 0.3, 1.2))
    fits = [fit(rated(true, 30, 200, 0.0, seed)) for seed in range(8)]
    for name, tolerance in (("reader", 0.06), ("reader_by_source", 0.05), ("case", 0.04)):
        assert np.mean([getattr(f, name) for f in fits]) == pytest.approx(getattr(true, name), abs=tolerance), name
    assert np.mean([f.thresholds for f in fits], axis=0) == pytest.approx(true.thresholds, abs=0.06)


def test_readers_who_only_differ_in_their_criterion_do_not_differ_in_their_area():
    alike = Latent(0.0, 0.0, 0.2, (-1.2, -0.3, 0.3, 1.2))
    fits = [fit(rated(alike, 30, 200, 0.6, seed)) for seed in range(4)]
    assert np.mean([f.reader + f.reader_by_source for f in fits]) < 0.03
    assert np.mean([f.case for f in fits]) == pytest.approx(0.2, abs=0.05)


def test_ratings_of_one_source_have_no_reader_by_source(readings):
    rows = analysed(readings, "conditionality")
    assert fit(rows[rows["source"] == "gan"]).reader_by_source == 0
    assert len(fit(rows).thresholds) == 4
    one_absent = rows[(rows["truth"] == 1) | (rows["case"] == rows.loc[rows["truth"] == 0, "case"].iloc[0])]
    with pytest.raises(StatisticsError, match="there are 0"):
        fit(one_absent)


def test_the_shares_do_not_depend_on_how_grades_are_numbered(readings):
    ours = readings[(readings["task"] == "conditionality") & ~readings["is_practice"] & readings["repeat_of"].isna()]
    assert fit(ours.assign(rating=ours["rating"] + 3, scale="1..5")) == fit(ours)


def test_ratings_without_grades_are_cut_at_ten_quantiles(readings):
    ours = readings[(readings["task"] == "conditionality") & ~readings["is_practice"] & readings["repeat_of"].isna()]
    noise = np.random.default_rng(1).uniform(0, 0.9, len(ours))
    assert len(fit(ours.assign(rating=ours["rating"] + noise, scale="unknown")).thresholds) == 10


def crossed_ratings(latent: Latent, readers: int, cases: int, seed: int) -> pd.DataFrame:
    """Readings of two sources that show the same cases, drawn from the model."""
    generator = np.random.default_rng(seed)
    evidence = draw(latent, means(AREA, latent, [0.85, 0.85]), readers, cases, 1, generator, crossed=True)
    answers = grades((evidence.cases + evidence.readers)[0], latent.thresholds)
    rows = pd.DataFrame(np.indices(answers.shape).reshape(4, -1).T, columns=["source", "truth", "reader", "case"])
    rows["case"] = rows["truth"].astype(str) + "-" + rows["case"].astype(str)
    rows = rows.assign(source=rows["source"].map({0: "gan", 1: "diffusion"}), reader=rows["reader"].astype(str))
    return rows.assign(task="conditionality", finding="effusion", rating=answers.ravel() - 2)


def test_shared_cases_tell_case_by_source_from_case_and_are_no_share_of_readers():
    true = Latent(0.1, 0.05, 0.3, (-1.2, -0.3, 0.3, 1.2), case_by_source=0.2)
    fits = [fit(crossed_ratings(true, 20, 150, seed)) for seed in range(6)]
    for name, tolerance in (("case", 0.05), ("case_by_source", 0.05), ("reader", 0.05), ("reader_by_source", 0.04)):
        assert np.mean([getattr(f, name) for f in fits]) == pytest.approx(getattr(true, name), abs=tolerance), name


def test_readers_who_use_a_scale_more_widely_have_no_larger_share():
    """Readers with the same areas, some of whom give the ends of the scale only."""
    alike = Latent(0.0, 0.0, 0.2, (-1.2, -0.3, 0.3, 1.2))
    rows = rated(alike, 12, 200, 0.0, 3)
    wide = rows["reader"].isin(sorted(set(rows["reader"]))[:6])
    rows.loc[wide, "rating"] = 2 * np.sign(rows.loc[wide, "rating"])
    found = fit(rows)
    assert found.reader + found.reader_by_source < 0.04


def test_van_dykes_study_is_planned_as_the_closed_form_plans_it(van_dyke):
    """Smallest difference found with power 0.8 by as many readers and cases, for both conclusions."""
    rows = van_dyke.assign(task="conditionality")
    known = pilot(area_estimates(rows))
    model = fit(rows)
    curve = design_grid(model, AREA, 0.919, [0.03, 0.05, 0.07, 0.09], [5], [114], 300, 1, 1, True)
    found = detectable(curve).set_index("conclusion")["difference"]
    for conclusion, tolerance in ((THESE, 0.01), (LIKE, 0.02)):
        plan = sample_size.Plan(conclusion=conclusion)
        expected = sample_size.detectable(known, 5, 114, plan)
        assert found[conclusion] == pytest.approx(expected, abs=tolerance), conclusion
    assert auc_difference(rows, "1", "2")["readers"].eq(5).all()
