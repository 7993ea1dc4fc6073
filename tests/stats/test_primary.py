import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats import proportions
from helpers.stats.primary import primary_questions
from helpers.stats.readings import analysed
from helpers.tables import PAIR


@pytest.fixture
def tables(simulate):
    rows = analysed(simulate(), PAIR)
    return {"accuracy": proportions.accuracy(rows, ["source"]), "difference": proportions.all_differences(rows)}


def test_named_questions_stand_together_with_p_values_corrected_within_each_conclusion(tables):
    asked = primary_questions(tables, ["accuracy", "difference"])
    assert set(asked["compared"]) == {"gan", "diffusion", "gan minus diffusion"}
    assert (asked["family_size"] == 3).all() and (asked["p_holm"] >= asked["p_value"]).all()
    for _, family in asked.groupby("conclusion"):
        smallest = family["p_value"].idxmin()
        assert family["p_holm"][smallest] == pytest.approx(min(3 * family["p_value"][smallest], 1))


def test_fewer_questions_are_corrected_less(tables):
    alone = primary_questions(tables, ["difference"])
    assert set(alone["question"]) == {"difference"}
    np.testing.assert_allclose(alone["p_holm"], alone["p_value"])


def test_no_primary_question_and_a_question_without_rows_give_no_lines(tables):
    assert primary_questions(tables, []).empty
    single = {**tables, "difference": pd.DataFrame()}
    assert set(primary_questions(single, ["accuracy", "difference"])["question"]) == {"accuracy"}


def test_a_question_that_does_not_exist_is_named(tables):
    with pytest.raises(StatisticsError, match="'speed'.*accuracy, difference"):
        primary_questions(tables, ["speed"])
