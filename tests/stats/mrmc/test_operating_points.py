"""Calls: sensitivity, specificity, likelihood ratios."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.stats.mrmc import likelihood_ratios, sensitivity_specificity


def test_sensitivity_and_specificity_are_the_two_halves_of_accuracy(rows):
    table = sensitivity_specificity(rows, ["source"]).query("conclusion == 'these readers'")
    assert table.groupby("measure")["cases"].sum().nunique() == 1
    called = rows[(rows["truth"] == 1) & (rows["source"] == "real")]
    expected = called["correct"].astype(float).fillna(0.5).mean()
    line = table.query("measure == 'sensitivity' and source == 'real'")
    assert line["value"].item() == pytest.approx(expected)


def test_without_a_cut_off_a_line_says_so(rows):
    ordered = rows.assign(scale="unknown", correct=np.nan)
    table = sensitivity_specificity(ordered, ["source"])
    assert len(table) == len(sensitivity_specificity(rows, ["source"]))
    assert table["value"].isna().all() and table["note"].str.startswith("not estimable: no cut-off").all()
    ratios = likelihood_ratios(ordered, ["source"])
    assert ratios["value"].isna().all() and ratios["note"].str.startswith("not estimable: no cut-off").all()


def _calls(rows, hits, misses, false_alarms, rejections):
    """Readings of one reader with these four counts, all of them sure."""
    correct = [1] * hits + [0] * misses + [0] * false_alarms + [1] * rejections
    truth = [1] * (hits + misses) + [0] * (false_alarms + rejections)
    table = rows.iloc[[0] * len(truth)].reset_index(drop=True)
    return table.assign(correct=correct, truth=truth, case=[f"case-{i}" for i in range(len(truth))])


def test_likelihood_ratios_are_those_of_the_log_method(rows):
    """Simel et al. 1991: standard error of the log ratio from the four counts."""
    table = likelihood_ratios(_calls(rows, 40, 10, 15, 60), ["source"]).set_index("measure")
    for name, (a, n, b, m) in {"LR+": (40, 50, 15, 75), "LR-": (10, 50, 60, 75)}.items():
        ratio, error = (a / n) / (b / m), np.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
        bounds = ratio * np.exp(np.array([-1, 1]) * 1.959963984540054 * error)
        assert table.loc[name, ["value", "low", "high"]].tolist() == pytest.approx([ratio, *bounds])
    low, high = table.loc["sensitivity", ["low", "high"]]
    assert (low, high) == pytest.approx(proportion_confint(40, 50, method="wilson"))


def test_a_count_of_zero_gets_one_half_added_to_all(rows):
    table = likelihood_ratios(_calls(rows, 20, 0, 0, 20), ["source"]).set_index("measure")
    assert table.loc["LR+", "value"] == pytest.approx((20.5 / 21) / (0.5 / 21))
    assert table.loc["LR+", "standard_error"] == pytest.approx(np.sqrt(1 / 20.5 - 1 / 21 + 1 / 0.5 - 1 / 21))
    assert table.loc[["LR+", "LR-"], "note"].str.contains("0.5 added").all()


def test_a_reader_without_absent_cases_has_a_sensitivity_only(rows):
    table = likelihood_ratios(_calls(rows, 20, 5, 0, 0), ["source"]).set_index("measure")
    assert table.loc["sensitivity", "value"] == 0.8
    assert table.loc[["specificity", "LR+", "LR-"], "value"].isna().all()
    assert table.loc[["specificity", "LR+", "LR-"], "note"].str.contains("not estimable").all()


def test_likelihood_ratios_follow_the_rule_for_undetermined_answers(rows):
    half = likelihood_ratios(rows, ["source"], "half")
    excluded = likelihood_ratios(rows, ["source"], "excluded")
    assert (half["present"] + half["absent"]).sum() == 4 * len(rows)
    assert (excluded["present"] + excluded["absent"]).sum() == 4 * (rows["rating"] != 0).sum()
    ratio = half.pivot_table("value", ["source", "reader"], "measure")
    expected = ratio["sensitivity"] / (1 - ratio["specificity"])
    assert ratio["LR+"].to_numpy() == pytest.approx(expected.to_numpy())
