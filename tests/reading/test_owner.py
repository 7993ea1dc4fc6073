"""The owner sees how far and how fast people read, and never whether they are right."""

import pandas as pd
import pytest

from helpers.errors import ReadingError
from helpers.reading.owner import (
    answers_so_far,
    as_html_table,
    close_session,
    in_lines,
    progress_by_reader,
    sittings,
)
from helpers.reading.room import open_study
from helpers.study.answer import Answer
from helpers.study.desk import Desk


@pytest.fixture
def study(run):
    """Plan and store where the guest has answered the practice pair and one more."""
    plan, store = open_study("tiny")
    desk = Desk(store, plan, "guest")
    for number, answer in enumerate([Answer(-2, "other", active_ms=3000), Answer(0, active_ms=5000)]):
        desk.answer(desk.current.trial_id, f"s{number}", answer)
    return store, plan


def test_progress_has_a_row_for_every_reader_of_the_plan(study):
    progress = progress_by_reader(*study).set_index("reader")
    guest, other = progress.loc["guest"], progress.loc["reader-1"]
    assert (guest.kind, guest.answered, guest.total, guest.median_seconds, guest.state) == (
        "human",
        2,
        5,
        4.0,
        "reading",
    )
    assert (other.answered, other.state) == (0, "not begun")
    assert other[["kind", "median_seconds", "last_activity"]].isna().all()


def test_a_reader_who_has_answered_everything_is_finished(study):
    store, plan = study
    desk = Desk(store, plan, "guest")
    while desk.current:
        desk.answer(desk.current.trial_id, desk.current.trial_id, Answer(0))
    progress = progress_by_reader(*study)
    assert progress.state.tolist() == ["finished", "not begun"]
    assert progress.counts.tolist() == ["no", "no"], "a guest never counts"


def test_answers_leave_out_practice_and_the_truth(study):
    answers = answers_so_far(*study)
    assert answers.columns.tolist() == ["reader", "position", "task", "rating", "active_seconds"]
    assert answers.values.tolist() == [["guest", 2, "realism_pair", 0, 5.0]]


def test_an_answer_taken_back_is_not_shown(study):
    store, plan = study
    Desk(store, plan, "guest").undo()
    assert answers_so_far(store, plan).empty


def test_each_sitting_tells_its_display(study):
    store, plan = study
    display = {"window": [1400, 900], "screen": [2048, 1152], "device_pixel_ratio": 1.25, "colour_depth": 30}
    desk = Desk(store, plan, "guest", clock=lambda: "2026-01-01T09:00:00.000+00:00")
    assert sittings(store, plan).empty
    desk.present({"display": display, "ramp": {"dark": True, "bright": False}, "language": "es"})
    desk.present()
    desk.clock = lambda: "2026-01-01T09:10:00.000+00:00"
    desk.present(
        {
            "display": display | {"altered": ["colours", "text"]},
            "ramp": {"dark": True, "bright": True},
            "language": "es",
        }
    )
    assert as_html_table(sittings(store, plan)).to_html()
    row = ["guest", "2026-01-01T09:00:00.000+00:00", "es", "1400 x 900", "2048 x 1152", 1.25, 30, "", True, False]
    changed = [row[0], "2026-01-01T09:10:00.000+00:00", *row[2:-3], "colours, text", True, True]
    assert sittings(store, plan).values.tolist() == [row, changed]


def test_a_session_is_closed_once_and_takes_nothing_more(study):
    store, plan = study
    assert close_session(store, plan, "guest") and not close_session(store, plan, "guest")
    assert progress_by_reader(store, plan).state.tolist() == ["closed", "not begun"]
    with pytest.raises(ReadingError, match="closed"):
        Desk(store, plan, "guest").undo()


def test_a_table_in_the_owners_notebook_holds_no_markup_of_anybody():
    table = pd.DataFrame({"reader": ["<img src=x onerror=alert(1)>"], "seconds": [1.25], "last": [None]})
    page = as_html_table(table).to_html()
    assert "<img" not in page and "&lt;img" in page and "1.2" in page and "–" in page


def test_a_table_in_the_owners_terminal_holds_no_signs_that_steer_it():
    assert "\x1b" not in in_lines(pd.DataFrame({"reader": ["red\x1b[31m"]})) != ""
