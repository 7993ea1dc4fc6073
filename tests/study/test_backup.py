"""A backup is made while people read, to the last answer; putting it back loses nothing but what is meant to be."""

import sqlite3
import threading

import pytest
import writers

from helpers.errors import RecordError, StoreError
from helpers.study.accounts import Account, account_of, add_account
from helpers.study.answer import Answer
from helpers.study.backup import back_up, restore
from helpers.study.desk import Desk
from helpers.study.export import readings_table
from helpers.study.store import Store
from helpers.study.verification import faults_of, record_of
from helpers.study.withdrawal import withdraw


@pytest.fixture
def database(tmp_path):
    return tmp_path / "run" / "readings.sqlite"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup.sqlite"


def read(store, plan, reader, count=2):
    desk = Desk(store, plan, reader)
    for _ in range(count):
        desk.answer(desk.current.trial_id, desk.current.trial_id, Answer(1))
    return desk


def record(store):
    with store.reading() as connection:
        return record_of(connection)


def state(database, plan):
    """All that is read from a database; it is sound."""
    store = Store(database, plan, create=False)
    assert faults_of(record(store)) == []
    found = {reader: store.events(reader) for reader in store.readers()}
    store.dispose()
    return found


def test_a_backup_has_everything_to_the_last_answer_in_one_private_file(database, file, plan):
    store = Store(database, plan)
    code = add_account(store, plan, Account("ada", 12))
    read(store, plan, "ada")
    back_up(store, file)  # the newest answers are in the write-ahead log yet
    before = {reader: store.events(reader) for reader in store.readers()}
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in file.parent.iterdir()} == {"run", file.name}
    assert record(store).log[-1]["kind"] == "backup"
    store.dispose()
    database.unlink()
    assert restore(file, database, plan) is None
    assert state(database, plan) == before
    store = Store(database, plan)
    assert account_of(store, code).reader == "ada" and record(store).log[-1]["kind"] == "restored"
    store.dispose()


def test_a_backup_is_made_while_others_write_and_is_whole_at_each_moment(tmp_path):
    plan = writers.plan_of(["ada", "ben"], 60)
    store = Store(tmp_path / "readings.sqlite", plan)
    acknowledged = {"ada": 0, "ben": 0}

    def write(reader):
        desk = Desk(Store(tmp_path / "readings.sqlite", plan), plan, reader)
        while desk.current:
            desk.answer(desk.current.trial_id, desk.current.trial_id, Answer(1))
            acknowledged[reader] += 1

    threads = [threading.Thread(target=write, args=(reader,)) for reader in acknowledged]
    [thread.start() for thread in threads]
    for number in range(6):
        before = dict(acknowledged)
        found = back_up(store, tmp_path / f"{number}.sqlite")
        assert faults_of(found) == []
        assert all(len(found.events.get(reader, ())) >= count for reader, count in before.items())
    [thread.join() for thread in threads]
    assert len(readings_table(store, plan)) == 120
    store.dispose()


def test_a_file_that_is_there_is_not_written_over(store, plan, file):
    file.write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        back_up(store, file)
    assert file.read_text() == "mine"


def test_newer_answers_are_not_lost_unless_that_is_said_and_lie_beside_it_then(database, file, plan):
    store = Store(database, plan)
    read(store, plan, "ada")
    back_up(store, file)
    before = state(database, plan)
    read(store, plan, "ada", 1)
    read(store, plan, "ben")
    store.dispose()
    newer = state(database, plan)
    with pytest.raises(StoreError, match=r"1 events \(1 answers\) of ada, 2 events \(2 answers\) of ben.*--discard"):
        restore(file, database, plan)
    assert state(database, plan) == newer
    aside = restore(file, database, plan, discard_newer=True)
    assert state(database, plan) == before and state(aside, plan) == newer
    assert [path.name for path in database.parent.glob(".restore*")] == []


def test_an_account_made_since_counts_as_newer_and_an_export_does_not(database, file, plan):
    store = Store(database, plan)
    read(store, plan, "ada")
    back_up(store, file)
    store.dispose()
    assert restore(file, database, plan).is_file()
    store = Store(database, plan)
    add_account(store, plan, Account("ben"))
    store.dispose()
    with pytest.raises(StoreError, match="1 log entries of kind account"):
        restore(file, database, plan)


def test_nothing_is_put_back_while_somebody_has_the_database_open(database, file, plan):
    store = Store(database, plan)
    desk = read(store, plan, "ada")
    back_up(store, file)
    with pytest.raises(StoreError, match="in use.*stop the reading room"):
        restore(file, database, plan)
    assert desk.answer("ada-2", "s", Answer(1)) and desk.answered == 3
    store.dispose()


def test_who_has_withdrawn_since_stays_withdrawn(database, file, plan):
    store = Store(database, plan)
    for reader in ("ada", "ben"):
        read(store, plan, reader)
    back_up(store, file)
    withdraw(store, plan, "ada", "asked for it")
    store.dispose()
    restore(file, database, plan)
    found = state(database, plan)
    assert {event.kind for event in found["ada"]} == {"withdrawn"} and len(found["ben"]) == 2


def test_a_backup_that_was_edited_or_is_none_is_refused_and_nothing_changes(database, file, plan, plan_of, tmp_path):
    store = Store(database, plan)
    read(store, plan, "ada")
    back_up(store, file)
    store.dispose()
    before, whole = state(database, plan), file.read_bytes()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE events SET at = 'then' WHERE sequence = 2")
    with pytest.raises(RecordError, match="backup.sqlite: not as it was written: reader ada, event 2"):
        restore(file, database, plan, discard_newer=True)
    for content in (b"noise", whole[: len(whole) // 2]):
        file.write_bytes(content)
        with pytest.raises(RecordError, match="backup.sqlite: not a readings database, or a damaged one"):
            restore(file, database, plan, discard_newer=True)
    file.write_bytes(whole)
    with pytest.raises(StoreError, match="belong to another plan"):
        restore(file, database, plan_of(readers=("eve",)), discard_newer=True)
    with pytest.raises(StoreError, match="no such backup"):
        restore(tmp_path / "none.sqlite", database, plan)
    assert state(database, plan) == before and file.read_bytes() == whole


@pytest.mark.parametrize("damage", [
    lambda whole: whole[:4096] + b"x" * 9000,
    lambda whole: whole.replace(b"CREATE TABLE", b"CR\xcd\xffTE TABLE"),
])  # fmt: skip
def test_a_backup_takes_the_place_of_a_damaged_database(database, file, plan, damage):
    store = Store(database, plan)
    read(store, plan, "ada")
    back_up(store, file)
    store.dispose()
    before, whole = state(database, plan), database.read_bytes()
    database.write_bytes(damage(whole))
    with pytest.raises(StoreError, match="cannot be read.*--discard-newer"):
        restore(file, database, plan)
    aside = restore(file, database, plan, discard_newer=True)
    assert state(database, plan) == before and aside.read_bytes() == damage(whole)


def test_a_postgresql_database_is_backed_up_by_its_server_and_the_command_is_told(postgresql, file, plan):
    store = Store(postgresql(), plan)
    with pytest.raises(StoreError, match=r"pg_dump --format=custom --file=.*'postgresql://owner@127"):
        back_up(store, file)
    store.dispose()
