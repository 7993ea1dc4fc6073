"""What is right follows from the rating and the truth, in every task."""

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.stats.correctness import check_correct, expected
from helpers.tasks import CONDITIONALITY, PAIR, SINGLE


def reading(task, rating, source="gan", truth=1, side=None, correct=None) -> pd.DataFrame:
    row = {"task": task, "rating": rating, "source": source, "truth": truth, "side": side, "correct": correct}
    return pd.DataFrame([row]).astype({"correct": "Int64", "side": "object"})


@pytest.mark.parametrize(
    ("row", "right"),
    [
        (reading(PAIR, 2, side="right"), 1),
        (reading(PAIR, 1, side="left"), 0),
        (reading(PAIR, -1, side="left"), 1),
        (reading(SINGLE, 1, source="gan"), 1),
        (reading(SINGLE, 1, source="real"), 0),
        (reading(CONDITIONALITY, -2, truth=0), 1),
        (reading(CONDITIONALITY, -1, truth=1), 0),
        (reading(CONDITIONALITY, 0), None),
        (reading(PAIR, 2), None),
        (reading("realism_choice_3", 2, side="2"), 1),
        (reading("realism_choice_3", 1, side="2"), 0),
        (reading("realism_choice_3", 1), None),
    ],
)
def test_right_by_task(row, right):
    found = expected(row)[0]
    assert found == right if right is not None else pd.isna(found)


def test_a_pair_without_side_may_say_for_itself_whether_it_is_right():
    check_correct(reading(PAIR, 2, correct=1), "table")
    with pytest.raises(TableError, match="row 1"):
        check_correct(reading(PAIR, 2), "table")
    with pytest.raises(TableError, match="row 1: value 1 does not follow"):
        check_correct(reading(PAIR, 0, correct=1), "table")
    check_correct(reading("realism_choice_2", 1, correct=0), "table")


def test_of_a_rating_that_its_task_does_not_have_nothing_is_expected():
    assert pd.isna(expected(reading(PAIR, 4, side="left"))[0]) and pd.isna(expected(reading("detection", 1))[0])
