"""The conversation answers a browser's messages: durable first, and nothing that a reader must not know."""

import hashlib
import json

import pandas as pd
import pytest

from helpers.errors import StoreError
from helpers.reading.conversation import Conversation
from helpers.reading.owner import progress_by_reader
from helpers.reading.room import StudyInReading
from helpers.study.accounts import Account, account_of, add_account, renew_code
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN, read_table
from helpers.tasks import TASKS

PLACE = "1" * 32
NOTICES = {"active_ms": "times", "idle_ms": "times", "note": "note_refused"}


def converse(reader: str = "guest", key: str | None = None) -> Conversation:
    return StudyInReading("tiny").conversation(reader, lambda message, buffers=(): None, "en", key)


class Browser:
    """Stands in for the browser: keeps what it is told."""

    def __init__(self, conversation: Conversation):
        self.room, self.messages, self.pixels = conversation, [], {}
        conversation.send = self.receive

    def receive(self, message, buffers=None):
        self.messages.append(message)
        if message["is"] == "case":
            self.pixels[message["trial"]] = buffers

    def ask(self, **message):
        self.messages.clear()
        self.room.receive(({"location": PLACE} if message.get("do") == "open" else {}) | message)
        return next((message for message in self.messages if message["is"] != "case"), None)

    def answer(self, trial, submission="s1", others=(), **chosen):
        answer = {"rating": 1, "cue": "soft_tissue", "note": None, "mark": None, "mark_image": None}
        answer |= {"active_ms": 900, "idle_ms": 0} | chosen
        answer = {"cues": [] if answer["cue"] is None else [answer["cue"], *others]} | answer
        return self.ask(**{"do": "answer", "trial": trial, "submission": submission} | answer)


@pytest.fixture
def newcomer(run):
    """A browser whose reader has not agreed to anything yet."""
    return Browser(converse())


@pytest.fixture
def browser(newcomer):
    """A browser whose reader has agreed to the consent text."""
    newcomer.ask(do="agree")
    return newcomer


@pytest.fixture
def plan(run):
    return read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)


def events(run, plan):
    kinds = [event.kind for event in Store(run.database, plan).events("guest")]
    return [kind for kind in kinds if kind != "agreed"]


def test_opening_sends_the_current_case_and_the_turn(browser):
    turn = browser.ask(do="open")
    assert [message["is"] for message in browser.messages] == ["case", "turn"]
    assert turn["trial"] == browser.messages[0]["trial"]
    assert (turn["n"], turn["total"], turn["is_practice"], turn["answered"]) == (1, 1, True, 0)


def test_the_next_case_is_sent_once_when_the_current_one_is_on_the_screen(browser):
    turn = browser.ask(do="open")
    browser.ask(do="shown", trial=turn["trial"], facts=None)
    (following,) = browser.messages
    assert following["is"] == "case" and following["trial"] == browser.room.desk.upcoming(1)[0].trial_id
    assert browser.ask(do="shown", trial=turn["trial"], facts=None) is None and browser.messages == []
    assert browser.answer(turn["trial"])["trial"] == following["trial"] and len(browser.messages) == 1


def test_a_case_is_bytes_of_known_size_and_nothing_else(browser):
    browser.ask(do="open")
    case = browser.messages[0]
    said = {"is", "trial", "part", "width", "height", "bits", "enlarge_at_most", "question", "places", "answers"}
    assert set(case) == said
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
    "wrong",
    [
        {"rating": 3},
        {"rating": None},
        {"cue": "hair"},
        {"cue": None},
        {"active_ms": -1},
        {"active_ms": "as text"},
        {"active_ms": float("inf")},
        {"active_ms": 1e308},
        {"idle_ms": float("nan")},
        {"note": "half an emoji \ud83d"},
        {"note": "x" * 2001},
        {"cues": [{"a": 1}]},
        {"mark": [0.5, float("nan"), 0, 0], "mark_image": 0},
        {"submission": "x" * 201},
        {"something": "else"},
        {"mark": [0.5, 0.5, 0, 0]},
        {"mark": [0.5, 2, 0, 0], "mark_image": 0},
        {"mark": [0.5, 0.5, 0, 0], "mark_image": 2},
        {"mark": [0.5, 0.5, 0, 0], "mark_image": True},
        {"mark": [0.5, 0.5, 0, 0], "mark_image": "left"},
        {"cues": "soft_tissue"},
        {"note": 7},
        {"submission": None},
        {"trial": None},
        {"trial": {"no": "text"}},
        {"trial": "of another plan"},
    ],
)
def test_an_answer_that_is_wrong_is_refused_and_can_be_given_again(browser, run, plan, caplog, wrong):
    first = browser.ask(do="open")["trial"]
    turn = browser.answer(**{"trial": first} | wrong)
    (field, value), *_ = wrong.items()
    assert (turn["notice"], turn["trial"], turn["feedback"]) == (NOTICES.get(field, "refused"), first, None)
    assert events(run, plan) == [] and len(caplog.records) == 1
    assert not isinstance(value, str) or value[:5] not in caplog.text, "what was sent is in no log"
    assert browser.answer(first, "again")["answered"] == 1


