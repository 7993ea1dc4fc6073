"""The state of a session: the stored events alone give it, and what is not sound in them blocks nothing."""

from dataclasses import replace

import pytest

from helpers.errors import ReadingError
from helpers.study.answer import Answer
from helpers.study.events import Event
from helpers.study.state import State
from helpers.study.trials import Trial

AT = "2026-01-01T00:00:00.000+00:00"


def trials(count=4):
    return [Trial(f"t{i}", i + 1, "realism_pair", "atelectasis", False, (f"a{i}", f"b{i}")) for i in range(count)]


def test_a_log_with_the_fewest_facts_of_each_answer_can_be_replayed():
    stored = [
        Event("answered", "t0", "s0", {"rating": -2, "cue": "other", "cue_text": None, "active_ms": 9.0}, AT),
        Event("answered", "t1", "s1", {"rating": 0}, AT),
    ]
    state = State(trials(), stored)
    assert [answer.rating for answer in state.answers.values()] == [-2, 0] and state.current.trial_id == "t2"


def test_an_event_of_unknown_kind_is_refused():
    with pytest.raises(ReadingError, match="vanished"):
        State(trials()).apply(Event("vanished", None, None, {}, AT))


STORED = {"rating": 1, "cue": "other", "cue_text": None, "active_ms": 9.0}


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (STORED | {"active_ms": 1e308}, "the answer (active_ms)"),
        (STORED | {"rating": 7}, "the answer (rating)"),
        (STORED | {"cue": None}, "the answer (cue)"),
        ({"nothing": "known"}, "the answer (answer)"),
        ([1], "the answer (answer)"),
        (None, "the answer (answer)"),
    ],
)
def test_a_stored_answer_that_is_not_sound_is_set_aside_and_keeps_its_trial(payload, why):
    state = State(trials(), [Event("answered", "t0", "s0", payload, AT), Event("answered", "t1", "s1", STORED, AT)])
    assert [(aside.sequence, aside.trial_id, aside.why) for aside in state.set_aside] == [(1, "t0", why)]
    assert list(state.answers) == ["t1"] and state.answered == 2 and state.current.trial_id == "t2"
    assert state.feedback("t0") is None


def test_of_a_stored_answer_whose_note_is_not_sound_the_note_alone_is_set_aside():
    state = State(trials(), [Event("answered", "t0", "s0", STORED | {"cue_text": "half \ud83d"}, AT)])
    assert [aside.why for aside in state.set_aside] == ["the note, not the answer"]
    assert state.answers["t0"] == Answer(1, "other", active_ms=9.0)


def test_stored_events_that_cannot_follow_are_set_aside_and_block_nothing():
    stored = [
        Event("presented", "t0", None, {"display": {"x": "<script>"}}, AT),
        Event("undone", "t0", None, {}, AT),
        Event("vanished", None, None, {}, AT),
        Event("answered", "of another plan", "s0", STORED, AT),
        Event("agreed", None, None, {"sha256": "<b>"}, AT),
        Event("entered", None, None, None, "no moment"),
        Event("answered", "t0", "s1", STORED, AT),
    ]
    state = State(trials(), stored)
    assert [aside.sequence for aside in state.set_aside] == [1, 2, 3, 4, 5, 6]
    assert "<" not in "".join(aside.why for aside in state.set_aside)
    assert list(state.answers) == ["t0"] and state.sittings == [] and state.consent is None


def test_answers_stand_where_the_plan_has_grown():
    log = [Event("answered", f"t{i}", f"s{i}", STORED, AT) for i in range(4)]
    grown = State(trials(6), log)
    assert list(grown.answers) == ["t0", "t1", "t2", "t3"] and grown.current.trial_id == "t4"
    between = [replace(trial, position=2 * trial.position) for trial in trials()]
    grown = State([*between, replace(trials(6)[5], position=3)], log)
    assert grown.current.trial_id == "t5" and grown.answered == 4 and grown.upcoming(3) == ()


def test_two_trials_of_one_name_are_refused():
    with pytest.raises(ReadingError, match="two trials .* one trial_id"):
        State([*trials(), *trials(1)])


def test_an_event_that_cannot_follow_is_refused_and_changes_nothing():
    state = State(trials(), [Event("answered", "t0", "s0", STORED, AT)])
    for event in (Event("undone", "t1", None, {}, AT), Event("answered", "t0", "s9", STORED, AT)):
        with pytest.raises(ReadingError):
            state.apply(event)
    assert list(state.answers) == ["t0"] and state.current.trial_id == "t1" and state.can_undo
    assert state.set_aside == [] and state.seen == 1


def test_the_same_answer_twice_is_one():
    event = Event("answered", "t0", "s0", STORED, AT)
    assert State(trials(), [event, event]).answered == 1
