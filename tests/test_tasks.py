from collections import namedtuple

import pytest

from helpers.tasks import ALL_RATINGS, CONDITIONALITY, PAIR, RATINGS, REAL, SINGLE, TASKS, right_answer

ALL = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


@ALL
def test_every_answer_can_be_given_and_can_be_right(task):
    trials = [(source, truth, side) for source in (REAL, "gan") for truth in (0, 1) for side in task.places or (None,)]
    assert {task.right(*trial) for trial in trials} == set(task.answers)
    assert set(task.answers) == set(task.means.values()) - {None}


@ALL
def test_one_answer_of_each_trial_is_right(task):
    for source, truth, side in [(REAL, 0, None), ("gan", 1, None)]:
        side = task.places[-1] if task.places else side
        rights = {task.means[r] for r in task.means if task.is_right(r, source, truth, side)}
        assert len(rights) == 1


def test_a_pair_is_right_on_the_side_of_the_synthetic_image():
    task = TASKS[PAIR]
    assert task.is_right(-1, "gan", 1, "left") and task.is_right(2, "gan", 1, "right")
    assert task.is_right(1, "gan", 1, "left") is False
    assert task.is_right(0, "gan", 1, "left") is None


def test_a_pair_without_a_side_has_no_right_answer():
    assert TASKS[PAIR].is_right(2, "gan", 1, None) is None


def test_a_single_image_is_right_by_its_source_and_a_finding_by_its_truth():
    assert TASKS[SINGLE].is_right(-2, REAL, 1, None) and TASKS[SINGLE].is_right(1, "gan", 0, None)
    assert TASKS[CONDITIONALITY].is_right(-2, "gan", 0, None) and TASKS[CONDITIONALITY].is_right(1, REAL, 1, None)


@pytest.mark.parametrize("alternatives", [2, 3, 4])
def test_a_choice_among_m_shows_one_synthetic_image_and_is_right_by_chance_once_in_m(alternatives):
    task = TASKS[f"realism_choice_{alternatives}"]
    assert task.partners == alternatives - 1
    assert task.chance == pytest.approx(1 / alternatives)
    assert task.is_right(2, "gan", 1, "2") and not task.is_right(1, "gan", 1, "2")


def test_the_right_answer_of_a_trial_is_that_of_its_task():
    trial = namedtuple("trial", "task source present side")
    assert right_answer(trial(PAIR, "gan", 0, "right")) == "right"
    assert right_answer(trial(SINGLE, REAL, 1, None)) == "real"
    assert right_answer(trial(CONDITIONALITY, REAL, 0, None)) == "absent"
    assert right_answer(trial("realism_choice_4", "gan", 1, "4")) == "4"


def test_every_trial_without_a_known_place_is_neither_right_nor_wrong():
    for side in (None, float("nan"), ""):
        assert TASKS["realism_choice_2"].is_right(1, "gan", 1, side) is None


@ALL
def test_an_ordered_task_has_the_shared_scale(task):
    assert (tuple(sorted(task.means)) == RATINGS) == task.ordered and set(task.means) <= set(ALL_RATINGS)


def test_a_reason_is_asked_for_decided_answers_of_realism_only():
    assert TASKS[PAIR].asks_reason(1) and not TASKS[PAIR].asks_reason(0)
    assert TASKS["realism_choice_3"].asks_reason(1)
    assert not TASKS[CONDITIONALITY].asks_reason(2)


def test_a_task_shows_every_generator_and_real_images_where_they_stand_alone():
    assert TASKS[PAIR].shown_sources(["diffusion", "gan"]) == ["diffusion", "gan"]
    assert TASKS[SINGLE].shown_sources(["diffusion", "gan"]) == ["diffusion", REAL, "gan", REAL]
    assert TASKS[CONDITIONALITY].shown_sources(["gan"]) == [REAL, "gan"]
