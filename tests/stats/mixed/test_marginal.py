"""Population-averaged probabilities and contrasts."""

import numpy as np
import pytest
from scipy.special import expit

from helpers.errors import StatisticsError
from helpers.stats.mixed.glmm import fit


def test_random_effects_are_integrated_out(sloped, crossed):
    """Against a million draws of readers and cases."""
    generator = np.random.default_rng(0)
    deviations = sloped.random.set_index(["group", "term"])["standard_deviation"]
    correlation = sloped.random.set_index(["group", "term"])["correlation"]["reader", "x"]
    first, second, case = generator.standard_normal((3, 4000, 1))
    intercept = deviations["reader", "Intercept"] * first + deviations["case", "Intercept"] * case
    slope = deviations["reader", "x"] * (correlation * first + np.sqrt(1 - correlation**2) * second)
    effects, x = sloped.fixed.set_index("term")["estimate"], crossed["x"].to_numpy()
    fixed = effects["Intercept"] + effects["source[T.gan]"] + effects["x"] * x
    wanted = expit(fixed + intercept + slope * x).mean()
    table = sloped.marginal(["source"]).set_index("source")
    assert table.loc["gan", "probability"] == pytest.approx(wanted, abs=0.008)


def test_without_random_spread_it_is_the_observed_share(crossed):
    alike = crossed.assign(correct=[i % 2 for i in range(len(crossed))])
    table = fit("correct ~ source + (1 | reader)", alike).marginal(["source"])
    assert table["probability"].tolist() == pytest.approx(alike.groupby("source")["correct"].mean().tolist(), abs=1e-6)


def test_a_gaussian_mean_is_averaged_over_the_rows(crossed):
    found = fit("log_time ~ source + x + (1 | reader)", crossed, "gaussian")
    effects = found.fixed.set_index("term")["estimate"]
    table = found.marginal(["source"]).set_index("source")
    assert table.loc["diffusion", "mean"] == pytest.approx(effects["Intercept"] + effects["x"] * crossed["x"].mean())
    line = found.contrasts("source").iloc[0]
    assert (line["first"], line["second"], line["scale"]) == ("diffusion", "gan", "mean")
    assert line["difference"] == pytest.approx(-effects["source[T.gan]"])


def test_several_columns_give_every_combination(crossed):
    table = fit("correct ~ source * finding + (1 | reader)", crossed).marginal(["source", "finding"])
    assert len(table) == 6 and table["probability"].between(0, 1).all()


def test_a_cell_told_without_error_has_a_one_sided_interval(crossed):
    told = crossed.assign(correct=np.where(crossed["source"] == "real", 1, crossed["correct"]))
    found = fit("correct ~ source + (1 | reader)", told)
    line = found.marginal(["source"]).set_index("source").loc["real"]
    assert line["probability"] == pytest.approx(1.0) and line["high"] == 1.0 and 0.9 < line["low"] < 1.0
    assert line["note"].startswith("separation") and np.isnan(line["standard_error"])
    contrasts = found.contrasts("source").set_index(["first", "second", "scale"])
    endless = contrasts.loc[("diffusion", "real", "log odds")]
    assert endless["difference"] == -np.inf and np.isnan(endless["p"]) and "separation" in endless["note"]
    assert np.isfinite(contrasts.loc[("diffusion", "gan", "log odds"), "standard_error"])


def test_the_one_sided_interval_of_alike_readers_is_that_of_independent_answers(crossed):
    """With no spread the likelihood of n right answers is p^n: it falls by 1.92 at p = exp(-1.92 / n)."""
    rows = crossed.assign(correct=[i % 2 for i in range(len(crossed))])
    rows.loc[rows["source"] == "real", "correct"] = 1
    found = fit("correct ~ source + (1 | reader)", rows)
    assert found.random["standard_deviation"][0] == 0
    line = found.marginal(["source"]).set_index("source").loc["real"]
    assert line["low"] == pytest.approx(np.exp(-1.9207 / (rows["source"] == "real").sum()), abs=1e-3)


def test_a_column_without_a_fixed_effect_is_refused(sloped):
    with pytest.raises(StatisticsError, match="no fixed effect of 'finding'.*choose from: source, x"):
        sloped.marginal(["finding"])
    with pytest.raises(StatisticsError, match="no fixed effect of nothing"):
        sloped.marginal([])
