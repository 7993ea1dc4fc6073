"""Families of questions: Holm's correction, and what was not named beforehand is exploratory."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import StatisticsError
from helpers.stats.multiplicity import holm, labelled


@settings(max_examples=20)  # statsmodels collects garbage at each call, which takes a tenth of a second
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_values_are_those_of_the_step_down_procedure(p):
    table = holm(pd.DataFrame({"p_value": p}), [])
    steps = [(len(p) - rank) * value for rank, value in enumerate(sorted(p))]
    expected = [min(1.0, max(step for step, other in zip(steps, sorted(p), strict=True) if other <= own)) for own in p]
    np.testing.assert_allclose(table["p_holm"], expected)
    assert (table["family_size"] == len(p)).all()


def test_each_family_is_corrected_by_itself():
    table = pd.DataFrame({"conclusion": ["these", "like"] * 3, "p_value": [0.01, 0.2, 0.02, 0.03, 0.04, 0.001]})
    result = holm(table, ["conclusion"])
    assert result["p_holm"].tolist() == pytest.approx([0.03, 0.2, 0.04, 0.06, 0.04, 0.003])
    pd.testing.assert_frame_equal(result[["conclusion", "p_value"]], table)


def test_what_could_not_be_tested_does_not_count():
    result = holm(pd.DataFrame({"p_value": [0.01, np.nan, 0.02]}), [])
    assert result["p_holm"].tolist() == pytest.approx([0.02, np.nan, 0.02], nan_ok=True)
    assert result["family_size"].tolist() == [2, 2, 2]


def test_only_questions_named_beforehand_are_primary():
    table = pd.DataFrame({"source": ["gan", "diffusion", "other"], "p_value": [0.02, 0.03, 0.0001]})
    result = labelled(table, ["gan", "diffusion"], "source", [])
    assert result["role"].tolist() == ["primary", "primary", "exploratory"]
    assert result["p_holm"].tolist() == pytest.approx([0.04, 0.04, np.nan], nan_ok=True)
    assert result["family_size"].tolist() == [2, 2, 0]


def test_an_empty_table_stays_empty():
    assert holm(pd.DataFrame({"p_value": []}), []).empty


def test_wrong_names_and_values_are_refused():
    table = pd.DataFrame({"source": ["gan"], "p_value": [0.1]})
    with pytest.raises(StatisticsError, match="primary question 'gann' is not in the table; there is: gan"):
        labelled(table, ["gann"], "source", [])
    with pytest.raises(StatisticsError, match="no column 'family'"):
        holm(table, ["family"])
    with pytest.raises(StatisticsError, match="1.5 in row 1"):
        holm(table.assign(p_value=1.5), [])
