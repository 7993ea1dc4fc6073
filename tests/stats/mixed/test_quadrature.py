"""Adaptive Gauss-Hermite quadrature against lme4, ordinal (tests/reference/mixed_quadrature.R) and plain integrals."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.results import likelihood_ratio

HERE = PROJECT / "tests" / "reference"
EXPECTED = pd.read_csv(HERE / "mixed_quadrature.csv")
CBPP = pd.read_csv(HERE / "published" / "cbpp.csv")
WINE = pd.read_csv(HERE / "published" / "wine.csv")
HERDS = "cbind(incidence, size - incidence) ~ C(period) + (1 | herd)"
JUDGES = "rating ~ temp + contact + (1 | judge)"


def expected(model, kind):
    return EXPECTED.query("model == @model and kind == @kind")["value"].tolist()


@pytest.mark.parametrize("points", [2, 5, 9, 25])
def test_cbpp_is_that_of_glmer(points):
    found = fit(HERDS, CBPP, quadrature_points=points)
    name = f"cbpp {points}"
    assert found.converged
    assert found.fixed["estimate"].tolist() == pytest.approx(expected(name, "estimate"), abs=2e-6)
    assert found.fixed["standard_error"].tolist() == pytest.approx(expected(name, "standard_error"), rel=2e-4)
    assert found.random["standard_deviation"].tolist() == pytest.approx(expected(name, "standard_deviation"), abs=2e-6)


@pytest.mark.parametrize("points", [3, 10])
def test_wine_is_that_of_clmm(points):
    found = fit_ordinal(JUDGES, WINE, quadrature_points=points)
    tables = pd.concat([found.thresholds, found.fixed])
    name = f"wine {points}"
    assert tables["estimate"].tolist() == pytest.approx(expected(name, "estimate"), abs=2e-5)
    assert tables["standard_error"].tolist() == pytest.approx(expected(name, "standard_error"), rel=1e-4)
    assert found.random["standard_deviation"].tolist() == pytest.approx(expected(name, "standard_deviation"), abs=1e-5)
    assert found.log_likelihood == pytest.approx(expected(name, "log_likelihood")[0], abs=1e-5)


def test_many_points_are_the_integral_over_each_level():
    found = fit(HERDS, CBPP, quadrature_points=25)
    design, deviation = found.objective.design, found.random["standard_deviation"][0]
    eta = design.fixed @ found.fixed["estimate"].to_numpy()
    family, total = found.objective.family, found.objective.family.constant()
    for level in range(15):
        rows = design.random[0].codes == level
        right, tried, own = family.successes[rows], family.trials[rows], eta[rows]

        def density(u, right=right, tried=tried, own=own):
            shifted = own + deviation * u
            return np.exp(np.sum(right * shifted - tried * np.logaddexp(0, shifted))) * norm.pdf(u)

        total += np.log(quad(density, -8, 8, epsabs=0, epsrel=1e-10)[0])
    assert found.log_likelihood == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("points", [1, 2, 6])
@pytest.mark.parametrize("model", ["binomial", "ordinal", "slopes"])
def test_the_gradient_is_that_of_the_value(crossed, points, model):
    """``x`` as a random slope has loadings of both signs."""
    if model == "ordinal":
        found = fit_ordinal("rating ~ source + (1 | reader)", crossed, quadrature_points=points)
    else:
        effect = "1" if model == "binomial" else "0 + x"
        found = fit(f"correct ~ source + ({effect} | reader)", crossed, quadrature_points=points)
    function = found.objective.value_and_gradient
    point, step = found.estimate.parameters + 0.1, 1e-3
    rise = [(function(point + step * e)[0] - function(point - step * e)[0]) / (2 * step) for e in np.eye(len(point))]
    assert function(point)[1] == pytest.approx(rise, abs=3e-4)


def test_one_point_is_laplace_by_default(crossed):
    plain, one = fit(HERDS, CBPP), fit(HERDS, CBPP, quadrature_points=1)
    assert plain.fixed.equals(one.fixed) and plain.log_likelihood == one.log_likelihood


def test_profiles_margins_and_likelihood_ratios_use_the_same_likelihood():
    larger = fit(HERDS, CBPP, quadrature_points=9)
    smaller = fit("cbind(incidence, size - incidence) ~ 1 + (1 | herd)", CBPP, quadrature_points=9)
    line = likelihood_ratio(smaller, larger).iloc[0]
    assert line["df"] == 3 and line["statistic"] == pytest.approx(2 * (larger.log_likelihood - smaller.log_likelihood))
    profiled = larger.profile(["herd"])
    assert profiled["low"][0] < larger.random["standard_deviation"][0] < profiled["high"][0]
    assert larger.marginal(["period"])["probability"].between(0, 1).all()
    with pytest.raises(StatisticsError, match="other numbers of quadrature points"):
        likelihood_ratio(fit("cbind(incidence, size - incidence) ~ 1 + (1 | herd)", CBPP), larger)


@pytest.mark.parametrize(
    ("formula", "points", "message"),
    [
        ("correct ~ source + (1 | reader) + (1 | case)", 5, "needs one random term"),
        ("correct ~ source + (1 + x | reader)", 5, "needs one random term"),
        ("correct ~ source + (1 | reader)", 0, "quadrature_points=0: must be a whole number from 1 to 50"),
        ("correct ~ source + (1 | reader)", 2.5, "whole number"),
        ("correct ~ source + (1 | reader)", 51, "whole number"),
    ],
)
def test_what_quadrature_cannot_do_is_refused(crossed, formula, points, message):
    with pytest.raises(StatisticsError, match=message):
        fit(formula, crossed, quadrature_points=points)


def test_a_gaussian_model_needs_none(crossed):
    with pytest.raises(StatisticsError, match="is exact"):
        fit("log_time ~ source + (1 | reader)", crossed, "gaussian", quadrature_points=5)
