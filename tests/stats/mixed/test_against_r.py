"""Fits of made-up readings against lme4, ordinal and glmmTMB (tests/reference/mixed_models.R), and published ones."""

import re
from functools import cache

import pandas as pd
import pytest

from helpers.runs import PROJECT
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.results import likelihood_ratio

HERE = PROJECT / "tests" / "reference"
READINGS = pd.read_csv(HERE / "mixed_readings.csv")
EXPECTED = pd.read_csv(HERE / "mixed_models.csv", keep_default_na=False)
COUNTS = READINGS.groupby(["reader", "source"], as_index=False).agg(right=("correct", "sum"), all=("correct", "size"))

WHOLE = "correct ~ source * finding + side + position + (1 | reader) + (1 | case)"
TIMED = "log_time ~ source * finding + (1 + synthetic | reader) + (1 | case)"
PLAIN = "log_time ~ source + (1 | reader) + (1 | case)"
MODELS = {
    "crossed": lambda: fit(WHOLE, READINGS),
    "unbalanced": lambda: fit(WHOLE, READINGS[READINGS["kept"] == 1]),
    "singular": lambda: fit("alike ~ source + (1 | reader) + (1 | case)", READINGS),
    "nested": lambda: fit("nested ~ source * finding + (1 | site/reader)", READINGS),
    "sloped": lambda: fit("sloped ~ synthetic + finding + (1 + synthetic | reader) + (1 | case)", READINGS),
    "counted": lambda: fit("cbind(right, all - right) ~ source + (1 | reader)", COUNTS),
    "timed_reml": lambda: fit(TIMED, READINGS, "gaussian", reml=True),
    "timed_ml": lambda: fit(TIMED, READINGS, "gaussian"),
    "timed_plain": lambda: fit(PLAIN, READINGS, "gaussian"),
    "ordinal": lambda: fit_ordinal("rating ~ source * finding + (1 | reader) + (1 | case)", READINGS),
    "ordinal_alike": lambda: fit_ordinal("rating_alike ~ source + (1 | reader) + (1 | case)", READINGS),
}


@cache
def model(name):
    """Each model is fitted once."""
    return MODELS[name]()


def expected(name, kind, package=("lme4", "ordinal")):
    rows = EXPECTED[(EXPECTED["model"] == name) & (EXPECTED["kind"] == kind)]
    rows = rows[rows["package"].str.startswith(package)]
    return dict(zip(rows["term"], rows["value"].astype(float), strict=True))


def as_in_r(term):
    return re.sub(r"\[T\.(.*?)\]", r"\1", term).replace("Intercept", "(Intercept)")


def by_term(found, column):
    tables = pd.concat([found.fixed, found.thresholds])
    return {as_in_r(term): value for term, value in zip(tables["term"], tables[column], strict=True)}


@pytest.mark.parametrize("name", MODELS)
def test_estimates_standard_errors_and_likelihood_are_those_of_r(name):
    found = model(name)
    assert found.converged
    assert by_term(found, "estimate") == pytest.approx(expected(name, "estimate"), abs=1e-3)
    assert by_term(found, "standard_error") == pytest.approx(expected(name, "standard_error"), rel=0.01)
    assert found.log_likelihood == pytest.approx(expected(name, "log_likelihood")[""], abs=1e-2)


@pytest.mark.parametrize("name", MODELS)
def test_random_effects_are_those_of_r(name):
    wanted = {}
    for term, value in expected(name, "random").items():
        group, first, second = term.split("|")
        group = "residual" if group == "Residual" else ":".join(sorted(group.split(":"), reverse=True))
        wanted[(group, second or first, "correlation" if second else "standard_deviation")] = value
    found = {}
    for row in model(name).random.itertuples():
        found[(row.group, as_in_r(row.term), "standard_deviation")] = row.standard_deviation
        if pd.notna(row.correlation):
            found[(row.group, as_in_r(row.term), "correlation")] = row.correlation
    if name == "ordinal_alike":  # R's model leaves out the readers, who do not differ
        assert found.pop(("reader", "(Intercept)", "standard_deviation")) == 0
    assert found == pytest.approx(wanted, abs=2e-3)


def test_a_second_package_agrees():
    found = model("crossed")
    assert by_term(found, "estimate") == pytest.approx(expected("crossed", "estimate", "glmmTMB"), abs=1e-3)
    assert by_term(found, "standard_error") == pytest.approx(expected("crossed", "standard_error", "glmmTMB"), rel=0.01)
    assert found.log_likelihood == pytest.approx(expected("crossed", "log_likelihood", "glmmTMB")[""], abs=1e-2)


