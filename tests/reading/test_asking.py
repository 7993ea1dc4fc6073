"""What is asked of each task, composed in the reader's language; what is told of a trial depends on its task alone."""

import pytest

from helpers.findings import ORIGINAL
from helpers.reading.asking import asked, part_of, told
from helpers.reading.strings import LANGUAGES, texts
from helpers.study.trials import Trial
from helpers.tasks import CONDITIONALITY, PAIR, SINGLE, TASKS

ENGLISH = texts("en")
QUESTIONS = {finding.name: finding.question["en"] for finding in ORIGINAL}


def trial(task: str, finding: str = "atelectasis", **others) -> Trial:
    return Trial(
        **{"trial_id": "0a", "position": 1, "is_practice": True, "images": ("x",)} | others, task=task, finding=finding
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_each_rating_has_its_answer_and_asks_for_its_reason_where_the_task_does(task, language):
    said = asked(trial(task.name), texts(language), QUESTIONS)
    assert [answer["rating"] for answer in said["answers"]] == sorted(task.means)
    assert all(answer["asks_why"] == task.asks_reason(answer["rating"]) for answer in said["answers"])
    assert all(answer["takes_mark"] == task.takes_mark(answer["rating"]) for answer in said["answers"])
    assert len({answer["label"] for answer in said["answers"]}) == len(task.means)
    assert len(said["places"]) == max(1, len(task.places)) and "{" not in said["question"]


def test_only_a_task_that_names_the_finding_tells_it():
    said = {
        task: {asked(trial(task, finding), ENGLISH, QUESTIONS)["question"] for finding in QUESTIONS} for task in TASKS
    }
    assert {task for task, questions in said.items() if len(questions) > 1} == {CONDITIONALITY}
    assert (
        asked(trial(CONDITIONALITY, "pleural_effusion"), ENGLISH, QUESTIONS)["question"]
        == "Is pleural effusion present in the image?"
    )
    assert part_of(TASKS[CONDITIONALITY], ENGLISH)["question"] == "Is … present in the image?"


@pytest.mark.parametrize(
    ("task", "right", "correct", "verdict", "truth", "places", "flagged"),
    [
        (
            PAIR,
            "right",
            True,
            "Correct.",
            "The right image is synthetic.",
            ["Left image", "Right image – synthetic"],
            1,
        ),
        (SINGLE, "real", None, "You left it undecided.", "The image is real.", ["Image"], None),
        (
            "realism_choice_3",
            "1",
            False,
            "Not correct.",
            "Image 1 is synthetic.",
            ["Image 1 – synthetic", "Image 2", "Image 3"],
            0,
        ),
    ],
)
def test_after_practice_the_verdict_and_the_right_answer_are_told(
    task, right, correct, verdict, truth, places, flagged
):
    said = told(trial(task), {"truth": right, "correct": correct}, ENGLISH)
    assert said == {"verdict": verdict, "truth": truth, "places": places, "flagged": flagged}


def test_of_images_that_were_swapped_the_right_one_is_told_by_the_place_at_which_it_was_seen():
    said = told(trial(PAIR), {"truth": "right", "correct": True}, ENGLISH, swapped=True)
    assert (said["truth"], said["flagged"]) == ("The left image is synthetic.", 0)
    said = told(trial("realism_choice_3"), {"truth": "1", "correct": False}, ENGLISH, swapped=True)
    assert (said["truth"], said["flagged"]) == ("Image 3 is synthetic.", 2)
