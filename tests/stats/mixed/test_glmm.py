"""Fits of binomial and Gaussian mixed models: what they keep to, what they say, what they refuse."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.results import likelihood_ratio

FORMULA = "correct ~ source * finding + (1 | reader) + (1 | case)"


@pytest.fixture(scope="module")
def found(crossed):
    return fit(FORMULA, crossed)


def test_the_order_of_the_rows_and_the_names_of_the_levels_change_nothing(found, crossed):
    shuffled = crossed.sample(frac=1, random_state=2)
    shuffled["reader"] = shuffled["reader"].map(lambda name: "z" + name[::-1])
    other = fit(FORMULA, shuffled)
    assert other.fixed["estimate"].tolist() == pytest.approx(found.fixed["estimate"].tolist(), abs=1e-5)
    assert other.log_likelihood == pytest.approx(found.log_likelihood, abs=1e-6)


def test_swapping_right_and_wrong_turns_the_signs(found, crossed):
    other = fit(FORMULA, crossed.assign(correct=1 - crossed["correct"]))
    assert other.fixed["estimate"].tolist() == pytest.approx((-found.fixed["estimate"]).tolist(), abs=1e-5)
    assert other.random["standard_deviation"].tolist() == pytest.approx(found.random["standard_deviation"], abs=1e-5)


def test_the_same_rows_give_the_same_bytes(found, crossed):
    again = fit(FORMULA, crossed)
    assert again.fixed.equals(found.fixed) and again.random.equals(found.random)


def test_counts_are_the_same_model_as_their_answers(crossed):
    formula = "correct ~ source + (1 | reader)"
    counts = crossed.groupby(["reader", "source"], as_index=False).agg(right=("correct", "sum"), n=("correct", "size"))
    single, counted = fit(formula, crossed), fit("cbind(right, n - right) ~ source + (1 | reader)", counts)
    assert counted.fixed["estimate"].tolist() == pytest.approx(single.fixed["estimate"].tolist(), abs=1e-5)
    assert counted.fixed["standard_error"].tolist() == pytest.approx(single.fixed["standard_error"].tolist(), rel=1e-4)


def test_the_scale_of_a_covariate_changes_its_effect_and_nothing_else(crossed):
    small = fit("correct ~ x + (x | reader)", crossed)
    large = fit("correct ~ x + (x | reader)", crossed.assign(x=crossed["x"] * 1000))
    assert large.fixed["estimate"][1] * 1000 == pytest.approx(small.fixed["estimate"][1], abs=1e-4)
    assert large.log_likelihood == pytest.approx(small.log_likelihood, abs=1e-5)


def test_a_boolean_or_a_category_may_stand_for_numbers_and_text(found, crossed):
    rows = crossed.assign(correct=crossed["correct"] == 1).astype({"source": "category", "reader": "category"})
    assert fit(FORMULA, rows).fixed["estimate"].tolist() == found.fixed["estimate"].tolist()


def test_the_first_category_is_the_reference(crossed):
    order = pd.CategoricalDtype(["real", "gan", "diffusion", "other"])
    terms = fit("correct ~ source + (1 | reader)", crossed.astype({"source": order})).fixed["term"]
    assert terms.tolist() == ["Intercept", "source[T.gan]", "source[T.diffusion]"]


def test_wald_columns_belong_together(found):
    table = found.fixed
    assert table["z"].tolist() == pytest.approx((table["estimate"] / table["standard_error"]).tolist())
    assert ((table["p"] < 0.05) == ((table["low"] > 0) | (table["high"] < 0))).all()


def test_a_design_without_notes_has_none(found):
    assert found.converged and not found.singular and found.notes == ()


def test_missing_values_are_left_out_and_counted(crossed):
    rows = crossed.astype({"correct": float})
    rows.loc[[3, 7], "correct"] = np.nan
    rows.loc[9, "source"] = None
    rows["idle"] = np.nan
    found = fit(FORMULA, rows)
    assert found.notes == (f"3 of {len(rows)} rows are left out: a value is missing",)
    assert found.fixed.equals(fit(FORMULA, crossed.drop([3, 7, 9])).fixed)


def test_an_empty_cell_drops_its_term_and_says_so(crossed):
    found = fit(FORMULA, crossed[(crossed["source"] != "real") | (crossed["finding"] != "effusion")])
    assert "source[T.real]:finding[T.effusion]" not in found.fixed["term"].tolist()
    assert found.notes[0].startswith("source[T.real]:finding[T.effusion] is left out")
    table = found.marginal(["source", "finding"]).set_index(["source", "finding"])
    assert np.isnan(table.loc[("real", "effusion"), "probability"])
    assert table.loc[("real", "effusion"), "note"].startswith("not estimable")
    assert (table["note"] == "").sum() == 5 and table["low"].notna().sum() == 5


def test_a_column_given_twice_is_dropped_once(crossed):
    found = fit("correct ~ x + twice + (1 | reader)", crossed.assign(twice=2 * crossed["x"]))
    assert found.fixed["term"].tolist() == ["Intercept", "x"] and "twice is left out" in found.notes[0]


def test_readers_who_do_not_differ_have_a_deviation_of_exactly_zero(crossed):
    alike = crossed.assign(correct=[i % 2 for i in range(len(crossed))])
    found = fit("correct ~ 1 + (1 | reader)", alike)
    assert found.random["standard_deviation"].tolist() == [0.0] and found.singular and found.converged
    assert found.notes[0].startswith("singular fit")


def test_one_row_a_level_is_noted(crossed):
    rows = crossed.assign(row=[f"row{i}" for i in range(len(crossed))])
    assert any("one row a level" in note for note in fit("correct ~ x + (1 | row)", rows).notes)


@pytest.mark.parametrize("seed", range(12))
def test_however_few_the_rows_nothing_is_missing_without_a_note(seed):
    generator = np.random.default_rng(seed)
    readers, cases = generator.integers(2, 5), generator.integers(4, 10)
    case, reader = (a.ravel() for a in np.meshgrid(np.arange(cases), np.arange(readers)))
    rows = pd.DataFrame({"reader": reader, "case": case, "source": np.array(["a", "b"])[case % 2]})
    rows["finding"], rows["correct"] = np.array(["p", "q"])[case // 2 % 2], generator.integers(0, 2, len(rows))
    rows["rating"] = generator.integers(-2, 3, len(rows))
    for found in (fit(FORMULA, rows), fit_ordinal(FORMULA.replace("correct", "rating"), rows)):
        told = found.converged or found.notes
        assert told and (found.fixed["standard_error"].notna().all() or "separation" in " ".join(found.notes))
        assert found.marginal(["source", "finding"]).query("low.isna()")["note"].ne("").all()
        assert found.contrasts("source").query("p.isna()")["note"].ne("").all()


def test_a_model_too_rich_for_its_rows_says_so(crossed):
    """Each case is of one source: with case means as fixed effects too, nothing is left for the cases' variance."""
    rows = crossed[crossed["case"] < "n04"]
    found = fit("log_time ~ case + (1 | reader) + (1 | case)", rows, "gaussian", reml=True)
    assert not found.converged and found.notes[-1].startswith("no maximum")


