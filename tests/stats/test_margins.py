"""Claims against margins: the test is the interval, whichever interval it is."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from helpers.errors import StatisticsError
from helpers.stats import equivalence, mrmc, proportions
from helpers.stats.crossed import t_interval
from helpers.stats.margins import claims, of_auc_differences
from helpers.stats.mover import MOVER
from helpers.stats.readings import analysed


def differences(value: float, error: float = 0.02, degrees: float = 12.0):
    """A table of one difference, made at a confidence."""

    def table_of(confidence: float) -> pd.DataFrame:
        low, high = t_interval(value, error**2, degrees, confidence)
        line = {"first": "gan", "second": "real", "value": value, "low": low, "high": high}
        return pd.DataFrame([line | {"standard_error": error, "degrees_of_freedom": degrees, "note": ""}])

    return table_of


@settings(max_examples=40, deadline=None)
@given(value=st.floats(-0.2, 0.2), lower=st.floats(-0.2, 0.1), alpha=st.floats(0.005, 0.2))
def test_a_claim_is_shown_exactly_where_p_is_below_alpha(value, lower, alpha):
    line = claims(differences(value), lower=lower, alpha=alpha).iloc[0]
    assert line["p_value"] == pytest.approx(t.sf((value - lower) / 0.02, 12), abs=1e-6)
    if abs(line["p_value"] - alpha) > 1e-6:
        assert (line["verdict"] == "shown") == (line["p_value"] < alpha)


def test_a_lower_margin_is_non_inferiority_below_zero_and_superiority_from_zero_on():
    table_of = differences(0.05)
    assert claims(table_of, lower=-0.02)[["claim", "verdict"]].values.tolist() == [["non-inferior", "shown"]]
    assert claims(table_of, lower=0.0)["claim"].item() == "superior"
    assert claims(table_of, lower=0.02)[["claim", "verdict"]].values.tolist() == [["superior", "not shown"]]
    assert claims(table_of, upper=0.2)[["claim", "verdict"]].values.tolist() == [["below the margin", "shown"]]


def test_unequal_margins_need_both_sides():
    wide, narrow = claims(differences(0.05), -0.02, 0.15).iloc[0], claims(differences(0.05), -0.02, 0.08).iloc[0]
    assert (wide["verdict"], narrow["verdict"]) == ("shown", "not shown")
    assert wide["p_value"] == pytest.approx(t.sf(0.07 / 0.02, 12)) and narrow["p_value"] == pytest.approx(t.sf(1.5, 12))


def test_equal_margins_at_five_percent_are_the_equivalence_test(readings):
    rows = analysed(readings, "realism_pair")

    def table_of(confidence):
        return proportions.difference(rows, "gan", "diffusion", confidence=confidence, interval=MOVER)

    found = claims(table_of, -0.2, 0.2, alpha=0.05)
    same = equivalence.of_accuracy_differences(rows, 0.2)
    assert found["p_value"].tolist() == pytest.approx(same["p"].tolist(), abs=1e-6)
    assert found[["low", "high"]].to_numpy() == pytest.approx(same[["low90", "high90"]].to_numpy())


def test_an_interval_that_is_not_students_has_a_p_value_of_its_own(readings):
    rows = analysed(readings, "realism_pair")
    made = partial(proportions.difference, rows, "gan", "diffusion", interval="mover")
    found = claims(lambda confidence: made(confidence=confidence), lower=-0.3).iloc[0]
    at_p = made(confidence=1 - 2 * found["p_value"]).iloc[0]
    assert at_p["low"] == pytest.approx(-0.3, abs=1e-4)


def test_areas_are_claimed_pair_by_pair(readings):
    rows = analysed(readings, "conditionality")
    table = of_auc_differences(rows, [("gan", "real"), ("diffusion", "real")], lower=-0.3)
    assert table["first"].tolist() == ["gan", "gan", "diffusion", "diffusion"]
    same = mrmc.auc_difference(rows, "gan", "real", interval=MOVER)
    assert table["low"].tolist()[:2] == pytest.approx(same["low"].tolist())
    with pytest.raises(StatisticsError, match="no pair of sources"):
        of_auc_differences(rows, [], lower=-0.3)


def test_an_estimate_beyond_its_margin_is_far_from_a_claim():
    line = claims(differences(-0.10), lower=-0.05).iloc[0]
    assert line["verdict"] == "not shown" and line["p_value"] == pytest.approx(t.sf(-2.5, 12), abs=1e-6)
    assert claims(differences(-0.05), lower=-0.05)["p_value"].item() == pytest.approx(0.5)


def test_what_has_no_interval_has_no_verdict():
    line = claims(differences(0.1, error=np.nan), lower=-0.05).iloc[0]
    assert line["verdict"] == "not estimable" and np.isnan(line["p_value"])


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({}, "no margin is set"),
        ({"lower": 0.1, "upper": 0.05}, "must lie below"),
        ({"lower": 0.0, "alpha": 0.7}, "alpha = 0.7"),
    ],
)
def test_margins_that_make_no_claim_are_refused(given_, message):
    with pytest.raises(StatisticsError, match=message):
        claims(differences(0.0), **given_)
