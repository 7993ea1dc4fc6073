"""Where readings are kept, and what tells that people have answered."""

import pandas as pd
import pytest

from helpers.errors import StoreError
from helpers.runs import PROJECT, Run
from helpers.study.accounts import Account, add_account
from helpers.study.answer import Answer
from helpers.study.database import readings_database, state_of_answers
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN


@pytest.fixture(autouse=True)
def nowhere_else(workspace, monkeypatch):
    monkeypatch.delenv("HELPERS_DATABASE", raising=False)


@pytest.fixture
def plan():
    """Two conditionality trials for two readers and the guest."""
    row = {"task": "conditionality", "finding": "atelectasis", "present": 1, "source": "gan", "is_practice": False}
    rows = [
        row | {"reader": reader, "trial_id": f"{reader}-{n}", "images": f"i{n}", "case": f"i{n}", "position": n}
        for reader in ("reader-1", "reader-2", "guest")
        for n in (1, 2)
    ]
    return pd.DataFrame(rows, columns=list(PLAN.columns))


@pytest.fixture
def store(plan):
    return Store(Run("pilot").database, plan)


def state():
    return state_of_answers("pilot")


def test_readings_lie_where_the_notebook_or_else_the_environment_says(monkeypatch):
    own = Run("pilot").database
    assert readings_database("pilot") == own
    monkeypatch.setenv("HELPERS_DATABASE", "postgresql://host/study")
    assert readings_database("pilot") == "postgresql://host/study"
    assert readings_database("pilot", "data/study.sqlite") == PROJECT / "data" / "study.sqlite"
    assert readings_database("pilot", "/srv/study.sqlite", "simulated") == own


def test_there_is_nothing_to_tell_before_anybody_has_answered(plan):
    assert state() == ""
    assert not Run("pilot").database.exists()
    desk = Desk(Store(Run("pilot").database, plan), plan, "reader-1")
    desk.present()
    assert state() == ""


def test_it_changes_with_every_valid_answer_and_only_with_those(plan, store):
    desk, states = Desk(store, plan, "reader-1"), []

    def note():
        states.append(state())

    desk.answer("reader-1-1", "s", Answer(1)), note()
    assert states[0].startswith("1 answers of 1 readers, ")
    for step in (desk.pause, desk.resume, desk.present):
        step(), note()
    Desk(store, plan, "guest").answer("guest-1", "g", Answer(1)), note()
    assert set(states) == {states[0]}
    desk.answer("reader-1-2", "t", Answer(1)), note()
    desk.undo(), note()
    assert states[-1] == states[0] != states[-2]
    Desk(store, plan, "reader-2").answer("reader-2-1", "u", Answer(1)), note()
    assert states[-1] not in states[:-1]


def test_what_the_owner_tells_of_a_reader_counts_once_the_reader_has_answered(plan, store):
    Desk(store, plan, "reader-1").answer("reader-1-1", "s", Answer(1))
    before = state()
    add_account(store, plan, Account("reader-2", 3))
    assert state() == before
    add_account(store, plan, Account("reader-1", 12))
    assert state() != before


def test_simulated_readings_tell_nothing(plan, store):
    Desk(store, plan, "reader-1", "simulated").answer("reader-1-1", "s", Answer(1))
    assert state() == ""
    Desk(store, plan, "reader-2").answer("reader-2-1", "s", Answer(1))
    assert state_of_answers("pilot", readers_are="simulated") == ""


def test_a_database_that_cannot_be_read_is_named():
    Run("pilot").database.parent.mkdir(parents=True)
    Run("pilot").database.write_text("not a database, but long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match=r"readings\.sqlite: the answers in this readings database cannot be read"):
        state()