def test_singular_fits_are_said_to_be_so_exactly_where_lme4_says_so():
    for name in MODELS:
        flag = expected(name, "singular")
        assert model(name).singular == (bool(flag[""]) if flag else name == "ordinal_alike"), name
        assert any(note.startswith("singular") for note in model(name).notes) == model(name).singular


def test_a_separated_term_is_infinite_and_the_others_are_those_of_r():
    """lme4 stops at some finite value of the separated term; what is not separated must agree."""
    found = fit("told ~ source * finding + (1 | reader) + (1 | case)", READINGS)
    estimates, wanted = by_term(found, "estimate"), expected("separated", "estimate")
    endless = {term for term, value in estimates.items() if abs(value) == float("inf")}
    assert endless == {"sourcereal:findingeffusion"} and estimates["sourcereal:findingeffusion"] > 0
    finite = set(wanted) - endless
    assert {t: estimates[t] for t in finite} == pytest.approx({t: wanted[t] for t in finite}, abs=1e-3)
    errors, wanted = by_term(found, "standard_error"), expected("separated", "standard_error")
    assert {t: errors[t] for t in finite} == pytest.approx({t: wanted[t] for t in finite}, rel=0.01)
    assert found.log_likelihood == pytest.approx(expected("separated", "log_likelihood")[""], abs=1e-2)
    assert not found.converged and any(note.startswith("separation") for note in found.notes)


@pytest.mark.parametrize("name", ["counted", "timed_plain"])
def test_profile_intervals_are_those_of_lme4(name):
    table = model(name).profile()
    deviation = {"reader": "sd_(Intercept)|reader", "case": "sd_(Intercept)|case", "residual": "sigma"}
    names = [deviation.get(row.group, as_in_r(row.term)) for row in table.itertuples()]
    for side in ("low", "high"):
        wanted = expected(name, f"profile_{side}")
        assert dict(zip(names, table[side], strict=True)) == pytest.approx(wanted, rel=2e-3, abs=2e-3)


def test_likelihood_ratio_of_the_interaction_is_that_of_lme4():
    smaller = fit("correct ~ source + finding + side + position + (1 | reader) + (1 | case)", READINGS)
    line = likelihood_ratio(smaller, model("crossed")).iloc[0]
    wanted = 2 * (expected("crossed", "log_likelihood")[""] - expected("crossed", "without_interaction")[""])
    assert line["statistic"] == pytest.approx(wanted, abs=1e-3) and line["df"] == 2


def published(name):
    return pd.read_csv(HERE / "published" / name)


def test_cbpp_agrees_with_lme4():
    """lme4's default tolerance (tolPwrss 1e-7) leaves its published standard errors 1 % low.

    With tolPwrss = 1e-10 lme4 1.1.31, and glmmTMB, give the second line of errors.
    """
    found = fit("cbind(incidence, size - incidence) ~ C(period) + (1 | herd)", published("cbpp.csv"))
    assert found.fixed["estimate"].tolist() == pytest.approx([-1.39834, -0.99193, -1.12822, -1.57975], abs=1e-3)
    assert found.fixed["standard_error"].tolist() == pytest.approx([0.23121, 0.30315, 0.32283, 0.42205], rel=0.015)
    assert found.fixed["standard_error"].tolist() == pytest.approx([0.232472, 0.306642, 0.326637, 0.427436], rel=1e-3)
    assert found.random["standard_deviation"][0] ** 2 == pytest.approx(0.41245, abs=1e-3)


def test_sleepstudy_agrees_with_lme4():
    found = fit("Reaction ~ Days + (Days | Subject)", published("sleepstudy.csv"), "gaussian", reml=True)
    assert found.fixed["estimate"].tolist() == pytest.approx([251.4051, 10.46729], rel=1e-6)
    assert -2 * found.log_likelihood == pytest.approx(1743.628, abs=1e-3)


def test_wine_agrees_with_clmm():
    found = fit_ordinal("rating ~ temp + contact + (1 | judge)", published("wine.csv"))
    assert found.fixed["estimate"].tolist() == pytest.approx([3.0630, 1.8349], abs=1e-4)
    assert found.fixed["standard_error"].tolist() == pytest.approx([0.5954, 0.5125], abs=1e-4)
    assert found.thresholds["estimate"].tolist() == pytest.approx([-1.6237, 1.5134, 4.2285, 6.0888], abs=3e-4)
    assert found.random["standard_deviation"][0] ** 2 == pytest.approx(1.279, abs=1e-3)
    assert found.log_likelihood == pytest.approx(-81.57, abs=5e-3)
