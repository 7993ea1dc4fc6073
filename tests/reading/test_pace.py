"""The time left follows the reader's own pace, task by task."""

from helpers.reading.pace import LAST, Pace
from helpers.study.answer import Answer
from helpers.study.trials import Trial


def trials(pairs: int, singles: int) -> list[Trial]:
    tasks = ["realism_pair"] * pairs + ["conditionality"] * singles
    return [Trial(f"t{n}", n, task, "atelectasis", False, ("a",)) for n, task in enumerate(tasks)]


def answers(*seconds: float) -> dict[str, Answer]:
    return {f"t{n}": Answer(0, active_ms=1000 * time, idle_ms=5e5) for n, time in enumerate(seconds)}


def test_nothing_is_foretold_before_three_answers():
    assert Pace(trials(5, 0), answers(4, 4)).seconds_left(2) is None
    assert Pace(trials(5, 0), answers(4, 4, 4)).seconds_left(3) == 8


def test_one_long_case_does_not_matter():
    assert Pace(trials(5, 0), answers(4, 600, 5)).seconds_left(3) == 2 * 5


def test_each_task_has_its_own_pace_and_one_not_begun_that_of_the_others():
    pace = Pace(trials(4, 3), answers(10, 10, 10))
    assert pace.seconds_left(3) == 1 * 10 + 3 * 10
    pace.note("realism_pair", 10_000)
    pace.note("conditionality", 2_000)
    assert pace.seconds_left(5) == 2 * 2
    assert pace.seconds_left(4) == 3 * 2, "an answer is taken back"
    assert pace.seconds_left(7) == 0


def test_only_the_last_answers_count():
    pace = Pace(trials(3 * LAST, 0), answers(*[30] * LAST))
    for _ in range(LAST):
        pace.note("realism_pair", 5_000)
    assert pace.seconds_left(2 * LAST) == LAST * 5
