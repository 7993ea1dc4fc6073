"""What a reader is told about a task, in the reader's language; the browser renders it without knowing task names."""

from collections.abc import Mapping

from helpers.study.trials import Trial
from helpers.tasks import TASKS, Task

ANY_FINDING = "…"
VERDICTS = {True: "right", False: "wrong", None: "undecided"}


def asked(trial: Trial, texts: dict, findings: Mapping[str, str]) -> dict:
    """The text around the images of a trial: the question, a name for each image, and the answers from left to right,
    each with whether it requires a reason and may carry a mark. Trials of one task differ only in the finding in the
    question, which ``findings`` puts into words."""
    task = TASKS[trial.task]
    words = texts["tasks"][task.words]
    answers = zip(sorted(task.means), words["scale"], strict=False)  # a choice has words for more images than it shows
    return {
        "question": words["question"].format(finding=findings.get(trial.finding, trial.finding)),
        "places": places_of(task, texts),
        "answers": [
            {
                "rating": rating,
                "label": label,
                "asks_why": task.asks_reason(rating),
                "takes_mark": task.takes_mark(rating),
            }
            for rating, label in answers
        ],
    }


def places_of(task: Task, texts: dict) -> list[str]:
    """Names of the images that a trial of a task shows, from left to right."""
    return texts["tasks"][task.words]["places"][: len(task.places) or 1]


def part_of(task: Task, texts: dict) -> dict:
    """Question and description of a part of the reading, for any finding."""
    words = texts["tasks"][task.words]
    return {
        "question": words["question"].format(finding=ANY_FINDING),
        "about": words["about"].format(n=len(task.places)),
    }


def told(trial: Trial, feedback: dict, texts: dict, swapped: bool = False) -> dict:
    """What is said after a practice trial (``Session.feedback``): whether the answer was right, and the right answer.

    If the right answer is a place, that image is ``flagged`` (its number from 0) and named accordingly; if the reader
    had the images ``swapped``, this is the place at which they see it.
    """
    task = TASKS[trial.task]
    words, right = texts["tasks"][task.words], feedback["truth"]
    if swapped:
        right = task.places[::-1][task.places.index(right)]
    flagged = task.places.index(right) if right in task.places else None
    names = places_of(task, texts)
    return {
        "verdict": texts["verdict"][VERDICTS[feedback["correct"]]],
        "truth": words["truth"][right],
        "places": [texts["flagged"].format(place=name) if i == flagged else name for i, name in enumerate(names)],
        "flagged": flagged,
    }
