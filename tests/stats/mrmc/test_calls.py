"""Differences of sensitivity, specificity and accuracy, with cases shared and not."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats import proportions
from helpers.stats.crossed import THESE
from helpers.stats.mrmc.calls import all_call_differences, call_differences


def called(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with ``correct`` of ratings above 0 (present), below (absent) and 0 (open)."""
    right = (rows["rating"] > 0) == (rows["truth"] == 1)
    return rows.assign(correct=right.astype("Int64").mask(rows["rating"] == 0))


def test_each_measure_is_the_difference_among_its_own_cases(ratings):
    rows = called(ratings(1, crossed=True))
    table = call_differences(rows, "gan", "diffusion")
    assert list(dict.fromkeys(table["measure"])) == ["sensitivity", "specificity", "accuracy"]
    for measure, truth in (("sensitivity", 1), ("specificity", 0)):
        own = proportions.difference(rows[rows["truth"] == truth], "gan", "diffusion")
        found = table[table["measure"] == measure].drop(columns="measure").reset_index(drop=True)
        pd.testing.assert_frame_equal(found, own)


def test_one_reader_of_shared_cases_has_the_variance_of_paired_calls(ratings):
    """As McNemar's table gives it, with n - 1: (b + c - (b - c)^2 / n) / (n (n - 1))."""
    rows = called(ratings(2, readers=1, present=60, absent=50, crossed=True))
    rows = rows.assign(correct=rows["correct"].fillna(0))
    line = call_differences(rows, "gan", "diffusion").set_index(["measure", "conclusion"]).loc[("sensitivity", THESE)]
    wide = rows[rows["truth"] == 1].pivot(index="case", columns="source", values="correct").astype(int)
    b, c = ((wide["gan"] > wide["diffusion"]).sum(), (wide["gan"] < wide["diffusion"]).sum())
    assert line["value"] == pytest.approx((b - c) / 60)
    assert line["standard_error"] ** 2 == pytest.approx((b + c - (b - c) ** 2 / 60) / (60 * 59))
    assert line["cases"] == 60


def test_sharing_cases_narrows_the_interval_where_cases_matter(ratings):
    rows = called(ratings(3, crossed=True, case_sd=1.5, present=80, absent=80))
    apart = rows.assign(case=rows["source"] + rows["case"])
    shared, unshared = (call_differences(own, "gan", "diffusion") for own in (rows, apart))
    these = shared["conclusion"] == THESE
    assert (shared.loc[these, "standard_error"] < unshared.loc[these, "standard_error"]).all()
    assert shared["value"].tolist() == unshared["value"].tolist()


def test_turning_the_sides_turns_the_sign(ratings):
    rows = called(ratings(4, crossed=True))
    one, two = call_differences(rows, "gan", "diffusion"), call_differences(rows, "diffusion", "gan")
    np.testing.assert_allclose(one[["value", "low", "high"]], -two[["value", "high", "low"]].to_numpy(), atol=1e-12)


def test_only_present_cases_have_no_specificity(ratings):
    rows = called(ratings(5))
    table = call_differences(rows[rows["truth"] == 1], "gan", "diffusion")
    assert set(table["measure"]) == {"sensitivity", "accuracy"}
    with pytest.raises(StatisticsError, match="no readings with source 'real'"):
        call_differences(rows, "real", "gan")


def test_without_a_cut_off_there_are_no_calls_to_compare(ratings):
    with pytest.raises(StatisticsError, match="no cut-off says what is right"):
        all_call_differences(ratings(5).assign(correct=pd.NA, scale="unknown"))


def test_every_pair_is_compared_measure_by_measure(ratings):
    table = all_call_differences(called(ratings(6, sources=("real", "gan", "diffusion"))))
    assert len(table) == 3 * 3 * 2 and table["measure"].tolist()[::6] == ["sensitivity", "specificity", "accuracy"]
    with pytest.raises(StatisticsError, match="one source only"):
        all_call_differences(called(ratings(6, sources=("real",))))
