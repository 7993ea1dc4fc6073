"""The widget answers a browser's messages: durable first, and nothing that a reader must not know."""

import json

import pandas as pd
import pytest

from helpers.errors import StoreError
from helpers.reading.room import open_room
from helpers.reading.widget import ReadingRoom
from helpers.study.store import Store
from helpers.tables import PLAN, read_table


class Browser:
    """Stands in for the browser: keeps what the widget sends."""

    def __init__(self, room: ReadingRoom):
        self.room, self.messages, self.pixels = room, [], {}
        room.send = self.receive

    def receive(self, message, buffers=None):
        self.messages.append(message)
        if message["is"] == "case":
            self.pixels[message["trial"]] = buffers

    def ask(self, **message):
        self.messages.clear()
        self.room._handle_custom_msg(message, [])
        return next((message for message in self.messages if message["is"] != "case"), None)

    def answer(
        self, trial, submission="s1", rating=1, cue="soft_tissue", note=None, others=(), active_ms=900, idle_ms=0
    ):
        cues = [] if cue is None else [cue, *others]
        times = {"active_ms": active_ms, "idle_ms": idle_ms}
        return self.ask(
            do="answer", trial=trial, submission=submission, rating=rating, cue=cue, cues=cues, note=note, **times
        )


@pytest.fixture
def browser(run):
    return Browser(open_room("tiny", "guest"))


@pytest.fixture
def plan(run):
    return read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)


def events(run, plan):
    return [event.kind for event in Store(run.database, plan).events("guest")]


def test_opening_sends_the_current_case_then_the_turn_then_the_next_case(browser):
    turn = browser.ask(do="open")
    assert [message["is"] for message in browser.messages] == ["case", "turn", "case"]
    assert turn["trial"] == browser.messages[0]["trial"]
    assert (turn["n"], turn["total"], turn["is_practice"], turn["answered"]) == (1, 1, True, 0)


def test_a_case_is_bytes_of_known_size_and_nothing_else(browser):
    browser.ask(do="open")
    case = browser.messages[0]
    assert set(case) == {"is", "trial", "task", "width", "height", "bits"}
    assert [len(pixels) for pixels in browser.pixels[case["trial"]]] == [32 * 32] * 2


def test_an_answer_is_on_the_disk_before_the_turn_is_sent(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    on_disk = []
    keep = browser.room.send

    def look(message, buffers=None):
        if message["is"] == "turn":
            on_disk.append(events(run, plan))
        keep(message, buffers)

    browser.room.send = look
    turn = browser.answer(first)
    assert on_disk == [["answered"]]
    assert turn["answered"] == 1 and turn["trial"] != first


def test_the_same_submission_twice_is_one_answer(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    turns = [browser.answer(first), browser.answer(first)]
    assert turns[0] == turns[1]
    assert events(run, plan) == ["answered"]


def test_an_answer_to_a_case_that_is_past_changes_nothing_and_is_told(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    browser.answer(first, "s1")
    turn = browser.answer(first, "s2")
    assert turn["notice"] == "elsewhere" and turn["answered"] == 1
    assert events(run, plan) == ["answered"]


@pytest.mark.parametrize(
    "wrong", [{"rating": 3}, {"rating": None}, {"cue": "hair"}, {"cue": None}, {"active_ms": -1}, {"active_ms": "1"}]
)
def test_an_answer_out_of_range_is_not_kept(browser, run, plan, wrong):
    first = browser.ask(do="open")["trial"]
    assert browser.answer(first, **wrong)["trial"] == first
    assert events(run, plan) == []


def test_all_reasons_are_kept_with_the_main_one_first(browser):
    first = browser.ask(do="open")["trial"]
    browser.answer(first, cue="other", others=["soft_tissue"])
    answer = browser.room.desk.answers[first]
    assert (answer.cue, answer.cues) == ("other", ("other", "soft_tissue"))


def test_undo_brings_the_last_case_back_once(browser):
    first = browser.ask(do="open")["trial"]
    assert browser.answer(first)["can_undo"]
    turn = browser.ask(do="undo")
    assert turn["trial"] == first and not turn["can_undo"]


def test_first_paint_is_logged_for_the_current_case_only(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    assert browser.ask(do="shown", trial=first) is None
    browser.ask(do="shown", trial="another")
    assert events(run, plan) == ["presented"]


def test_a_locked_database_is_told_and_the_same_answer_can_be_sent_again(browser, run, plan, monkeypatch):
    first = browser.ask(do="open")["trial"]

    def locked(*_, **__):
        raise StoreError(f"{run.database}: locked")

    monkeypatch.setattr(Store, "extend", locked)
    assert browser.answer(first) == {"is": "trouble", "text": "trouble_save"}
    monkeypatch.undo()
    assert browser.answer(first)["answered"] == 1


def test_a_case_that_cannot_be_opened_is_told_without_its_file_name(browser, run):
    for file in (run.stage_folder("06_study_plan") / "display").iterdir():
        file.unlink()
    assert browser.ask(do="open") == {"is": "trouble", "text": "trouble_case"}


def test_a_whole_session_ends_with_thanks_and_says_nothing_that_the_plan_knows(browser, plan):
    said = []
    turn = browser.ask(do="open")
    while turn["trial"]:
        said += browser.messages
        pair = next(m["task"] for m in said if m["is"] == "case" and m["trial"] == turn["trial"]) == "realism_pair"
        turn = browser.answer(turn["trial"], submission=turn["trial"], cue="other" if pair else None)
    said += [*browser.messages, browser.room.get_state(["texts", "page"]) | {"texts": None}]
    assert turn["answered"] == turn["total_all"] == 5
    secrets = pd.concat([plan[c] for c in ("left_image", "right_image", "image", "case", "repeat_of")]).dropna()
    text = json.dumps(said)
    assert not [secret for secret in secrets if secret in text]
    assert not [word for word in ("gan", "diffusion", "source", "side", "present", "display/") if word in text]


def test_a_second_window_goes_on_where_the_first_one_stands(browser, run):
    first = browser.ask(do="open")["trial"]
    second = Browser(open_room("tiny", "guest"))
    second.ask(do="open")
    current = browser.answer(first)["trial"]
    turn = second.answer(first, "from the second window")
    assert turn["notice"] == "elsewhere" and turn["trial"] == current