def test_readers_who_tell_all_answers_have_no_finite_deviation_and_no_profile(crossed):
    found = fit("correct ~ 1 + (1 | reader)", crossed.assign(correct=(crossed["reader"] < "n03").astype(int)))
    assert not found.converged and "reader grows without bound" in found.notes[-1]
    with pytest.raises(StatisticsError, match="no profile"):
        found.profile()


def test_restricted_likelihood_gives_the_unbiased_variance_of_balanced_data():
    """One-way balanced analysis of variance: REML equals the mean squares (Searle, Casella, McCulloch 1992, 4.8)."""
    generator = np.random.default_rng(4)
    rows = pd.DataFrame({"g": np.repeat(list("abcdefgh"), 5)})
    rows["y"] = generator.normal(size=40) + np.repeat(generator.normal(0, 1.5, 8), 5)
    means = rows.groupby("g")["y"].mean()
    within = ((rows["y"] - rows["g"].map(means)) ** 2).sum() / 32
    between = 5 * means.var()
    table = fit("y ~ 1 + (1 | g)", rows, "gaussian", reml=True).random
    assert table["standard_deviation"].pow(2).tolist() == pytest.approx([(between - within) / 5, within], rel=1e-5)


@pytest.mark.parametrize(
    ("formula", "change", "family", "message"),
    [
        (FORMULA, {}, "poisson", "choose 'binomial' or 'gaussian'"),
        ("correct ~ sauce + (1 | reader)", {}, "binomial", "no column sauce; there is: reader"),
        ("correct ~ source + (1 | lector)", {}, "binomial", "no column lector"),
        (FORMULA, {"correct": 1}, "binomial", "'correct' is the same in all rows"),
        (FORMULA, {"correct": 2}, "binomial", "must be 0 or 1, but a row has 2"),
        (FORMULA, {"correct": "right"}, "binomial", "'correct' must be numbers"),
        (FORMULA, {"reader": "r1"}, "binomial", "reader has one level; leave it out"),
        (FORMULA, {"source": None}, "binomial", "no row has all of"),
        ("cbind(correct, -correct) ~ 1 + (1 | reader)", {}, "binomial", "whole numbers from 0 up"),
        ("cbind(correct, correct) ~ 1 + (1 | reader)", {}, "gaussian", "cbind"),
        ("log_time ~ source + (1 | reader)", {"log_time": 3.0}, "gaussian", "is the same in all rows"),
        ("log_time ~ source + (1 | reader:case)", {}, "gaussian", "as many effects as there are rows"),
        ("correct ~ source + (0 | reader)", {}, "binomial", "no effect in it"),
    ],
)
def test_what_cannot_be_fitted_is_an_error_that_says_why(crossed, formula, change, family, message):
    with pytest.raises(StatisticsError, match=message):
        fit(formula, crossed.assign(**change), family)


def test_reml_is_refused_for_binomial(crossed):
    with pytest.raises(StatisticsError, match="reml"):
        fit(FORMULA, crossed, reml=True)


def test_likelihood_ratios_compare_only_what_compares(found, crossed):
    smaller = fit("correct ~ source + finding + (1 | reader) + (1 | case)", crossed)
    line = likelihood_ratio(smaller, found).iloc[0]
    assert line["df"] == 2 and 0 <= line["p"] <= 1 and line["note"] == ""
    fewer = fit("correct ~ source * finding + (1 | case)", crossed)
    assert "tested at zero" in likelihood_ratio(fewer, found)["note"][0]
    with pytest.raises(StatisticsError, match="no more parameters"):
        likelihood_ratio(found, smaller)
    with pytest.raises(StatisticsError, match="other rows"):
        likelihood_ratio(fit("correct ~ source + (1 | case)", crossed[5:]), found)
    timed = fit("log_time ~ source + (1 | reader)", crossed, "gaussian", reml=True)
    with pytest.raises(StatisticsError, match="other fixed terms"):
        likelihood_ratio(fit("log_time ~ 1 + (1 | reader)", crossed, "gaussian", reml=True), timed)
    with pytest.raises(StatisticsError, match="one is not"):
        likelihood_ratio(fit("log_time ~ 1 + (1 | reader)", crossed, "gaussian"), timed)
