"""Obuchowski and Rockette's analysis: published numbers, closed forms, and how often it cries wolf."""

import os

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc import all_auc_differences
from helpers.stats.mrmc.covariance import ESTIMATORS
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.obuchowski_rockette import (
    CONCLUSIONS,
    POOLED,
    THESE_CASES,
    analyse,
    differences,
    obuchowski_rockette,
)

FULL = "FULL_SIMULATION" in os.environ  # thousands of simulated studies instead of some hundreds


def test_van_dyke_agrees_with_every_published_number(van_dyke):
    """OR-DBM MRMC 2.51, University of Iowa: trapezoidal areas, jackknife."""
    result = obuchowski_rockette(van_dyke, covariance="jackknife")
    by_reader = result.by_reader.pivot_table("value", "treatment", "reader").to_numpy()
    assert by_reader[0] == pytest.approx([0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066], abs=5e-9)
    assert by_reader[1] == pytest.approx([0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169], abs=5e-9)
    assert result.areas["value"].tolist() == pytest.approx([0.89703704, 0.94083736], abs=5e-9)
    published = {"MS(T)": 0.00479617, "MS(TR)": 0.00055103, "Var(R)": 0.00153500, "Var(TR)": 0.00020040}
    published |= {"Cov1": 0.00034661, "Cov2": 0.00034407, "Cov3": 0.00023903, "Var(Err)": 0.00080229}
    components = result.components.set_index("component")["value"]
    assert components[list(published)].tolist() == pytest.approx(list(published.values()), abs=5.1e-9)
    test, difference = result.test.iloc[0], result.differences.iloc[0]
    assert [test["F"], test["df2"], test["p_value"]] == [pytest.approx(v, abs=e) for v, e in _(4.46, 15.26, 0.0517)]
    assert difference[["value", "standard_error", "low", "high"]].tolist() == pytest.approx(
        [-0.04380, 0.02075, -0.08796, 0.00036], abs=5e-6
    )
    intervals = result.areas[["low", "high"]].to_numpy().ravel()
    assert intervals == pytest.approx([0.82522360, 0.96885048, 0.89413783, 0.98753689], abs=5e-9)


def _(f, degrees, p):
    """Each published number with half a unit of its last digit."""
    return (f, 0.005), (degrees, 0.005), (p, 0.00005)


def test_van_dyke_by_these_readers_agrees_with_the_published_analysis(van_dyke):
    result = obuchowski_rockette(van_dyke, covariance="jackknife", conclusion=THESE)
    assert result.test["F"].item() == pytest.approx(5.47595, abs=5e-6)
    assert result.test["p_value"].item() == pytest.approx(0.0193, abs=5e-5)
    assert result.differences[["low", "high"]].iloc[0].tolist() == pytest.approx([-0.08049, -0.00711], abs=5e-6)


@pytest.mark.parametrize(
    ("covariance", "conclusion", "f", "df2", "p_value", "low", "high"),
    [
        ("delong", LIKE, (4.484854, 6), (15.06611, 5), (0.05123303, 8), -0.0878671960, 0.0002665519),
        ("unbiased", LIKE, (4.489614, 6), (15.03418, 5), (0.0511618, 7), None, None),
        ("delong", THESE_CASES, (8.704, 3), (4, 9), (0.04195875, 8), -0.08502022, -0.00258042),
    ],
)
def test_van_dyke_agrees_with_mrmcaov(van_dyke, covariance, conclusion, f, df2, p_value, low, high):
    """R package MRMCaov, its vignette; each number with the decimals printed there."""
    result = obuchowski_rockette(van_dyke, covariance=covariance, conclusion=conclusion)
    for name, (value, decimals) in {"F": f, "df2": df2, "p_value": p_value}.items():
        assert result.test[name].item() == pytest.approx(value, abs=0.51 * 10**-decimals)
    if low is not None:
        assert result.differences[["low", "high"]].iloc[0].tolist() == pytest.approx([low, high], abs=5.1e-9)


@pytest.mark.parametrize("crossed", [True, False])
def test_the_variance_of_a_difference_is_the_readers_part_and_what_the_cases_share(ratings, crossed):
    """With nested cases nothing is shared between treatments: the two treatments' own variances add up."""
    rows = ratings(3, readers=5, present=(20, 30), absent=(40, 25), crossed=False)
    rows = ratings(3, readers=5, present=20, absent=40, crossed=True) if crossed else rows
    result = obuchowski_rockette(rows)
    areas = result.by_reader.pivot_table("value", "reader", "treatment", sort=False)[["gan", "diffusion"]]
    between = (areas["gan"] - areas["diffusion"]).var() / 5
    component = result.components.set_index("component")["value"]
    if not crossed:
        assert component["Cov1"] == 0 and component["Cov3"] == 0
        own = [(e**2 - v / 5) for e, v in zip(result.areas["standard_error"], areas.var(), strict=True)]
        assert result.differences["standard_error"].item() ** 2 == pytest.approx(between + sum(own))
    shared = 2 * (component["Cov2"] - component["Cov3"])
    assert result.differences["standard_error"].item() ** 2 == pytest.approx(between + max(shared, 0))


@pytest.mark.parametrize("crossed", [True, False])
def test_with_two_treatments_f_is_the_square_of_the_difference_over_its_error(ratings, crossed):
    for conclusion in CONCLUSIONS:
        result = obuchowski_rockette(ratings(4, crossed=crossed), conclusion=conclusion)
        line = result.differences.iloc[0]
        assert result.test["F"].item() == pytest.approx((line["value"] / line["standard_error"]) ** 2)
        assert result.test["p_value"].item() == pytest.approx(line["p_value"])


