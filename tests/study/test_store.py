"""The store: acknowledged means durable, nothing twice, and no database of another plan."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from helpers.errors import DiskError, ReadingError, StoreError
from helpers.study.accounts import accounts_table
from helpers.study.binding import plan_hash
from helpers.study.desk import Desk
from helpers.study.events import Event
from helpers.study.schema import EVENTS, SCHEMA_VERSION, STUDY
from helpers.study.store import Store
from helpers.tables import PLAN, read_table, write_table

AT = "2026-01-01T00:00:00.000+00:00"


def answered(trial_id, submission_id, rating=1):
    return Event("answered", trial_id, submission_id, {"rating": rating}, AT)


def write(store, reader, event, kind="human"):
    """One event after all that the reader has."""
    return store.extend(reader, 0, lambda _: event, kind)


def test_events_come_back_as_they_went_in(store, plan, tmp_path):
    event = Event("answered", "ada-0", "s", {"rating": -2, "cue_text": "côté gauche ✓"}, AT)
    assert write(store, "ada", event) is event
    again = Store(tmp_path / "readings.sqlite", plan, create=False)
    assert again.events("ada") == [event] and again.events("ben") == []
    assert again.readers() == {"ada": "human"}


def test_a_submission_is_stored_once_and_two_readers_may_share_its_name(store):
    write(store, "ada", answered("ada-0", "s"))
    with pytest.raises(StoreError, match="UNIQUE"):
        write(store, "ada", answered("ada-1", "s"))
    write(store, "ben", answered("ben-0", "s"))
    assert [len(store.events(reader)) for reader in ("ada", "ben")] == [1, 1]


def test_what_follows_rests_on_all_that_is_known(store):
    write(store, "ada", answered("ada-0", "s"))
    told = []
    store.extend("ada", 0, lambda news: told.append(news))
    store.extend("ada", 1, lambda news: told.append(news))
    assert told == [[answered("ada-0", "s")], []] and len(store.events("ada")) == 1


def test_what_cannot_follow_changes_nothing(store):
    def refuse(_):
        raise ReadingError("not now")

    with pytest.raises(ReadingError, match="not now"):
        store.extend("ada", 0, refuse)
    assert store.readers() == {} and store.events("ada") == []


def test_a_reader_is_human_or_simulated_never_both(store, plan):
    write(store, "ada", answered("ada-0", "s"), kind="simulated")
    with pytest.raises(ReadingError, match="simulated readings"):
        write(store, "ada", answered("ada-1", "t"), kind="human")
    with pytest.raises(ReadingError, match="cannot continue as human"):
        Desk(store, plan, "ada", "human")
    write(store, "ben", answered("ben-0", "s"), kind="human")
    assert store.readers() == {"ada": "simulated", "ben": "human"}


def test_a_database_of_another_plan_is_refused_with_both_hashes(store, plan, plan_of, tmp_path):
    other = plan_of(count=5)
    write(store, "ada", answered("ada-5", "s"))
    with pytest.raises(StoreError) as refused:
        Store(tmp_path / "readings.sqlite", other)
    assert plan_hash(plan) in str(refused.value) and plan_hash(other) in str(refused.value)
    assert "another RUN" in str(refused.value)


def test_the_plan_hash_survives_the_file_and_the_order_of_rows(plan, tmp_path):
    write_table(plan, tmp_path / "plan.csv", PLAN)
    assert plan_hash(read_table(tmp_path / "plan.csv", PLAN)) == plan_hash(plan) == plan_hash(plan[::-1])


def test_a_missing_database_is_not_made_when_only_reading(tmp_path, plan):
    with pytest.raises(StoreError, match="07_reading"):
        Store(tmp_path / "none.sqlite", plan, create=False)
    assert not (tmp_path / "none.sqlite").exists()


def fill(path, plan, count=60):
    store = Store(path, plan)
    for number in range(count):
        write(store, "ada", Event("paused", None, None, {"n": number}, AT))
    store.dispose()


@pytest.mark.parametrize("damage", ["noise", "cut", "scribble", "not text"])
def test_a_damaged_database_is_named(tmp_path, plan, damage):
    path = tmp_path / "readings.sqlite"
    fill(path, plan)
    whole = path.read_bytes()
    damaged = {"noise": os.urandom(4096), "cut": whole[: len(whole) // 2], "scribble": whole[:4096] + b"x" * 9000}
    damaged["not text"] = whole.replace(b"CREATE TABLE", b"CR\xcd\xffTE TABLE")  # SQLite says so in these bytes
    path.write_bytes(damaged[damage])
    with pytest.raises(StoreError, match="readings.sqlite.*damaged"):
        Store(path, plan)


def test_a_later_version_is_refused(store, plan, tmp_path):
    store.dispose()
    with sqlite3.connect(tmp_path / "readings.sqlite") as connection:
        connection.execute("UPDATE study SET schema_version = 99")
    with pytest.raises(StoreError, match="version 99"):
        Store(tmp_path / "readings.sqlite", plan)


@pytest.mark.parametrize(("version", "lacks"), [(1, ["accounts", "trials"]), (2, ["trials"])])
def test_a_database_of_an_earlier_version_goes_on(store, plan, tmp_path, version, lacks):
    write(store, "ada", answered("ada-0", "s"))
    store.dispose()
    with sqlite3.connect(tmp_path / "readings.sqlite") as connection:
        for table in lacks:
            connection.execute(f"DROP TABLE {table}")
        connection.execute(f"UPDATE study SET schema_version = {version}")
    again = Store(tmp_path / "readings.sqlite", plan)
    assert len(again.events("ada")) == 1 and accounts_table(again).empty
    assert again.read(STUDY.select())[0].schema_version == SCHEMA_VERSION


def test_a_server_that_cannot_be_reached_is_said_without_its_password(plan):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="nowhere.invalid") as refused:
        Store("postgresql://me:secret@nowhere.invalid:1/x", plan)
    assert "secret" not in str(refused.value)


def test_threads_of_one_reader_neither_lose_nor_double(store):
    def write_ten(thread):
        for number in range(10):
            write(store, "ada", answered(f"t{thread}-{number}", f"s{thread}-{number}"))

    threads = [threading.Thread(target=write_ten, args=(thread,)) for thread in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len({event.submission_id for event in store.events("ada")}) == len(store.events("ada")) == 40


WRITER = """
import sys
from helpers.study.events import Event
from helpers.study.store import Store
from helpers.tables import PLAN, read_table
store = Store(sys.argv[1], read_table(sys.argv[2], PLAN))
for number in range(100_000):
    store.extend("ada", number, lambda _: Event("answered", f"t{number}", f"s{number}", {"rating": 1}, "now"))
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 40])
def test_what_was_acknowledged_survives_a_kill(tmp_path, plan, acknowledged):
    write_table(plan, tmp_path / "plan.csv", PLAN)
    arguments = [sys.executable, "-c", WRITER, str(tmp_path / "r.sqlite"), str(tmp_path / "plan.csv")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(acknowledged):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        last = [int(line) for line in writer.stdout.read().split("\n")[:-1]] or [acknowledged - 1]
    stored = [event.submission_id for event in Store(tmp_path / "r.sqlite", plan).events("ada")]
    assert stored[: last[-1] + 1] == [f"s{number}" for number in range(last[-1] + 1)]
    assert len(stored) <= last[-1] + 2  # at most the one that was on its way


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_moved_or_replaced_is_noticed_before_anything_is_called_saved(store, plan, tmp_path, replaced):
    path, aside = tmp_path / "readings.sqlite", tmp_path / "aside.sqlite"
    desk = Desk(store, plan, "ada")
    desk.present()
    path.rename(aside)
    if replaced:
        shutil.copy(aside, path)
    for act in (lambda: write(store, "ben", answered("ben-0", "s")), store.readers, desk.refresh, desk.pause):
        with pytest.raises(StoreError, match="moved or replaced"):
            act()
    assert path.exists() == replaced, "no empty file is made in its place"
    aside.rename(path)
    assert desk.pause() and store.readers() == {"ada": "human"}


def test_a_file_that_is_moved_while_an_event_is_written_is_noticed_too(store, tmp_path):
    def move(_):
        (tmp_path / "readings.sqlite").rename(tmp_path / "aside.sqlite")
        return answered("ada-0", "s")

    with pytest.raises(StoreError, match="moved or replaced"):
        store.extend("ada", 0, move)


def test_a_folder_that_goes_while_an_event_is_written_is_noticed_too(plan, tmp_path):
    store = Store(tmp_path / "run" / "readings.sqlite", plan)

    def move(_):
        (tmp_path / "run").rename(tmp_path / "aside")
        return answered("ada-0", "s")

    with pytest.raises((StoreError, DiskError)):
        store.extend("ada", 0, move)


def test_a_payload_that_is_not_json_stops_nobody(store, plan):
    for number in range(3):
        write(store, "ada", Event("paused", None, None, {"n": number}, AT))
    with store.writing() as connection:
        connection.execute(EVENTS.update().where(EVENTS.c.sequence == 2).values(payload='{"n": 1}, {'))
    assert [event.payload for event in store.events("ada")] == [{"n": 0}, None, {"n": 2}]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_read_of_one_moment_knows_nothing_of_what_comes_in_between(kind, request, tmp_path, plan):
    address = tmp_path / "r.sqlite" if kind == "sqlite" else request.getfixturevalue("postgresql")()
    store = Store(address, plan)
    write(store, "ada", answered("ada-0", "s"))
    with store.at_one_moment() as held:
        assert held.readers() == {"ada": "human"}
        store.extend("ada", 1, lambda _: answered("ada-1", "t"))
        write(store, "ben", answered("ben-0", "s"))
        assert len(held.events("ada")) == 1 and held.events("ben") == [] and len(store.events("ada")) == 2
    assert store.readers() == {"ada": "human", "ben": "human"}
    store.dispose()