@pytest.mark.parametrize("left_out", ["rating", "cue", "cues", "note", "mark", "mark_image", "active_ms", "idle_ms"])
def test_an_answer_that_lacks_something_is_refused(browser, run, plan, left_out, caplog):
    whole = {"rating": 1, "cue": "other", "cues": ["other"], "note": None, "mark": None, "mark_image": None}
    whole |= {"active_ms": 900, "idle_ms": 0, "do": "answer", "trial": browser.ask(do="open")["trial"]}
    whole["submission"] = "s1"
    turn = browser.ask(**{name: value for name, value in whole.items() if name != left_out})
    assert turn["notice"] == NOTICES.get(left_out, "refused") and f"{left_out}: missing" in caplog.text
    assert events(run, plan) == []


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"do": "dance"},
        {"do": ["open"]},
        {"do": "open"},
        {"do": "open", "location": "here"},
        {"do": "close"},
        {"do": "look", "secret": "s3cr3t"},
        {"do": "shown", "trial": "a", "facts": 7},
        [],
        "open",
        None,
    ],
)
def test_a_message_that_is_no_request_is_told_in_general_and_logged_by_its_kind(browser, run, plan, message, caplog):
    browser.room.receive(message)
    assert browser.messages[-1] == {"is": "trouble", "text": "trouble_page"}
    assert len(caplog.records) == 1 and not {"dance", "here", "s3cr3t"} & set(caplog.text.split())
    assert browser.ask(do="open")["answered"] == 0 and events(run, plan) == []


SIGHT = {
    "display": {"window": [1400, 900], "screen": [2048, 1152], "device_pixel_ratio": 1.25, "colour_depth": 30},
    "ramp": {"dark": True, "bright": False},
}
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "wrong",
    [
        {"display": {"x": 1}},
        {"display": SIGHT["display"] | {"window": MARKUP}},
        {"display": SIGHT["display"] | {"device_pixel_ratio": MARKUP}},
        {"display": SIGHT["display"] | {"device_pixel_ratio": float("nan")}},
        {"display": SIGHT["display"] | {"colour_depth": 10**400}},
        {"ramp": {"dark": 1, "bright": 0}},
        {"ramp": [1]},
        {"language": MARKUP},
    ],
)
def test_facts_of_a_display_that_are_none_are_refused_and_told(browser, run, plan, wrong):
    first = browser.ask(do="open")["trial"]
    told = browser.ask(do="shown", trial=first, facts=SIGHT | wrong)
    assert told == {"is": "trouble", "text": "trouble_page"} and events(run, plan) == []
    assert browser.answer(first)["answered"] == 1, "reading goes on"


def test_times_cannot_be_longer_than_the_case_has_been_there(newcomer, run, plan, monkeypatch):
    now, browser = [100.0], newcomer
    monkeypatch.setattr("helpers.reading.conversation.time.monotonic", lambda: now[0])
    first = browser.ask(do="agree")["trial"]
    now[0] += 10
    turn = browser.answer(first, active_ms=12_000, idle_ms=4_000)
    assert (turn["notice"], turn["trial"], events(run, plan)) == ("times", first, [])
    assert browser.answer(first, active_ms=11_000, idle_ms=1_000)["answered"] == 1


