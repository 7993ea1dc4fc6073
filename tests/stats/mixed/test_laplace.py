"""The Laplace likelihood: its gradient, and what it must be in closed form or by integration."""

import numpy as np
import pytest
from scipy import integrate
from scipy.special import expit
from scipy.stats import multivariate_normal

from helpers.stats.mixed.design import build
from helpers.stats.mixed.families import Binomial, CumulativeLogit, Gaussian
from helpers.stats.mixed.formula import parse
from helpers.stats.mixed.laplace import Laplace

RANDOM = [
    "(1|reader) + (1|case)",
    "(x|reader) + (1|case)",
    "(x|case) + (source|reader)",
    "(x||reader) + (1|reader:case)",
]
FAMILIES = ["binomial", "gaussian", "restricted", "ordinal"]


def objective(rows, formula, family):
    design = build(parse(formula), rows)
    if family == "ordinal":
        answers = rows["rating"].to_numpy() + 2
        return Laplace(design.without_intercept(), CumulativeLogit(answers, ("-2", "-1", "0", "1", "2")))
    if family == "binomial":
        return Laplace(design, Binomial(rows["correct"].to_numpy(float), np.ones(len(rows))))
    return Laplace(design, Gaussian(rows["log_time"].to_numpy()), restricted=family == "restricted")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("random", RANDOM)
def test_the_gradient_is_that_of_differences(crossed, random, family):
    found = objective(crossed.assign(y=0), f"y ~ source * x + {random}", family)
    point = np.random.default_rng(5).normal(0.3, 0.4, found.layout.size)
    gradient = found.value_and_gradient(point)[1]
    step = 1e-5
    for place in range(len(point)):
        side = np.zeros_like(point)
        side[place] = step
        rise = found.value_and_gradient(point + side)[0] - found.value_and_gradient(point - side)[0]
        assert gradient[place] == pytest.approx(rise / (2 * step), abs=2e-4, rel=1e-6), place


def test_a_gaussian_likelihood_is_the_normal_density_of_all_rows(crossed):
    found = objective(crossed, "log_time ~ source + (x | reader) + (1 | case)", "gaussian")
    theta, log_sigma, beta = np.array([0.4, 0.5, 0.1, 0.3]), -0.7, np.array([2.0, 0.3, -0.1])
    design = found.design
    case = np.equal.outer(design.random[0].codes, design.random[0].codes)
    reader = np.equal.outer(design.random[1].codes, design.random[1].codes)
    places = {random.term.name: k for k, random in enumerate(design.random)}
    assert places == {"case": 0, "reader": 1}
    slopes = design.random[1].values @ np.array([[theta[1], 0], [theta[2], theta[3]]])
    covariance = theta[0] ** 2 * case + reader * (slopes @ slopes.T) + np.exp(2 * log_sigma) * np.eye(len(crossed))
    wanted = multivariate_normal(design.fixed @ beta, covariance).logpdf(crossed["log_time"])
    assert found.value_and_gradient(np.array([*theta, log_sigma, *beta]))[0] == pytest.approx(wanted)


def test_many_answers_a_group_bring_it_close_to_the_integral(crossed):
    """The error of Laplace's method falls with the answers in each group; 36 each are many."""
    found = objective(crossed, "correct ~ x + (1 | reader)", "binomial")
    theta, beta = 0.8, np.array([0.2, 0.4])
    total = 0.0
    for _, rows in crossed.groupby("reader"):
        sign, fixed = 2 * rows["correct"].to_numpy() - 1, beta[0] + beta[1] * rows["x"].to_numpy()

        def density(u, sign=sign, fixed=fixed):
            return np.prod(expit(sign * (fixed + theta * u))) * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)

        total += np.log(integrate.quad(density, -8, 8, epsabs=0, points=[-1, 0, 1])[0])
    assert found.value_and_gradient(np.array([theta, *beta]))[0] == pytest.approx(total, abs=0.05)


def test_no_variance_leaves_the_plain_likelihood(crossed):
    found = objective(crossed, "correct ~ x + (1 | reader) + (1 | case)", "binomial")
    eta = 0.2 + 0.4 * crossed["x"]
    wanted = np.log(expit(np.where(crossed["correct"] == 1, eta, -eta))).sum()
    assert found.value_and_gradient(np.array([0.0, 0.0, 0.2, 0.4]))[0] == pytest.approx(wanted)


def test_the_last_mode_changes_no_answer(crossed):
    found = objective(crossed, "correct ~ x + (1 | reader) + (1 | case)", "binomial")
    point = np.array([0.9, 0.6, 0.2, 0.4])
    first = found.value_and_gradient(point)
    found.value_and_gradient(point * 5)
    again = found.value_and_gradient(point)
    assert again[0] == pytest.approx(first[0], abs=1e-6) and again[1] == pytest.approx(first[1], abs=1e-4)


def test_impossible_parameters_have_no_likelihood_and_do_not_stop_the_search(crossed):
    found = objective(crossed, "log_time ~ x + (1 | reader)", "gaussian")
    value, gradient = found.value_and_gradient(np.array([1.0, -np.inf, 0.0, 0.0]))
    assert value == -np.inf and not gradient.any()
