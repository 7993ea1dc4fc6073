"""Cumulative logit mixed models."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit

FORMULA = "rating ~ source + (1 | reader) + (1 | case)"


@pytest.fixture(scope="module")
def found(crossed):
    return fit_ordinal(FORMULA, crossed)


def test_two_categories_are_the_binomial_model(crossed):
    single = fit("correct ~ source + (1 | reader) + (1 | case)", crossed)
    ordinal = fit_ordinal("correct ~ source + (1 | reader) + (1 | case)", crossed)
    plain = single.fixed[1:]
    assert ordinal.fixed["estimate"].tolist() == pytest.approx(plain["estimate"].tolist(), abs=1e-4)
    assert ordinal.fixed["standard_error"].tolist() == pytest.approx(plain["standard_error"].tolist(), rel=1e-3)
    assert ordinal.thresholds["estimate"][0] == pytest.approx(-single.fixed["estimate"][0], abs=1e-4)
    assert ordinal.log_likelihood == pytest.approx(single.log_likelihood, abs=1e-5)


def test_turning_the_scale_turns_effects_and_thresholds(found, crossed):
    turned = fit_ordinal(FORMULA, crossed.assign(rating=-crossed["rating"]))
    assert turned.fixed["estimate"].tolist() == pytest.approx((-found.fixed["estimate"]).tolist(), abs=1e-4)
    mirrored = (-found.thresholds["estimate"])[::-1].tolist()
    assert turned.thresholds["estimate"].tolist() == pytest.approx(mirrored, abs=1e-4)


def test_only_the_order_of_the_answers_counts(found, crossed):
    words = pd.Categorical(
        crossed["rating"].map({-2: "e", -1: "d", 0: "c", 1: "b", 2: "a"}), list("edcba"), ordered=True
    )
    assert fit_ordinal(FORMULA, crossed.assign(rating=words)).fixed.equals(found.fixed)
    assert fit_ordinal(FORMULA, crossed.assign(rating=crossed["rating"] * 10)).fixed.equals(found.fixed)


@pytest.mark.parametrize("kind", ["int64", "float64", "Int64"])
def test_an_ordered_categorical_of_numbers_is_those_numbers(found, crossed, kind):
    rating = crossed["rating"].astype(kind)
    ordered = rating.astype(pd.CategoricalDtype(sorted(rating.unique()), ordered=True))
    for column in (rating, ordered):
        other = fit_ordinal(FORMULA, crossed.assign(rating=column))
        assert other.thresholds.equals(found.thresholds) and other.fixed.equals(found.fixed)


def test_thresholds_rise_and_are_named_by_their_neighbours(found):
    assert found.thresholds["term"].tolist() == ["-2|-1", "-1|0", "0|1", "1|2"]
    assert found.thresholds["estimate"].is_monotonic_increasing


def test_an_answer_that_nobody_gave_has_no_threshold(crossed):
    rows = crossed.assign(rating=crossed["rating"].replace(0, 1))
    assert fit_ordinal(FORMULA, rows).thresholds["term"].tolist() == ["-2|-1", "-1|1", "1|2"]


def test_without_fixed_terms_there_are_thresholds_alone(crossed):
    found = fit_ordinal("rating ~ 1 + (1 | reader)", crossed)
    assert found.fixed.empty and len(found.thresholds) == 4 and found.converged


def test_probabilities_of_the_answers_add_up_and_follow_the_effect(found):
    table = found.marginal(["source"])
    assert table.groupby("source")["probability"].sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert ((table["low"] < table["probability"]) & (table["probability"] < table["high"])).all()
    top = table[table["category"] == "2"].set_index("source")["probability"]
    effects = found.fixed.set_index("term")["estimate"]
    assert (top["gan"] > top["diffusion"]) == (effects["source[T.gan]"] > 0)


def test_answers_told_without_error_have_an_infinite_effect(crossed):
    rows = crossed.assign(rating=np.where(crossed["source"] == "real", 2, np.minimum(crossed["rating"], 1)))
    found = fit_ordinal(FORMULA, rows)
    assert found.fixed.set_index("term")["estimate"]["source[T.real]"] == np.inf
    assert np.isfinite(found.fixed.set_index("term")["estimate"]["source[T.gan]"])
    assert not found.converged and any(note.startswith("separation") for note in found.notes)
    table = found.marginal(["source"]).query("source == 'real' and category == '2'")
    assert "separation" in table["note"].item() and np.isnan(table["low"].item())


@pytest.mark.parametrize(
    ("formula", "change", "message"),
    [
        (FORMULA, {"rating": "yes"}, "not text"),
        (FORMULA, {"rating": 1}, "same in all rows"),
        ("rating ~ 0 + source + (1 | reader)", {}, "thresholds need the intercept"),
        ("rating + x ~ source + (1 | reader)", {}, "one column"),
    ],
)
def test_what_cannot_be_fitted_is_an_error_that_says_why(crossed, formula, change, message):
    with pytest.raises(StatisticsError, match=message):
        fit_ordinal(formula, crossed.assign(**change))
