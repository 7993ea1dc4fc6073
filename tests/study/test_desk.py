"""A desk: what is answered is stored first, and two desks of one reader agree."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ReadingError, StaleError, StoreError
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import trials_of

AT = "2026-01-01T00:00:00.000+00:00"


def test_an_answer_is_stored_before_the_next_trial_is_current(store, plan):
    desk = Desk(store, plan, "ada", clock=lambda: AT)
    assert desk.answer("ada-0", "s", Answer(2))
    assert desk.current.trial_id == "ada-1"
    assert [event.kind for event in store.events("ada")] == ["answered"]


def test_a_state_that_could_not_be_stored_does_not_move_on(store, plan, monkeypatch):
    desk = Desk(store, plan, "ada")

    def full(*_):
        raise StoreError("no room")

    monkeypatch.setattr(store, "extend", full)
    with pytest.raises(StoreError):
        desk.answer("ada-0", "s", Answer(2))
    assert desk.current.trial_id == "ada-0" and desk.answered == 0


def test_a_new_desk_goes_on_where_the_old_one_stopped(store, plan):
    first = Desk(store, plan, "ada")
    first.present()
    first.answer("ada-0", "s0", Answer(2))
    first.answer("ada-1", "s1", Answer(0))
    first.undo()
    second = Desk(store, plan, "ada")
    assert second.current.trial_id == "ada-1" and second.position == 2 and not second.can_undo


def test_sent_twice_is_recorded_once(store, plan):
    desk = Desk(store, plan, "ada")
    assert desk.answer("ada-0", "s", Answer(2)) is True
    assert desk.answer("ada-0", "s", Answer(2)) is False
    assert Desk(store, plan, "ada").answer("ada-0", "s", Answer(2)) is False


def test_two_tabs_do_not_answer_one_trial_twice(store, plan):
    older, newer = Desk(store, plan, "ada"), Desk(store, plan, "ada")
    newer.answer("ada-0", "new", Answer(2))
    with pytest.raises(StaleError, match="ada-0"):
        older.answer("ada-0", "old", Answer(-2))
    assert older.current.trial_id == "ada-1"
    assert len(store.events("ada")) == 1


def test_breaks_and_the_end_are_kept(store, plan):
    desk = Desk(store, plan, "ada")
    assert [desk.pause(), desk.pause(), desk.resume(), desk.close(), desk.close()] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert Desk(store, plan, "ada").is_closed


def test_a_look_leaves_no_trace(store, plan):
    assert Desk(store, plan, "ada").current.trial_id == "ada-0"
    assert store.readers() == {}


def test_a_stranger_gets_no_desk(store, plan):
    with pytest.raises(ReadingError, match="carla"):
        Desk(store, plan, "carla")


MOVES = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["answer", "answer", "again", "undo", "present", "pause", "resume", "refresh", "close"]),
        st.integers(-2, 2),
    ),
    max_size=20,
)


def move_of(desk, move, rating, sent):
    """Do a move as a browser would that knows no more than its desk; ``sent`` are submissions so far."""
    if move == "answer":
        trial = desk.current.trial_id if desk.current else "none"
        sent.append((trial, f"s{len(sent)}", Answer(rating)))
        desk.answer(*sent[-1])
    elif move == "again":
        desk.answer(*sent[-1]) if sent else None
    else:
        getattr(desk, move)()


def state_of(session):
    return session.answers, session.current, session.can_undo, session.is_paused, session.is_closed


def test_two_desks_and_the_log_agree_after_any_interleaving(in_memory, plan_of):
    readers = iter(names := [f"reader-{number}" for number in range(500)])
    plan = plan_of(4, names)
    store = Store(in_memory / "r.sqlite", plan)

    @settings(max_examples=60)
    @given(MOVES)
    def check(moves):
        reader, sent = next(readers), []
        desks = [Desk(store, plan, reader) for _ in range(2)]
        for place, move, rating in moves:
            with suppress(ReadingError):
                move_of(desks[place], move, rating, sent)
        replayed = Session(trials_of(plan, reader), store.events(reader))
        for desk in desks:
            desk.refresh()
            assert state_of(desk.session) == state_of(replayed)
        kinds = [event.kind for event in store.events(reader)]
        assert replayed.answered == kinds.count("answered") - kinds.count("undone")
        assert "closed" not in kinds[:-1], "nothing comes after the end"

    check()
    store.dispose()
