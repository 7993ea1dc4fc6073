"""A session: what may follow what, and that its own log gives its state again."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ReadingError, StaleError
from helpers.study.answer import Answer
from helpers.study.events import Event
from helpers.study.session import Session
from helpers.study.trials import Trial

AT = "2026-01-01T00:00:00.000+00:00"


def trials(count=4, task="realism_pair"):
    return [Trial(f"t{i}", i + 1, task, "atelectasis", False, (f"a{i}", f"b{i}")) for i in range(count)]


def decided(rating=1):
    return Answer(rating, cue="soft_tissue")


def step(session, event):
    if event is not None:
        session.apply(event)
    return event


def answer_next(session, submission, answer=None):
    return step(session, session.answer(session.current.trial_id, submission, answer or decided(), AT))


def test_trials_come_one_after_another_and_then_none():
    session = Session(reversed(trials()))
    seen = []
    while session.current:
        seen.append((session.position, session.current.trial_id))
        answer_next(session, f"s{len(seen)}")
    assert seen == [(1, "t0"), (2, "t1"), (3, "t2"), (4, "t3")]
    assert session.is_finished and session.answered == session.total == 4 and not session.is_closed


def test_upcoming_are_the_trials_after_the_current_one():
    session = Session(trials())
    answer_next(session, "s")
    assert [trial.trial_id for trial in session.upcoming(5)] == ["t2", "t3"]
    assert [trial.trial_id for trial in session.upcoming(1)] == ["t2"]


def test_asking_changes_nothing_until_the_event_is_applied():
    session = Session(trials())
    session.answer("t0", "s", decided(), AT)
    assert session.answered == 0 and session.current.trial_id == "t0"


def test_the_same_submission_twice_counts_once():
    session = Session(trials())
    event = answer_next(session, "s")
    assert session.answer("t0", "s", decided(), AT) is None
    session.apply(event)
    assert session.answered == 1


def test_a_submission_that_was_undone_does_not_come_back():
    session = Session(trials())
    answer_next(session, "s")
    step(session, session.undo(AT))
    assert session.answer("t0", "s", decided(), AT) is None
    assert session.answered == 0
    answer_next(session, "s again", decided(-2))
    assert session.answers["t0"].rating == -2


def test_only_the_current_trial_is_answered():
    session = Session(trials())
    with pytest.raises(StaleError, match="t1"):
        session.answer("t1", "s", decided(), AT)
    answer_next(session, "s")
    with pytest.raises(StaleError, match="t0"):
        session.answer("t0", "late", decided(), AT)


def refusal(action):
    with pytest.raises(ReadingError) as refused:
        action()
    return refused.type


def test_a_wrong_answer_is_not_said_to_be_a_late_one():
    session = Session(trials())
    for trial_id, answer in (("stranger", decided()), ("t0", Answer(2))):
        assert (
            refusal(lambda trial_id=trial_id, answer=answer: session.answer(trial_id, "s", answer, AT)) is ReadingError
        )
    assert refusal(lambda: Answer(7)) is ReadingError


def test_one_submission_cannot_answer_two_trials():
    session = Session(trials())
    answer_next(session, "s")
    with pytest.raises(ReadingError, match="another trial"):
        session.answer("t1", "s", decided(), AT)


def test_only_the_last_answer_is_undone_and_only_once():
    session = Session(trials())
    with pytest.raises(StaleError, match="undone"):
        session.undo(AT)
    answer_next(session, "s0")
    answer_next(session, "s1")
    assert step(session, session.undo(AT)).trial_id == "t1"
    assert session.current.trial_id == "t1" and not session.can_undo
    with pytest.raises(StaleError, match="only once"):
        session.undo(AT)


def test_the_last_trial_can_be_undone_too():
    session = Session(trials(1))
    answer_next(session, "s")
    step(session, session.undo(AT))
    assert session.current.trial_id == "t0"


def test_a_pause_holds_answers_until_it_ends():
    session = Session(trials())
    step(session, session.pause(AT))
    assert session.pause(AT) is None and session.is_paused
    with pytest.raises(StaleError, match="paused"):
        session.answer("t0", "s", decided(), AT)
    step(session, session.resume(AT))
    assert session.resume(AT) is None
    assert answer_next(session, "s")


def test_a_closed_session_takes_nothing_more():
    session = Session(trials())
    answer_next(session, "s")
    step(session, session.close(AT))
    assert session.is_closed and session.current is None and session.close(AT) is None and session.upcoming(3) == ()
    for refused in (
        lambda: session.answer("t1", "x", decided(), AT),
        lambda: session.undo(AT),
        lambda: session.pause(AT),
    ):
        with pytest.raises(StaleError, match="closed"):
            refused()
    assert session.answered == 1


def test_a_decided_realism_answer_needs_its_reason_and_an_undecided_one_has_none():
    session = Session(trials())
    with pytest.raises(ReadingError, match="main reason"):
        session.answer("t0", "s", Answer(2), AT)
    with pytest.raises(ReadingError, match="no main reason"):
        session.answer("t0", "s", Answer(0, cue="other"), AT)
    assert session.answer("t0", "s", Answer(0), AT)


def test_conditionality_asks_for_no_reason():
    session = Session(trials(task="conditionality"))
    with pytest.raises(ReadingError, match="no main reason"):
        session.answer("t0", "s", decided(), AT)
    assert session.answer("t0", "s", Answer(-2), AT)


@pytest.mark.parametrize(("images", "side"), [(2, None), (1, "left")])
def test_a_mark_names_its_image_on_pairs_only(images, side):
    task = "realism_pair" if images == 2 else "realism_single"
    session = Session([Trial("t0", 1, task, "atelectasis", False, ("a", "b")[:images])])
    answer = Answer(1, "other", mark=(0.5, 0.5, 0, 0), mark_side=side)
    with pytest.raises(ReadingError, match="mark_side"):
        session.answer("t0", "s", answer, AT)
    assert session.answer("t0", "s", replace(answer, mark_side=None if side else "right"), AT)


@pytest.mark.parametrize("rating", [-2, -1, 0, 1, 2])
def test_a_finding_that_is_not_called_absent_may_be_marked(rating):
    session = Session([Trial("t0", 1, "conditionality", "atelectasis", False, ("a",))])
    answer = Answer(rating, mark=(0.5, 0.5, 0.1, 0.1))
    if rating < 0:
        with pytest.raises(ReadingError, match=f"rating {rating} of a conditionality trial has nothing to mark"):
            session.answer("t0", "s", answer, AT)
    else:
        assert session.answer("t0", "s", answer, AT)


def test_an_open_answer_of_a_pair_has_nothing_to_mark():
    session = Session([Trial("t0", 1, "realism_pair", "atelectasis", False, ("a", "b"))])
    with pytest.raises(ReadingError, match="nothing to mark"):
        session.answer("t0", "s", Answer(0, mark=(0.5, 0.5, 0, 0), mark_side="left"), AT)


def test_a_choice_among_three_takes_its_places_and_no_others():
    session = Session([Trial("t0", 1, "realism_choice_3", "atelectasis", True, ("a", "b", "c"))], practice={"t0": "2"})
    for rating, side in ((4, "2"), (0, "2"), (-1, "2"), (2, "4"), (2, "left"), (2, None)):
        answer = Answer(rating, "other", mark=(0.5, 0.5, 0, 0), mark_side=side)
        with pytest.raises(ReadingError, match="mark_side" if rating == 2 else "takes 1, 2, 3"):
            session.answer("t0", "s", answer, AT)
    with pytest.raises(ReadingError, match="needs its main reason"):
        session.answer("t0", "s", Answer(2), AT)
    answer_next(session, "s", Answer(3, "other", mark=(0.5, 0.5, 0, 0), mark_side="3"))
    assert session.feedback("t0") == {"truth": "2", "correct": False}


def test_an_answer_with_a_mark_survives_its_log():
    answer = Answer(-1, "other", cues=("other", "soft_tissue"), mark=(0.1, 0.2, 0.3, 0.4), mark_side="left")
    session = Session(trials())
    event = session.answer("t0", "s", answer, AT)
    stored = Event(event.kind, event.trial_id, event.submission_id, json.loads(json.dumps(event.payload)), AT)
    assert Session(trials(), [stored]).answers["t0"] == answer


def test_feedback_is_for_practice_trials_that_are_answered():
    asked = [Trial(f"t{i}", i + 1, "conditionality", "atelectasis", i < 3, ("a",)) for i in range(4)]
    rights = {
        "t0": "present",
        "t1": "absent",
        "t2": "present",
        "t3": "present",
    }  # t3 is no practice trial: its truth stays where it is
    session = Session(asked, practice=rights)
    assert session.feedback("t0") is None
    for number, rating in enumerate((2, 1, 0, 1)):
        answer_next(session, f"s{number}", Answer(rating))
    assert session.feedback("t0") == {"truth": "present", "correct": True}
    assert session.feedback("t1") == {"truth": "absent", "correct": False}
    assert session.feedback("t2") == {"truth": "present", "correct": None}
    assert session.feedback("t3") is None and session.feedback("stranger") is None
    step(session, session.undo(AT))
    step(session, session.close(AT))
    assert session.feedback("t2")["correct"] is None


def test_feedback_is_taken_back_with_the_answer():
    session = Session([Trial("t0", 1, "conditionality", "atelectasis", True, ("a",))], practice={"t0": "present"})
    answer_next(session, "s", Answer(2))
    step(session, session.undo(AT))
    assert session.feedback("t0") is None


def test_the_place_counts_practice_and_other_trials_apart():
    session = Session([Trial(f"t{i}", i + 1, "conditionality", "atelectasis", i in (0, 3), ("a",)) for i in range(5)])
    places = []
    while session.current:
        places.append(session.place)
        answer_next(session, session.current.trial_id, Answer(0))
    assert places == [(1, 2), (1, 3), (2, 3), (2, 2), (3, 3)]
    assert session.place is None and session.practice_total == 2 and session.tasks == ("conditionality",)


SIGHT = {
    "display": {"window": [1400, 900], "screen": [2048, 1152], "device_pixel_ratio": 1.25, "colour_depth": 30},
    "ramp": {"dark": True, "bright": False},
    "language": "en",
}


@pytest.mark.parametrize("wrong", [{"n": "x"}, {"language": "<b>"}, {"ramp": {"dark": 1, "bright": 1}}, {"display": 1}])
def test_facts_of_the_display_keep_to_their_schema_and_a_fault_is_said_without_its_content(wrong):
    with pytest.raises(ReadingError, match="facts of the display: [a-z.]+: [a-z_]+$"):
        Session(trials()).present(AT, SIGHT | wrong)


MOVES = st.lists(
    st.tuples(st.sampled_from(["answer", "again", "undo", "pause", "resume", "present", "close"]), st.integers(-2, 2))
)


@settings(deadline=None)
@given(MOVES)
def test_replaying_the_log_gives_the_same_state_after_any_moves(moves):
    session, log = Session(trials(5)), []
    for number, (move, rating) in enumerate(moves):
        answer = Answer(rating, cue="other" if rating else None)
        known = [event for event in log if event.kind == "answered"]
        try:
            if move == "answer":
                event = session.answer(session.current.trial_id if session.current else "t0", f"s{number}", answer, AT)
            elif move == "again":
                event = session.answer(known[-1].trial_id, known[-1].submission_id, answer, AT) if known else None
            else:
                event = getattr(session, move)(AT)
        except ReadingError:
            continue
        if event is not None:
            session.apply(event)
            log.append(event)
    replayed = Session(trials(5), log)
    assert replayed.answers == session.answers
    assert (replayed.current, replayed.position, replayed.is_closed) == (
        session.current,
        session.position,
        session.is_closed,
    )
    assert (replayed.is_paused, replayed.can_undo) == (session.is_paused, session.can_undo)
    undone = sum(event.kind == "undone" for event in log)
    assert session.answered == sum(event.kind == "answered" for event in log) - undone
    assert list(session.answers) == [f"t{i}" for i in range(session.answered)]
