"""Made-up tables that are easily misread, with the values that are right for them (``tests/reference/odd``)."""

import pytest

from helpers.runs import PROJECT
from helpers.stats import models
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc import all_auc_differences, auc, sensitivity_specificity
from helpers.stats.readings import analysed, load
from helpers.tables import CONDITIONALITY

ODD = PROJECT / "tests" / "reference" / "odd"


def rows_of(name: str, scale: str | None = None):
    return analysed(load(ODD / f"{name}.csv", scale=scale), CONDITIONALITY)


def these_calls(rows):
    """Sensitivity and specificity of these readers, by source."""
    calls = sensitivity_specificity(rows, ["source"])
    return calls[calls["conclusion"] == THESE]


@pytest.mark.parametrize(
    ("name", "scale", "sensitivity", "specificity"),
    [
        ("binary_0_1", "0..1", [0.92, 0.89], [0.56, 0.57]),
        ("scale_1_4", "1..4, positive from 3", [0.78, 0.86], [0.67, 0.78]),
    ],
)
def test_calls_follow_from_the_scale_that_is_said(name, scale, sensitivity, specificity):
    found = these_calls(rows_of(name, scale)).groupby("measure")["value"].agg(list)
    assert found["sensitivity"] == pytest.approx(sensitivity, abs=0.005)
    assert found["specificity"] == pytest.approx(specificity, abs=0.005)


@pytest.mark.parametrize("name", ["binary_0_1", "scale_1_4"])
def test_without_a_scale_areas_are_known_and_calls_are_not(name):
    rows = rows_of(name)
    assert auc(rows, ["source"])["low"].notna().all()
    calls = sensitivity_specificity(rows, ["source"])
    assert calls["value"].isna().all() and calls["note"].str.contains("no cut-off").all()


def test_the_middle_of_three_grades_is_a_call_where_calls_begin_there():
    """Of 0, 1 and 2 with calls from 1, every 0 is a call of absent, and none counts one half."""
    table = load(ODD / "binary_0_1.csv")[["reader", "source", "case", "finding", "truth", "task", "rating"]]
    even = table["case"].str[-1].isin(list("02468"))
    graded = table.assign(rating=table["rating"] * (1 + even))
    rows = analysed(load(graded, scale="0..2, positive from 1"), CONDITIONALITY)
    found = these_calls(rows).groupby("measure")["value"].agg(list)
    assert set(rows["rating"]) == {0, 1, 2} and found["specificity"] == pytest.approx([0.56, 0.57], abs=0.005)


def test_a_case_that_nobody_read_in_one_treatment_leaves_the_interval_of_the_whole():
    rows = rows_of("case_unread_in_one_treatment")
    published = models.estimators(rows).set_index("method").loc["Obuchowski-Rockette, DeLong"]
    assert published[["low", "high"]].tolist() == pytest.approx([-0.042, 0.019], abs=5e-4)
    ours = all_auc_differences(rows)
    assert ours[["low", "high", "p_value"]].notna().all(axis=None)


def test_readers_of_one_treatment_each_are_compared_by_one_shot_and_as_independent_means():
    rows = rows_of("readers_nested")
    one_shot = models.estimators(rows).set_index("method").loc["Gallas, one-shot"]
    assert one_shot[["value", "low", "high"]].tolist() == pytest.approx([0.021, -0.139, 0.180], abs=5e-4)
    line = all_auc_differences(rows).set_index("conclusion").loc[LIKE]
    assert line["value"] == pytest.approx(one_shot["value"]) and line["low"] < 0 < line["high"]
