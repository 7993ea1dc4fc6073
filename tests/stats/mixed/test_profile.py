"""Profile likelihood intervals."""

import numpy as np
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit


def test_the_ends_are_where_the_likelihood_has_fallen_by_half_of_384(crossed):
    """With the effect held at an end, the rest of the response is fitted without it."""
    found = fit("log_time ~ x + (1 | reader)", crossed, "gaussian")
    line = found.profile(["x"]).iloc[0]
    for end in (line["low"], line["high"]):
        held = fit("rest ~ 1 + (1 | reader)", crossed.assign(rest=crossed["log_time"] - end * crossed["x"]), "gaussian")
        assert 2 * (found.log_likelihood - held.log_likelihood) == pytest.approx(3.8415, abs=2e-3)


def test_intervals_hold_the_estimates(crossed):
    for found in (
        fit("correct ~ source + (1 + x | reader) + (1 | case)", crossed),
        fit_ordinal("rating ~ source + x + (1 | reader) + (1 | case)", crossed),
        fit("log_time ~ source + (1 + x | reader)", crossed, "gaussian"),
    ):
        table = found.profile()
        values = [*found.fixed["estimate"], *found.random["standard_deviation"]]
        assert (table["low"] <= np.array(values) + 1e-6).all() and (np.array(values) <= table["high"]).all()
        assert (table.loc[table["group"] != "", "low"] >= 0).all()


def test_a_deviation_of_zero_has_an_upper_end(crossed):
    alike = crossed.assign(correct=[i % 2 for i in range(len(crossed))])
    line = fit("correct ~ 1 + (1 | reader)", alike).profile(["reader"]).iloc[0]
    assert line["low"] == 0 and 0 < line["high"] < 1.5


def test_an_infinite_effect_has_one_finite_end(crossed):
    told = crossed.assign(correct=np.where(crossed["source"] == "real", 1, crossed["correct"]))
    found = fit("correct ~ source + (1 | reader)", told)
    line = found.profile(["source[T.real]"]).iloc[0]
    assert 1 < line["low"] < 20 and line["high"] == np.inf and line["note"] == ""


def test_complete_separation_leaves_what_cannot_be_known_unknown(crossed):
    found = fit("correct ~ source + (1 | reader)", crossed.assign(correct=(crossed["source"] == "gan").astype(int)))
    table = found.fixed.set_index("term")["estimate"]
    assert table["source[T.gan]"] == np.inf and np.isnan(table["source[T.real]"])
    assert found.random["standard_deviation"].isna().all() and found.notes[0].startswith("complete separation")
    line = found.profile(["source[T.real]"]).iloc[0]
    assert (line["low"], line["high"]) == (-np.inf, np.inf) and line["note"].startswith("separation")


def test_restricted_fits_are_profiled_by_maximum_likelihood(crossed):
    tables = [fit("log_time ~ x + (1 | reader)", crossed, "gaussian", reml=reml).profile() for reml in (True, False)]
    assert tables[0]["low"].tolist() == pytest.approx(tables[1]["low"].tolist())


def test_an_unknown_term_is_refused_with_the_known_ones(crossed):
    with pytest.raises(StatisticsError, match="no term y to profile; there is: Intercept, x, reader"):
        fit("correct ~ x + (1 | reader)", crossed).profile(["y"])
