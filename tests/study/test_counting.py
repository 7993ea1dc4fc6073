"""A run has simulated readers or people, never both; a rule says which people count."""

import pandas as pd
import pytest
from one_trial_plan import plan_of, read

from helpers.errors import ReadingError, WaitingError
from helpers.study.answer import Answer
from helpers.study.counting import counting, readers_that_count, study_readers
from helpers.study.desk import Desk
from helpers.study.store import Store


@pytest.fixture
def plan():
    return plan_of("case-1")


def test_the_guest_is_no_reader_of_the_study(plan):
    assert study_readers(plan) == ["reader-1", "reader-2"]


def test_simulated_readers_count_where_the_run_is_simulated(plan, database):
    for reader in ("reader-1", "reader-2"):
        store = read(database, plan, reader, "simulated")
    read(database, plan, "guest", "human")
    assert readers_that_count(store, plan, "simulated") == ["reader-1", "reader-2"]


def test_people_count_who_have_finished_or_all_who_have_answered_a_case(plan, database):
    more = plan.assign(position=2, trial_id=plan.trial_id + "-2", images="case-2", case="case-2")
    plan = pd.concat([plan, more], ignore_index=True)
    for reader in ("reader-1", "reader-2"):
        store = read(database, plan, reader, "human")
    desk = Desk(store, plan, "reader-2")
    desk.answer(desk.current.trial_id, "t", Answer(1))
    assert readers_that_count(store, plan, "human") == ["reader-2"]
    assert readers_that_count(store, plan, "human", "all") == ["reader-1", "reader-2"]
    assert counting(store, plan, "finished").endswith("(count_readers: finished): 1 of 2 who have begun.")
    with pytest.raises(ReadingError, match="count_readers = 'some': must be one of finished, all"):
        readers_that_count(store, plan, "human", "some")


def test_practice_alone_makes_no_reader(plan, database):
    store = read(database, plan.assign(is_practice=True), "reader-1", "human")
    with pytest.raises(WaitingError):
        readers_that_count(store, plan.assign(is_practice=True), "human", "all")


def test_a_guest_does_not_finish_a_study(plan, database):
    store = read(database, plan, "guest", "human")
    said = "count_readers: finished.*reader-1 0 of 1, reader-2 0 of 1. Without an access code: reader-1, reader-2"
    with pytest.raises(WaitingError, match=said):
        readers_that_count(store, plan, "human")


def test_a_person_among_simulated_readers_is_an_error(plan, database):
    store = read(database, plan, "reader-1", "human")
    with pytest.raises(ReadingError, match="a person has read as reader-1"):
        readers_that_count(store, plan, "simulated")


def test_a_misspelt_kind_is_named(plan, database):
    with pytest.raises(ReadingError, match="readers_are = 'humans': must be one of simulated, human"):
        readers_that_count(Store(database, plan), plan, "humans")
