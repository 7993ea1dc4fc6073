"""Trials of a reader: from the plan, without its truth."""

import pandas as pd
import pytest

from helpers.errors import ReadingError
from helpers.findings import ORIGINAL
from helpers.study.plan import make_plan
from helpers.study.settings import PlanSettings
from helpers.study.trials import Trial, practice_answers, trials_of


def test_a_trial_carries_nothing_but_the_question():
    assert set(Trial.__dataclass_fields__) == {"trial_id", "position", "task", "finding", "is_practice", "images"}


def test_only_practice_trials_of_this_reader_have_an_answer_to_tell():
    fixed = {"task": "conditionality", "source": "gan", "side": None}
    rows = [("ada", "a", True, 1), ("ada", "b", False, 1), ("ben", "c", True, 0), ("ada", "d", True, 0)]
    plan = pd.DataFrame(rows, columns=["reader", "trial_id", "is_practice", "present"]).assign(**fixed)
    assert practice_answers(plan, "ada") == {"a": "present", "d": "absent"}


def test_trials_of_a_reader_come_from_the_plan_without_its_truth(made_up):
    settings = PlanSettings(("ada", "ben"), 1, pairs_per_cell=1, conditionality_per_cell=1)
    plan = make_plan(made_up.cohort(600), made_up.samples(6), settings, ORIGINAL).trials
    found = trials_of(plan, "ben")
    assert [trial.position for trial in found] == list(range(1, len(found) + 1))
    assert {(trial.task, len(trial.images)) for trial in found} == {("realism_pair", 2), ("conditionality", 1)}
    with pytest.raises(ReadingError, match="carla.*ada, ben"):
        trials_of(plan, "carla")