def test_differences_are_those_of_the_table_with_two_conclusions_where_readers_differ(ratings):
    rows = ratings(5, readers=6, reader_by_source_sd=1.5)
    whole = all_auc_differences(rows).query("conclusion == 'readers like these'").iloc[0]
    line = obuchowski_rockette(rows).differences.iloc[0]
    assert line[["value", "standard_error"]].tolist() == pytest.approx(whole[["value", "standard_error"]].tolist())


def test_three_sources_with_missing_readings_and_unequal_numbers_of_cases(ratings):
    rows = ratings(6, readers=5, sources=("real", "gan", "diffusion"), present=(15, 25, 10), absent=(20, 10, 30))
    result = obuchowski_rockette(rows.sample(frac=0.9, random_state=1))
    assert result.test[["df1", "readers"]].iloc[0].tolist() == [2, 5]
    assert list(zip(result.differences["first"], result.differences["second"], strict=True)) == [
        ("real", "gan"),
        ("real", "diffusion"),
        ("gan", "diffusion"),
    ]
    assert result.differences[["low", "high", "p_value"]].notna().all(axis=None)
    assert (result.components.set_index("component")["value"][["Cov1", "Cov3"]] == 0).all()


@pytest.mark.parametrize("sources", [("gan", "diffusion"), ("real", "gan", "diffusion")])
def test_equal_sources_are_called_different_about_one_time_in_twenty(ratings, sources):
    """Cases nested in sources, unequal in number; readers like these. With FULL_SIMULATION set, 4,000 studies each."""
    sets = 4000 if FULL else 250
    sizes = {"present": (25, 40, 30)[: len(sources)], "absent": (30, 25, 45)[: len(sources)]}
    tests = [
        obuchowski_rockette(ratings(1000 + seed, readers=5, sources=sources, **sizes)).test for seed in range(sets)
    ]
    share = (pd.concat(tests)["p_value"] < 0.05).mean()
    error = np.sqrt(0.05 * 0.95 / sets)
    assert 0.05 - 4 * error - 0.01 < share < 0.05 + 3 * error + 0.005


@pytest.mark.parametrize("rating", ["alike", "apart"])
@pytest.mark.parametrize("covariance", ESTIMATORS)
@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_areas_that_do_not_vary_have_no_test_and_the_note_says_why(ratings, rating, covariance, conclusion):
    rows = ratings(7)
    rows["rating"] = 0 if rating == "alike" else rows["truth"]
    result = obuchowski_rockette(rows, covariance=covariance, conclusion=conclusion)
    for table in (result.test, result.areas, result.differences):
        assert table["note"].str.contains("do not vary").all()
    assert result.differences[["low", "high", "p_value"]].isna().all(axis=None) and result.test["F"].isna().all()


def test_one_reader_speaks_for_no_others(ratings):
    rows = ratings(8, readers=1)
    for conclusion in (LIKE, THESE_CASES):
        result = obuchowski_rockette(rows, conclusion=conclusion)
        assert result.differences["note"].item() == "not estimable: one reader"
        assert np.isnan(result.differences["low"].item())
    assert obuchowski_rockette(rows, conclusion=THESE).differences["low"].notna().all()


def test_a_single_present_case_leaves_only_the_conclusion_about_these_cases(ratings):
    rows = ratings(9, present=1)
    assert "single present or absent case" in obuchowski_rockette(rows).test["note"].item()
    assert np.isfinite(obuchowski_rockette(rows, conclusion=THESE_CASES).test["F"].item())


def test_a_reader_who_did_not_finish_is_left_out_and_counted(ratings):
    rows = ratings(10)
    kept = rows[~((rows["reader"] == "r2") & (rows["source"] == "gan") & (rows["truth"] == 1))]
    result = obuchowski_rockette(kept)
    assert result.test["readers"].item() == 3 and "left out: 1" in result.test["note"].item()
    without = obuchowski_rockette(rows[rows["reader"] != "r2"])
    pd.testing.assert_frame_equal(result.components, without.components)


def test_what_cannot_be_compared_is_refused(ratings):
    rows = ratings(11)
    with pytest.raises(StatisticsError, match="one value, 'gan': nothing to compare"):
        obuchowski_rockette(rows[rows["source"] == "gan"])
    with pytest.raises(StatisticsError, match="choose one of readers like these"):
        obuchowski_rockette(rows, conclusion="everyone")
    with pytest.raises(StatisticsError, match="no reader read present and absent cases of every source"):
        obuchowski_rockette(rows[(rows["source"] == "gan") | (rows["truth"] == 1)])


def test_other_treatments_than_the_source_can_be_compared(ratings):
    rows = ratings(12, sources=("gan",))
    rows["finding"] = np.where(rows["case"].str.endswith(("0", "2", "4", "6", "8")), "effusion", "opacity")
    result = obuchowski_rockette(rows, treatment="finding")
    assert result.areas["treatment"].tolist() == ["effusion", "opacity"]


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_differences_alone_are_those_of_the_whole_analysis(ratings, conclusion):
    rows = ratings(6, readers=5, sources=("real", "gan", "diffusion"), present=(15, 25, 10), absent=(20, 10, 30))
    estimates = area_estimates(rows)
    alone = differences(estimates, conclusion, POOLED)
    pd.testing.assert_frame_equal(alone, analyse(estimates, conclusion, POOLED).differences)
    with pytest.raises(StatisticsError, match="choose one of"):
        differences(estimates, "other readers")
