"""ROC curves of readers and their mean, on any scale."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.mrmc import auc, reader_calls, roc_points
from helpers.stats.mrmc.roc import MEAN, RATES


def enclosed(points: pd.DataFrame) -> float:
    return float(np.trapezoid(points["true_positive_rate"], points["false_positive_rate"]))


def test_curves_climb_from_corner_to_corner(rows):
    for _, points in roc_points(rows, ["source"]).groupby(["source", "reader"]):
        rates = points[RATES].to_numpy()
        assert (np.diff(rates, axis=0) >= -1e-12).all()
        assert rates[0].tolist() == [0, 0] and rates[-1] == pytest.approx([1, 1])


@pytest.mark.parametrize("by", [["source"], ["finding", "source"]])
def test_curves_enclose_the_areas_that_are_reported(rows, by):
    points, areas = roc_points(rows, by), auc(rows, by).drop_duplicates(by).set_index(by)["value"]
    for key, own in points[points["reader"] == MEAN].groupby(by):
        assert enclosed(own) == pytest.approx(areas.loc[key if len(by) > 1 else key[0]])
    by_reader = auc(rows, ["reader", "source"]).drop_duplicates(["reader", "source"]).set_index(["reader", "source"])
    if by == ["source"]:
        for (source, reader), own in points[points["reader"] != MEAN].groupby(["source", "reader"]):
            assert enclosed(own) == pytest.approx(by_reader.loc[(reader, source), "value"])


def test_any_scale_gives_the_same_curve(rows):
    other = rows.assign(rating=np.exp(rows["rating"].astype(float)) * 10)
    words = rows.assign(rating=pd.Categorical.from_codes(rows["rating"] + 2, list("edcba"), ordered=True))
    for same in (other, words):
        pd.testing.assert_frame_equal(roc_points(rows, ["source"]), roc_points(same, ["source"]))


def test_a_reader_without_absent_cases_has_no_curve(rows):
    kept = rows[(rows["reader"] != "reader-1") | (rows["truth"] == 1)]
    assert set(roc_points(kept, ["source"])["reader"]) == {"reader-2", "reader-3", MEAN}
    assert set(reader_calls(kept, ["source"])["reader"]) == {"reader-2", "reader-3", MEAN}
    assert roc_points(rows[rows["truth"] == 1], ["source"]).empty


def test_points_of_decision_lie_on_the_curve(rows):
    """Half credit for undetermined answers: half-way between the cuts below and above them."""
    by = ["finding", "source"]
    curves, calls = roc_points(rows, by), reader_calls(rows, by)
    for _, call in calls[calls["reader"] != MEAN].iterrows():
        own = curves[(curves[[*by, "reader"]] == call[[*by, "reader"]]).all(axis=1)]
        sums, heights = own[RATES].sum(axis=1), own["true_positive_rate"] - own["false_positive_rate"]
        height = call["true_positive_rate"] - call["false_positive_rate"]
        assert height == pytest.approx(np.interp(call[RATES].sum(), sums, heights))


def test_the_mean_decision_is_the_mean_of_the_readers(rows):
    calls = reader_calls(rows, ["source"])
    for _, own in calls.groupby("source"):
        single, mean = own[own["reader"] != MEAN], own[own["reader"] == MEAN]
        assert mean[RATES].iloc[0].tolist() == pytest.approx(single[RATES].mean().tolist())