def test_a_case_that_another_room_showed_before_may_have_been_looked_at_since_then(browser, run, plan):
    desk = Desk(Store(run.database, plan), plan, "guest", clock=lambda: "2026-01-01T09:00:00.000+00:00")
    desk.present()
    assert browser.answer(browser.ask(do="open")["trial"], active_ms=3_600_000)["answered"] == 1


def test_nothing_is_shown_or_answered_without_consent(newcomer, run, plan):
    turn = newcomer.ask(do="open")
    assert not turn["agreed"] and [message["is"] for message in newcomer.messages] == ["turn"]
    assert newcomer.answer(turn["trial"])["notice"] == "consent_first"
    newcomer.ask(do="shown", trial=turn["trial"], facts=None)
    assert not newcomer.pixels, "no image before the consent"
    assert newcomer.ask(do="agree")["agreed"] and newcomer.pixels
    assert newcomer.answer(turn["trial"])["answered"] == 1


def test_an_amended_text_is_shown_again_and_the_answer_waits_for_it(browser, run, plan):
    assert Browser(converse()).ask(do="open")["agreed"]
    (run.folder / "consent.en.txt").write_text("Another text.")
    again = Browser(converse())
    turn = again.ask(do="open")
    assert not turn["agreed"] and again.answer(turn["trial"])["notice"] == "consent_first"
    assert again.ask(do="agree")["agreed"] and again.answer(turn["trial"])["answered"] == 1
    kept = [event.payload["sha256"] for event in Store(run.database, plan).events("guest") if event.kind == "agreed"]
    assert kept == [browser.room.consent_sha256, hashlib.sha256(b"Another text.").hexdigest()]


def test_all_reasons_are_kept_with_the_main_one_first(browser):
    first = browser.ask(do="open")["trial"]
    browser.answer(first, cue="other", others=["soft_tissue"])
    answer = browser.room.desk.answers[first]
    assert (answer.cue, answer.cues) == ("other", ("other", "soft_tissue"))


def test_the_place_of_the_reason_is_kept_with_its_side(browser):
    first = browser.ask(do="open")["trial"]
    browser.answer(first, mark=[0.25, 0.5, 0.125, 0.25], mark_image=1)
    answer = browser.room.desk.answers[first]
    assert (answer.mark, answer.mark_side) == ((0.25, 0.5, 0.125, 0.25), "right")


def test_every_mark_is_kept_with_its_side_and_no_message_has_more_than_an_answer_may_have(browser, caplog):
    first = browser.ask(do="open")["trial"]
    more = [{"mark": [0.5, 0.75, 0, 0], "mark_image": 0}, {"mark": [0.5, 0.5, 0.5, 0.25], "mark_image": 1}]
    for wrong in ([{"mark": [0.5, 0.5, 0, 0], "mark_image": 2}], [{"mark": [0.5, 0.5, 0, 0]}], [7], 20 * more[:1]):
        turn = browser.answer(first, mark=[0.25, 0.5, 0, 0], mark_image=1, more_marks=wrong)
        assert (turn["trial"], turn["notice"]) == (first, "refused")
    browser.answer(first, mark=[0.25, 0.5, 0, 0], mark_image=1, more_marks=more)
    answer = browser.room.desk.answers[first]
    assert [side for _, side in answer.marks] == ["right", "left", "right"]
    assert answer.marks[2][0] == (0.5, 0.5, 0.5, 0.25)


def test_practice_is_explained_after_the_answer_and_nothing_else_ever_is(browser):
    turn = browser.ask(do="open")
    assert turn["is_practice"] and turn["feedback"] is None
    turn = browser.answer(turn["trial"], rating=1)
    assert turn["feedback"] == {
        "verdict": "Not correct.",
        "truth": "The left image is synthetic.",
        "places": ["Left image – synthetic", "Right image"],
        "flagged": 0,
    }
    assert browser.ask(do="look")["feedback"] is None
    assert browser.answer(turn["trial"], "s2")["feedback"] is None


