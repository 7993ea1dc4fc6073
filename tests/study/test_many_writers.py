"""Fifty readers write 50 answers each at once, to SQLite and to a real PostgreSQL server: each is there, once.

What is asked here is who may write when. Neither database waits for a disk, so that five thousand commits take seconds;
that a commit waits for the disk is asked of the store alone (``test_store.py``).
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import writers

from helpers.errors import ReadingError, StoreError
from helpers.study import schema
from helpers.study.accounts import Account, account_of, add_account, renew_code
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.export import readings_table
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import trials_of
from helpers.study.verification import faults_of, record_of

READERS = [f"reader-{number}" for number in range(50)]
ANSWERS = 50  # of each

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, in_memory):
    """Address of an empty readings database."""
    return in_memory / "r.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgresql")()


def in_processes(count: int, work) -> list[int]:
    """Exit states of ``work(number)`` in so many processes at once."""
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            try:
                work(number)
                os._exit(0)
            except BaseException as error:
                print(f"writer {number}: {error!r}", file=sys.stderr, flush=True)
                os._exit(1)
        children.append(child)
    return [os.waitpid(child, 0)[1] for child in children]


def again(step):
    """Do a step until the database is not held by others too long, as a reader does by "Try again"."""
    while True:
        try:
            return step()
        except StoreError:
            continue


def test_fifty_readers_lose_and_double_nothing(address):
    plan = writers.plan_of(READERS, ANSWERS)

    def read(number: int) -> None:
        desk = again(lambda: Desk(Store(address, plan), plan, READERS[number]))  # all open an empty database at once
        while desk.current:
            trial = desk.current
            again(lambda trial=trial: desk.answer(trial.trial_id, trial.trial_id, Answer(trial.position % 5 - 2)))

    assert in_processes(len(READERS), read) == [0] * len(READERS)
    store = Store(address, plan)
    assert len(readings_table(store, plan)) == len(plan) == len(READERS) * ANSWERS
    for reader in READERS:
        events = store.events(reader)
        session = Session(trials_of(plan, reader), events)
        assert len(events) == len(session.answers) == ANSWERS and session.is_finished
        assert [answer.rating for answer in session.answers.values()] == [(i + 1) % 5 - 2 for i in range(ANSWERS)]
    with store.reading() as connection:
        record = record_of(connection)
    assert faults_of(record) == [] and [row["kind"] for row in record.log] == ["plan"]
    store.dispose()
    if "postgresql" in str(address):
        check_one_reader_in_two_places(address, plan)


def check_one_reader_in_two_places(address, plan) -> None:
    """What the tests of the store say of SQLite holds for the server too: another plan, two desks, accounts."""
    store = Store(address, plan)
    first, second = Desk(store, plan, READERS[0]), Desk(Store(address, plan), plan, READERS[0])
    assert first.undo()
    trial = first.current.trial_id
    assert first.answer(trial, "again", Answer(2)) and not second.answer(trial, "again", Answer(2))
    with pytest.raises(ReadingError, match=trial):
        second.answer(trial, "other", Answer(-2))
    code = add_account(store, plan, Account(READERS[1], 12, "thoracic", "es"))
    assert account_of(store, code) == Account(READERS[1], 12.0, "thoracic", "es")


def test_readers_owner_and_strangers_write_at_once_and_every_chain_is_whole(address):
    """What concerns one reader waits for that reader only; the log, which all write to, has each entry once."""
    plan = writers.plan_of(READERS[:6], 20)
    Store(address, plan).dispose()

    def work(number: int) -> None:
        store = Store(address, plan)
        desk = again(lambda: Desk(store, plan, READERS[number % 6]))
        code = again(lambda: add_account(store, plan, Account(READERS[number]))) if number < 6 else None
        for turn in range(12):
            again(lambda turn=turn: (desk.pause, desk.resume)[turn % 2]())
            if code and turn % 4 == 0:
                with pytest.raises(ReadingError):
                    account_of(store, "a wrong code")
                again(lambda: renew_code(store, READERS[number]))

    assert in_processes(8, work) == [0] * 8
    store = Store(address, plan)
    with store.reading() as connection:
        record = record_of(connection)
    kinds = [row["kind"] for row in record.log]
    assert faults_of(record) == [] and len(record.events) == 6
    assert {kind: kinds.count(kind) for kind in ("plan", "account", "code")} == {"plan": 1, "account": 6, "code": 18}
    assert 0 < kinds.count("failed_entry") <= 18
    store.dispose()


def test_readers_who_come_back_to_another_server_share_its_commits_and_nobody_waits_for_ever(address):
    """Servers write for many readers in one commit, each in an order of its own."""
    plan = writers.plan_of(READERS[:8], 3)
    Store(address, plan).dispose()

    def serve(number: int) -> None:
        store = Store(address, plan)
        desks = [again(lambda reader=reader: Desk(store, plan, reader)) for reader in READERS[:8]]
        with ThreadPoolExecutor(8) as pool:
            for turn in range(20):
                moves = [desk.pause if (turn + place) % 2 else desk.resume for place, desk in enumerate(desks)]
                np.random.default_rng([number, turn]).shuffle(moves)
                list(pool.map(again, moves))
        store.dispose()

    assert in_processes(3, serve) == [0] * 3
    store = Store(address, plan)
    with store.reading() as connection:
        record = record_of(connection)
    assert faults_of(record) == [] and len(record.events) == 8
    store.dispose()


def test_a_server_that_stands_still_in_its_turn_holds_up_its_own_reader_alone(postgresql, monkeypatch):
    monkeypatch.setattr(schema, "TURN_WAIT_MS", 300)
    plan = writers.plan_of(READERS[:4], 3)
    address = postgresql()
    still, store = Store(address, plan), Store(address, plan)
    desks = [Desk(store, plan, reader) for reader in READERS[:4]]
    with still._transaction([READERS[0]]), ThreadPoolExecutor(4) as pool:
        told = [pool.submit(desk.pause) for desk in desks]
        assert isinstance(told[0].exception(), StoreError) and all(one.result() for one in told[1:])
    assert desks[0].pause()
    for one in (still, store):
        one.dispose()


def test_one_reader_in_many_places_at_once(tmp_path):
    plan = writers.plan_of(["ada"], 40)
    store = Store(tmp_path / "r.sqlite", plan)
    store.dispose()

    def read(number: int) -> None:
        desk = Desk(store, plan, "ada")
        while desk.current:
            try:
                desk.answer(desk.current.trial_id, f"{number}-{desk.position}", Answer(1))
            except ReadingError:
                continue  # the other place was quicker; the desk has seen it by now

    assert in_processes(6, read) == [0] * 6
    answered = [event.trial_id for event in store.events("ada") if event.kind == "answered"]
    assert answered == [f"ada-{number}" for number in range(40)]
