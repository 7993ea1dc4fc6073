"""The tables of a fit, and comparisons of fits."""

import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.results import likelihood_ratio


def test_wald_columns_belong_together(found):
    table = found.fixed
    assert table["z"].tolist() == pytest.approx((table["estimate"] / table["standard_error"]).tolist())
    assert ((table["p"] < 0.05) == ((table["low"] > 0) | (table["high"] < 0))).all()


def test_a_design_without_notes_has_none(found):
    assert found.converged and not found.singular and found.notes == ()


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
