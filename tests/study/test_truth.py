"""What is right: the sign of the right rating, in words, and for practice trials only."""

import pandas as pd
import pytest

from helpers.study.truth import expected_sign, practice_signs, truth_in_words


@pytest.mark.parametrize(
    ("task", "source", "present", "side", "sign", "words"),
    [
        ("realism_pair", "gan", 0, "right", 1, "right"),
        ("realism_pair", "gan", 1, "left", -1, "left"),
        ("realism_single", "gan", 0, None, 1, "synthetic"),
        ("realism_single", "real", 1, None, -1, "real"),
        ("conditionality", "real", 1, None, 1, "present"),
        ("conditionality", "gan", 0, None, -1, "absent"),
    ],
)
def test_the_right_sign_of_each_question_and_its_word(task, source, present, side, sign, words):
    assert expected_sign(task, source, present, side) == sign
    assert truth_in_words(task, sign) == words


def test_only_practice_trials_of_this_reader_have_a_sign():
    fixed = {"task": "conditionality", "source": "gan", "side": None}
    rows = [("ada", "a", True, 1), ("ada", "b", False, 1), ("ben", "c", True, 0), ("ada", "d", True, 0)]
    plan = pd.DataFrame(rows, columns=["reader", "trial_id", "is_practice", "present"]).assign(**fixed)
    assert practice_signs(plan, "ada") == {"a": 1, "d": -1}