def test_a_break_is_an_event_that_ends_when_the_reader_goes_on(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    assert browser.ask(do="pause")["is_paused"]
    assert browser.answer(first)["notice"] == "elsewhere"
    assert browser.ask(do="open")["is_paused"], "opening the page is not reading yet"
    assert not browser.ask(do="resume")["is_paused"]
    assert events(run, plan) == ["paused", "resumed"]


def test_the_time_left_follows_the_readers_own_pace(browser, monkeypatch):
    monkeypatch.setattr("helpers.reading.conversation.TOLERANCE_MS", 1e9)
    turn = browser.ask(do="open")
    assert turn["seconds_left"] is None
    for number, milliseconds in enumerate([4000, 6000, 8000], start=1):
        is_pair = number < 3
        turn = browser.answer(
            turn["trial"], str(number), cue="other" if is_pair else None, active_ms=milliseconds, idle_ms=9e6
        )
    assert turn["seconds_left"] == 2 * 8
    assert browser.ask(do="undo")["seconds_left"] == 3 * 8


def test_facts_of_the_display_go_with_the_first_paint_that_is_kept(browser, run, plan, monkeypatch):
    first = browser.ask(do="open")["trial"]
    with monkeypatch.context() as broken:
        broken.setattr(Store, "extend", lambda *_, **__: (_ for _ in ()).throw(StoreError("locked")))
        browser.ask(do="shown", trial=first, facts=SIGHT)
    for _ in range(2):
        browser.ask(do="shown", trial=first, facts=None)
    kept, later = [event.payload for event in Store(run.database, plan).events("guest") if event.kind == "presented"]
    assert kept == SIGHT | {"language": "en"} and later == {}


def test_undo_brings_the_last_case_back_once(browser):
    first = browser.ask(do="open")["trial"]
    assert browser.answer(first)["can_undo"]
    turn = browser.ask(do="undo")
    assert turn["trial"] == first and not turn["can_undo"]


def test_an_answer_that_was_taken_back_comes_with_its_case_until_the_next_answer(browser):
    first = browser.ask(do="open")["trial"]
    second = browser.answer(first)["trial"]
    mark = {"mark": [0.5, 0.25, 0.0, 0.0], "mark_image": 1}
    mark |= {"more_marks": [{"mark": [0.25, 0.25, 0.5, 0.125], "mark_image": 0}]}
    said = {"rating": -2, "cue": "other", "cues": ["other", "soft_tissue"], "note": "edge", "swapped": True} | mark
    third = browser.answer(second, "s2", **said)
    assert third["given"] is None
    given = {name: value for name, value in said.items() if name != "cue"}
    assert browser.ask(do="undo")["given"] == given
    assert browser.ask(do="open")["given"] == given, "also after a reload"
    assert browser.answer(second, "s3", rating=0, cue=None)["given"] is None


def test_that_images_were_swapped_is_on_record_and_of_single_images_refused(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    second = browser.answer(first, swapped=True)["trial"]
    third = browser.answer(second, "s2")["trial"]
    stored = Store(run.database, plan).events("guest")
    assert [event.payload["swapped"] for event in stored if event.kind == "answered"] == [True, False]
    refused = browser.answer(third, "s3", rating=0, cue=None, swapped=True)
    assert (refused["notice"], refused["answered"]) == ("refused", 2)


def test_first_paint_is_logged_for_the_current_case_only(browser, run, plan):
    first = browser.ask(do="open")["trial"]
    assert browser.ask(do="shown", trial=first, facts=None) is None
    browser.ask(do="shown", trial="another", facts=None)
    assert events(run, plan) == ["presented"]


def test_a_locked_database_is_told_and_the_same_answer_can_be_sent_again(browser, run, plan, monkeypatch):
    first = browser.ask(do="open")["trial"]

    def locked(*_, **__):
        raise StoreError(f"{run.database}: locked")

    monkeypatch.setattr(Store, "extend", locked)
    assert browser.answer(first) == {"is": "trouble", "text": "trouble_save"}
    monkeypatch.undo()
    assert browser.answer(first)["answered"] == 1


def test_a_case_that_cannot_be_opened_is_told_without_its_file_name(newcomer, run):
    for file in (run.stage_folder("06_study_plan") / "display").iterdir():
        file.unlink()
    assert newcomer.ask(do="agree") == {"is": "trouble", "text": "trouble_case"}


def test_a_whole_session_ends_with_thanks_and_says_nothing_that_the_plan_knows(browser, plan):
    said = []
    turn = browser.ask(do="open")
    while turn["trial"]:
        said += browser.messages
        case = next(m for m in said if m["is"] == "case" and m["trial"] == turn["trial"])
        asks_why = any(answer["asks_why"] for answer in case["answers"])
        turn = browser.answer(turn["trial"], submission=turn["trial"], cue="other" if asks_why else None)
    synced = {"texts": browser.room.texts, "seat": browser.room.seat}
    said = [dict(message) for message in said + browser.messages] + [synced]
    assert not [task for task in TASKS if task in json.dumps(said)], "names of tasks stay here"
    for message in said:
        message |= dict.fromkeys(set(message) & {"texts", "question", "places", "answers", "parts", "feedback"})
    assert turn["answered"] == turn["total_all"] == 5
    secrets = pd.concat([plan.images.str.split("|").explode(), plan.case, plan.repeat_of]).dropna()
    text = json.dumps(said)
    assert not [secret for secret in [*secrets, "guest", browser.room.desk.store.plan_sha256] if secret in text]
    assert not [word for word in ("gan", "diffusion", "source", "side", "present", "display/") if word in text]


def test_the_windows_of_one_reader_know_each_other_by_a_name_that_tells_nothing(browser, run):
    seats = [converse(reader).seat for reader in ("guest", "guest", "reader-1")]
    assert seats[0] == seats[1] == browser.room.seat != seats[2]


def test_a_window_that_is_looked_at_again_takes_in_what_another_did(browser, run):
    first = browser.ask(do="open")["trial"]
    assert browser.ask(do="look")["notice"] is None
    second = Browser(converse())
    second.ask(do="open")
    current = second.answer(first)["trial"]
    turn = browser.ask(do="look")
    assert (turn["notice"], turn["trial"]) == ("elsewhere", current)


def test_a_second_window_goes_on_where_the_first_one_stands(browser, run):
    first = browser.ask(do="open")["trial"]
    second = Browser(converse())
    second.ask(do="open")
    current = browser.answer(first)["trial"]
    turn = second.answer(first, "second-window")
    assert turn["notice"] == "elsewhere" and turn["trial"] == current


@pytest.fixture
def code(run, plan):
    return add_account(Store(run.database, plan), plan, Account("reader-1"))


def enter(code, place="1"):
    """Come in by an access code at a place, and agree to the consent text."""
    account = account_of(StudyInReading("tiny").store, code)
    browser = Browser(converse(account.reader, account.key))
    browser.notice = browser.ask(do="open", location=place * 32)["notice"]
    browser.ask(do="agree")
    return browser


def test_a_new_code_ends_open_sittings(code, run, plan):
    sitting = enter(code)
    first = sitting.ask(do="look")["trial"]
    code = renew_code(Store(run.database, plan), "reader-1")
    for request in ({"do": "open"}, {"do": "look"}, {"do": "undo"}):
        assert sitting.ask(**request) == {"is": "trouble", "text": "trouble_ended"}
    assert sitting.answer(first) == {"is": "trouble", "text": "trouble_ended"}
    assert enter(code).answer(first)["answered"] == 1


def test_one_code_at_two_places_is_told_to_both_and_to_the_owner(code, run, plan):
    one, again, two = enter(code), enter(code), enter(code, "2")
    assert (one.notice, again.notice, two.notice) == (None, None, "two_places"), "one browser is one place"
    first = one.ask(do="look")
    assert first["notice"] == "two_places"
    assert one.answer(first["trial"])["notice"] is None, "told once"
    assert two.ask(do="look")["notice"] == "two_places"
    progress = progress_by_reader(Store(run.database, plan), plan).set_index("reader")
    assert progress.loc["reader-1", "two_places"] and progress["two_places"].isna().sum() == 1


def test_somebody_who_goes_on_elsewhere_later_is_not_at_two_places(code, run, plan):
    early = Desk(Store(run.database, plan), plan, "reader-1", clock=lambda: "2026-01-01T09:00:00.000+00:00")
    early.enter("1" * 32)
    assert enter(code, "2").notice is None
