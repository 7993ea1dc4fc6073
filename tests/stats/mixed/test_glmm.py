"""Fits of binomial and Gaussian mixed models: what they keep to, what they say, what they refuse."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit

FORMULA = "correct ~ source * finding + (1 | reader) + (1 | case)"


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


def test_failures_may_be_a_number_less_the_other_count():
    counts = pd.DataFrame({"wrong": [20, 35, 60, 90], "reader": list("abcd"), "x": [0, 1, 0, 1]})
    literal = fit("cbind(wrong, 200 - wrong) ~ x + (1 | reader)", counts)
    column = fit("cbind(wrong, rest) ~ x + (1 | reader)", counts.assign(rest=200 - counts["wrong"]))
    assert literal.fixed.equals(column.fixed) and literal.log_likelihood == column.log_likelihood


def test_an_error_of_the_formula_is_one_plain_line(crossed):
    with pytest.raises(StatisticsError) as error:
        fit("correct ~ 2 + x + (1 | reader)", crossed)
    assert "cannot read '2 + x': Numeric literals" in str(error.value)
    assert str(error.value).isprintable()


def test_a_category_of_numbers_is_those_numbers(crossed):
    formula = "correct ~ source + (1 | reader)"
    categories = crossed.assign(correct=pd.Categorical(crossed["correct"], ordered=True))
    assert fit(formula, categories).fixed.equals(fit(formula, crossed).fixed)


def test_the_scale_of_a_covariate_changes_its_effect_and_nothing_else(crossed):
    small = fit("correct ~ x + (x | reader)", crossed)
    large = fit("correct ~ x + (x | reader)", crossed.assign(x=crossed["x"] * 1000))
    assert large.fixed["estimate"][1] * 1000 == pytest.approx(small.fixed["estimate"][1], abs=1e-4)
    assert large.log_likelihood == pytest.approx(small.log_likelihood, abs=1e-5)


def test_a_boolean_or_a_category_may_stand_for_numbers_and_text(found, crossed):
    rows = crossed.assign(correct=crossed["correct"] == 1).astype({"source": "category", "reader": "category"})
    assert fit(FORMULA, rows).fixed["estimate"].tolist() == found.fixed["estimate"].tolist()


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
