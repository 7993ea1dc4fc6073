"""Estimates at the edge: variances of zero and without bound, and models too rich for their rows."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.glmm import fit


def test_readers_who_do_not_differ_have_a_deviation_of_exactly_zero(crossed):
    alike = crossed.assign(correct=[i % 2 for i in range(len(crossed))])
    found = fit("correct ~ 1 + (1 | reader)", alike)
    assert found.random["standard_deviation"].tolist() == [0.0] and found.singular and found.converged
    assert found.notes[0].startswith("singular fit")


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
