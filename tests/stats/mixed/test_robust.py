"""Cluster-robust errors against clubSandwich, sandwich, statsmodels, a closed form and simulated readings."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit

HERE = PROJECT / "tests" / "reference"
EXPECTED = pd.read_csv(HERE / "mixed_quadrature.csv")
READINGS = pd.read_csv(HERE / "mixed_readings.csv")
SLEEP = pd.read_csv(HERE / "published" / "sleepstudy.csv")


def expected(model):
    return EXPECTED.query("model == @model and kind == 'robust_error'")["value"].tolist()


def paired(rows, answer):
    """Pairs of a high and a low answer of the same reader, source and finding: their spread is estimated as zero."""
    ranked = rows.sort_values(["reader", "source", "finding", answer], ignore_index=True)
    cell = ranked.groupby(["reader", "source", "finding"])
    place, size = cell.cumcount(), cell["reader"].transform("size")
    return ranked.assign(
        pair=ranked["reader"] + ranked["source"] + ranked["finding"] + np.minimum(place, size - 1 - place).astype(str)
    )


@pytest.mark.parametrize(
    ("model", "formula", "correction"),
    [
        ("sleepstudy slopes CR0", "Reaction ~ Days + (Days | Subject)", "CR0"),
        ("sleepstudy intercepts CR0", "Reaction ~ Days + (1 | Subject)", "CR0"),
        ("sleepstudy intercepts CR1", "Reaction ~ Days + (1 | Subject)", "CR1"),
    ],
)
def test_gaussian_models_agree_with_clubsandwich(model, formula, correction):
    table = fit(formula, SLEEP, "gaussian").robust("Subject", correction)
    assert table["standard_error"].tolist() == pytest.approx(expected(model), rel=1e-4)
    assert (table["degrees"] == 17).all()


def test_an_unbalanced_gaussian_model_agrees_with_clubsandwich():
    rows = READINGS[READINGS["kept"] == 1]
    table = fit("log_time ~ source + position + (1 | reader)", rows, "gaussian").robust("reader", "CR0")
    assert table["standard_error"].tolist() == pytest.approx(expected("log_time unbalanced CR0"), rel=1e-4)


def test_without_spread_a_logistic_model_is_that_of_clubsandwich_sandwich_and_statsmodels():
    rows = paired(READINGS, "correct")
    found = fit("correct ~ source + finding + (1 | pair)", rows)
    assert found.random["standard_deviation"][0] == 0
    errors = {kind: found.robust("reader", kind)["standard_error"].to_numpy() for kind in ("CR0", "CR1")}
    assert errors["CR0"] == pytest.approx(expected("correct CR0"), rel=1e-4)
    assert errors["CR1"] == pytest.approx(expected("correct CR1"), rel=1e-4)
    design = found.objective.design
    groups = pd.factorize(design.rows["reader"])[0]
    plain = sm.GLM(design.rows["correct"], design.fixed, family=sm.families.Binomial())
    theirs = plain.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}).bse
    assert errors["CR0"] == pytest.approx(theirs, rel=1e-4)


def test_without_spread_an_ordinal_model_is_that_of_sandwich():
    rows = paired(READINGS, "rating")
    found = fit_ordinal("rating ~ source + finding + (1 | pair)", rows)
    assert found.random["standard_deviation"][0] == 0
    table = pd.concat([found.thresholds, found.fixed])
    robust = found.robust("reader", "CR0").set_index("term").loc[table["term"], "standard_error"]
    assert robust.tolist() == pytest.approx(expected("rating CR0"), rel=1e-4)


def test_the_mean_of_clusters_of_one_size_has_the_variance_of_their_means():
    means = SLEEP.groupby("Subject")["Reaction"].mean()
    table = fit("Reaction ~ 1 + (1 | Subject)", SLEEP, "gaussian").robust("Subject")
    assert table["standard_error"][0] == pytest.approx(means.std(ddof=1) / np.sqrt(len(means)), rel=1e-4)


@pytest.mark.parametrize("points", [1, 7])
def test_the_scores_of_clusters_are_the_slopes_of_their_own_likelihoods(crossed, points):
    found = fit("correct ~ source + x + (1 | reader)", crossed, quadrature_points=points)
    point, step = found.estimate.parameters + 0.05, 1e-3
    codes, names = pd.factorize(crossed["reader"], sort=True)
    scores = found.objective.scores(point, codes, len(names))
    for place, name in enumerate(names):
        two = crossed[crossed["reader"].isin([name, names[place - 1]])]
        own = fit("correct ~ source + x + (1 | reader)", two, quadrature_points=points).objective.value_and_gradient
        slopes = [(own(point + step * e)[0] - own(point - step * e)[0]) / (2 * step) for e in np.eye(len(point))]
        assert scores[[place, place - 1]].sum(axis=0) == pytest.approx(slopes, abs=1e-4)
    assert scores.sum(axis=0) == pytest.approx(found.objective.value_and_gradient(point)[1])


def test_intervals_hold_where_the_random_part_is_wrong():
    """Readers differ in their slopes, which the model leaves out: its own intervals cover far too seldom."""
    generator = np.random.default_rng(5)
    readers, each, sets = 20, 10, 150
    rows = pd.DataFrame({"reader": np.repeat(np.arange(readers), each), "x": np.tile([-1.0, 1.0], readers * each // 2)})
    hits = {"model": 0, "robust": 0}
    for _ in range(sets):
        slope = 0.5 + generator.normal(0, 0.8, readers)[rows["reader"]]
        y = generator.normal(0, 0.5, readers)[rows["reader"]] + slope * rows["x"] + generator.normal(size=len(rows))
        found = fit("y ~ x + (1 | reader)", rows.assign(y=y), "gaussian")
        for name, table in (("model", found.fixed), ("robust", found.robust("reader"))):
            hits[name] += table["low"][1] < 0.5 < table["high"][1]
    assert hits["model"] / sets < 0.75 and 0.9 <= hits["robust"] / sets <= 0.99


def test_clusters_may_hold_several_levels_and_an_infinite_effect_has_no_error(crossed):
    rows = crossed.assign(site=crossed["reader"].map(lambda name: name in ("n00", "n01", "n02")))
    table = fit("correct ~ x + (1 | reader)", rows).robust("site")
    assert (table["degrees"] == 1).all() and (table["standard_error"] > 0).all()
    rows.loc[rows["source"] == "real", "correct"] = 1
    table = fit("correct ~ source + (1 | reader)", rows).robust("reader").set_index("term")
    assert np.isinf(table.loc["source[T.real]", "estimate"]) and np.isnan(table.loc["source[T.real]", "standard_error"])
    assert table.loc["source[T.gan]", "standard_error"] > 0


@pytest.mark.parametrize(
    ("formula", "column", "correction", "message"),
    [
        ("correct ~ source + (1 | reader) + (1 | case)", "reader", "CR1", "rows of one case lie in several levels of"),
        ("correct ~ source + (1 | reader)", "hospital", "CR1", "no column 'hospital' to cluster by"),
        ("correct ~ source + (1 | reader)", "gap", "CR1", "column 'gap' has missing values"),
        ("correct ~ source + (1 | reader)", "same", "CR1", "two clusters or more"),
        ("correct ~ source + (1 | reader)", "reader", "CR9", "choose from CR0, CR1"),
    ],
)
def test_clusters_that_cannot_be_used_are_errors_that_say_why(crossed, formula, column, correction, message):
    rows = crossed.assign(gap=[None, *crossed["reader"][1:]], same="one")
    with pytest.raises(StatisticsError, match=message):
        fit(formula, rows).robust(column, correction)


def test_a_restricted_likelihood_is_refused(crossed):
    with pytest.raises(StatisticsError, match="reml=False"):
        fit("log_time ~ source + (1 | reader)", crossed, "gaussian", reml=True).robust("reader")
