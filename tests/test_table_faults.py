"""What is wrong with a table is said once for each cause."""

import pandas as pd
import pytest

from helpers import tables
from helpers.errors import TableError


def test_rows_that_answer_one_trial_twice_are_named_together(readings):
    doubled = pd.concat([readings, readings.iloc[[3]]], ignore_index=True)
    words = f"rows 4 and {len(doubled)} have the same reader '{readings.reader[3]}', trial_id '{readings.trial_id[3]}'"
    with pytest.raises(TableError, match=words):
        tables.validate(doubled, tables.READINGS)


def test_a_word_among_numbers_is_the_only_thing_complained_of(readings):
    wrong = readings.astype({"rating": str})
    wrong.loc[5, "rating"] = "maybe"
    with pytest.raises(TableError) as caught:
        tables.validate(wrong, tables.READINGS)
    assert str(caught.value).endswith("column 'rating', row 6: value 'maybe' is not a number")


def test_rows_with_the_same_fault_are_counted(readings):
    wrong = readings.assign(truth=7)
    with pytest.raises(TableError) as caught:
        tables.validate(wrong, tables.READINGS)
    assert (
        str(caught.value).endswith(f"(and {len(readings) - 1} more rows)") and str(caught.value).count("'truth'") == 1
    )
