"""What was edited by hand in a readings database is found, and the first event that it touches is named."""

import json
import re
import sqlite3
from dataclasses import replace

import pytest
import sqlalchemy as sa

from helpers.errors import StoreError
from helpers.study.accounts import Account, account_of, add_account, correct_account, renew_code
from helpers.study.answer import Answer
from helpers.study.binding import plan_hash
from helpers.study.collecting import renew_simulation
from helpers.study.desk import Desk
from helpers.study.engines import engine_of
from helpers.study.export import export_readings
from helpers.study.store import Store
from helpers.study.verification import anchors_of, faults_against, faults_of, record_of, unprotected
from helpers.study.withdrawal import withdraw

ALL = ("sqlite", "postgresql")


@pytest.fixture(params=ALL)
def address(request, tmp_path):
    return tmp_path / "readings.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgresql")()


def read(address, plan, count=4):
    """``ada`` has answered ``count`` cases and taken the last one back, ``ben`` one; the accounts are in the log."""
    store = Store(address, plan)
    add_account(store, plan, Account("ada", 12, "thoracic"))
    for reader, number in (("ada", count), ("ben", 1)):
        desk = Desk(store, plan, reader)
        desk.agree("a" * 64)
        for _ in range(number):
            desk.answer(desk.current.trial_id, f"s-{desk.position}", Answer(desk.position % 5 - 2, active_ms=1000))
        desk.undo()
    store.dispose()


def record(address):
    engine = engine_of(address)
    with engine.execution_options(reading=True).connect() as connection:
        found = record_of(connection)
    engine.dispose()
    return found


def edited(address, *statements):
    """Faults after somebody has worked on the database by hand."""
    engine = engine_of(address)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()
    return faults_of(record(address))


def test_what_was_written_is_found_as_it_was_written(address, plan):
    read(address, plan)
    store = Store(address, plan)
    renew_code(store, "ada")
    correct_account(store, "ada", {"experience_years": 11.5}, "counted again")
    store.dispose()
    found = record(address)
    assert faults_of(found) == [] and unprotected(found) == ""
    assert [len(found.events[reader]) for reader in ("ada", "ben")] == [6, 3]
    assert [row["kind"] for row in found.log] == ["plan", "account", "code", "corrected"]


OF_ADA = "WHERE reader = 'ada' AND sequence = "
NEXT = "INSERT INTO events SELECT reader, {to}, kind, trial_id, '{sent}', payload, at, salt, digest FROM events "
EDITS = [
    ([f"UPDATE events SET payload = replace(payload, '\"rating\": -1', '\"rating\": 2') {OF_ADA}2"], "event 2 .answer"),
    ([f"UPDATE events SET at = '2026-01-01T00:00:00.000+00:00' {OF_ADA}4"], "event 4 .*altered"),
    ([f"UPDATE events SET trial_id = 'ada-5' {OF_ADA}3"], "event 3 .*altered"),
    ([f"UPDATE events SET digest = '{'0' * 64}' {OF_ADA}5"], "event 5 .*altered"),
    ([f"DELETE FROM events {OF_ADA}3"], "event 3: removed"),
    ([f"DELETE FROM events {OF_ADA}1"], "event 1: removed"),
    ([f"DELETE FROM events {OF_ADA}6"], "event 6: removed"),
    (["DELETE FROM events WHERE reader = 'ada'"], "event 1: removed"),
    ([NEXT.format(to=7, sent="more") + OF_ADA + "5"], "event 7: inserted"),
    (
        [f"UPDATE events SET sequence = {a} {OF_ADA}{b}" for a, b in ((99, 3), (3, 4), (4, 99))],
        "event 3 .*altered",
    ),
    (
        [f"UPDATE events SET sequence = {n + 1} {OF_ADA}{n}" for n in (6, 5, 4)]
        + [NEXT.format(to=4, sent="between") + OF_ADA + "3"],
        "event 4 .*inserted",
    ),
    (
        [f"DELETE FROM events {OF_ADA}3"] + [f"UPDATE events SET sequence = {n - 1} {OF_ADA}{n}" for n in (4, 5, 6)],
        "event 3 .*removed",
    ),
    (
        [f"UPDATE events SET kind = 'withdrawn', payload = '{{\"content\": \"{'0' * 64}\"}}' {OF_ADA}2"],
        "event 2.*no with",
    ),
    (["UPDATE readers SET kind = 'simulated' WHERE reader = 'ada'"], "event 1 .*altered"),
    (["UPDATE heads SET length = 7 WHERE chain = 'ada'"], "event 7: removed"),
    (["DELETE FROM heads WHERE chain = 'ada'"], "event 1: inserted"),
]


@pytest.mark.parametrize("kind", ALL)
def test_the_first_event_that_an_edit_touches_is_named_and_no_other_reader(kind, request, tmp_path, plan):
    for number, (statements, named) in enumerate(EDITS):
        sqlite = kind == "sqlite"
        address = tmp_path / f"{number}.sqlite" if sqlite else request.getfixturevalue("postgresql")()
        read(address, plan)
        faults = edited(address, *statements)
        assert len(faults) == 1 and faults[0].startswith("reader ada, "), (statements, faults)
        assert re.search(named, faults[0]), (statements, faults)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE log SET payload = '{}' WHERE sequence = 2", "log, entry 2 .account.: altered"),
        ("DELETE FROM log WHERE sequence = 2", "log, entry 2: removed"),
        ("UPDATE accounts SET experience_years = 30", "account of ada: years"),
        ("UPDATE study SET plan_sha256 = 'other'", "another plan"),
        ("UPDATE trials SET digest = 'other' WHERE trial_id = 'ada-0'", "digests of its trials were altered"),
    ],
)
def test_what_stands_beside_the_events_is_checked_too(tmp_path, plan, statement, named):
    read(tmp_path / "r.sqlite", plan)
    assert re.search(named, edited(tmp_path / "r.sqlite", statement)[0])


def test_reading_goes_on_after_an_edit_and_the_edit_is_still_named(tmp_path, plan):
    address = tmp_path / "r.sqlite"
    read(address, plan)
    edited(address, f"DELETE FROM events {OF_ADA}6")
    store = Store(address, plan)
    desk = Desk(store, plan, "ada")
    desk.pause()
    assert ["event 6" in fault for fault in faults_of(record(address))] == [True]


def test_whoever_computes_the_whole_chain_again_is_given_away_by_an_earlier_export(tmp_path, plan):
    address, forged = tmp_path / "r.sqlite", tmp_path / "forged.sqlite"
    read(address, plan)
    store = Store(address, plan)
    export_readings(store, plan, tmp_path / "out")
    anchors = json.loads((tmp_path / "out" / "chains.json").read_text())
    assert anchors == anchors_of(record(address)) | {"log": anchors["log"]} and list(anchors["readers"]) == [
        "ada",
        "ben",
    ]
    Desk(store, plan, "ada").pause()
    assert list(faults_against(record(address), anchors, "the export")) == []
    read(forged, plan, count=3)
    assert faults_of(record(forged)) == []
    assert any(
        "reader ada, event 6: the export" in fault for fault in faults_against(record(forged), anchors, "the export")
    )


def test_an_attempt_by_a_wrong_code_is_in_the_log_without_the_code_and_a_flood_of_them_is_cut(store, plan, monkeypatch):
    monkeypatch.setattr("helpers.study.accounts.FAILED_ENTRIES", 3)
    code = add_account(store, plan, Account("ada"))
    for wrong in ("ZZZZ-ZZZZ-ZZZZ-ZZZZ", code[:5] + "2222-2222-2222", "x", "y", "z"):
        with pytest.raises(Exception, match="not known"):
            account_of(store, wrong)
    with store.reading() as connection:
        found = record_of(connection)
    failed = [row for row in found.log if row["kind"] == "failed_entry"]
    assert [row["reader"] for row in failed] == [None, "ada", None] and "not listed" in failed[-1]["payload"]
    assert "2222" not in str(failed) and faults_of(found) == []


def test_a_database_from_before_the_chains_is_chained_when_it_is_opened_and_says_so(address, plan):
    read(address, plan)
    engine = engine_of(address)
    with engine.begin() as connection:
        for statement in ("DROP TABLE log", "DROP TABLE heads", "UPDATE study SET schema_version = 3"):
            connection.execute(sa.text(statement))
        for column in ("salt", "digest"):
            connection.execute(sa.text(f"ALTER TABLE events DROP COLUMN {column}"))
    with engine.begin() as connection, pytest.raises(StoreError, match="no chains yet"):
        record_of(connection)
    engine.dispose()
    store = Store(address, plan)
    Desk(store, plan, "ben").pause()
    store.dispose()
    found = record(address)
    assert faults_of(found) == [] and [len(rows) for rows in found.events.values()] == [6, 4]
    assert "not protected before: ada 1 to 6, ben 1 to 3" in unprotected(found)
    assert [row["kind"] for row in found.log] == ["chained", "account", "plan"]
    assert "event 2" in edited(address, f"UPDATE events SET at = 'x' {OF_ADA}2")[0]


def test_what_a_database_holds_can_be_verified_without_changing_it(tmp_path, plan):
    address = tmp_path / "r.sqlite"
    read(address, plan)
    with sqlite3.connect(address) as connection:
        before = list(connection.iterdump())
    record(address)
    with sqlite3.connect(address) as connection:
        assert list(connection.iterdump()) == before


def test_a_plan_that_is_extended_while_people_read_is_in_the_log_and_the_record_stays_whole(address, plan, plan_of):
    read(address, plan)
    grown = plan_of(count=8, readers=("ada", "ben", "eve"))
    store = Store(address, grown)
    Desk(store, grown, "eve").pause()
    store.dispose()
    found = record(address)
    assert faults_of(found) == [] and [row["kind"] for row in found.log] == ["plan", "account", "plan"]
    assert json.loads(found.log[-1]["payload"])["trials"] == 24


def test_readings_that_are_dropped_for_another_simulation_are_in_the_log(tmp_path, plan, plan_of):
    store = Store(tmp_path / "r.sqlite", plan)
    Desk(store, plan, "ada", "simulated").pause()
    export_readings(store, plan, tmp_path / "out", [])
    store.dispose()
    assert renew_simulation(tmp_path / "r.sqlite", tmp_path / "note.json", {"plan": plan_hash(plan), "seed": "2"})
    found = record(tmp_path / "r.sqlite")
    assert faults_of(found) == [] and [row["kind"] for row in found.log] == ["plan", "export", "dropped"]
    assert renew_simulation(tmp_path / "r.sqlite", tmp_path / "note.json", {"plan": "another", "seed": "2"}) is False
    Store(tmp_path / "r.sqlite", plan_of(count=2)).dispose()
    assert faults_of(record(tmp_path / "r.sqlite")) == []


def test_the_chain_of_a_program_is_the_same_each_time_and_that_of_a_person_is_not(tmp_path, plan):
    ends = {}
    for number in range(2):
        store = Store(tmp_path / f"{number}.sqlite", plan)
        for reader, kind in (("ada", "simulated"), ("ben", "human")):
            Desk(store, plan, reader, kind, clock=lambda: "2026-01-01T00:00:00.000+00:00").pause()
        store.dispose()
        for reader, end in anchors_of(record(tmp_path / f"{number}.sqlite"))["readers"].items():
            ends.setdefault(reader, set()).add(end["digest"])
    assert {reader: len(found) for reader, found in ends.items()} == {"ada": 1, "ben": 2}


def changed(value):
    return (
        value + 1 if isinstance(value, int) else "1" if not value else f"{value[:-1]}{'0' if value[-1] != '0' else '1'}"
    )


def test_no_cell_of_any_chain_can_be_another(tmp_path, plan):
    read(tmp_path / "r.sqlite", plan)
    store = Store(tmp_path / "r.sqlite", plan)
    export_readings(store, plan, tmp_path / "out")
    withdraw(store, plan, "ben", "asked for it")
    whole = record(tmp_path / "r.sqlite")
    assert faults_of(whole) == []
    for chain, rows in {**whole.events, "log": whole.log}.items():
        for number, row in enumerate(rows):
            for column in row:
                if column == "reader" and chain == "ben":
                    continue  # of another reader, it stands in that reader's chain
                for value in (changed(row[column]), None, "not JSON {"):
                    if value == row[column]:
                        continue
                    edit = [*rows[:number], {**row, column: value}, *rows[number + 1 :]]
                    edited = {"log": edit} if chain == "log" else {"events": {**whole.events, chain: edit}}
                    assert faults_of(replace(whole, **edited)), (chain, number, column, value)
    for chain, (length, digest) in whole.heads.items():
        for head in ((length + 1, digest), (length - 1, digest), (length, changed(digest))):
            assert faults_of(replace(whole, heads={**whole.heads, chain: head})), (chain, head)
        assert faults_of(replace(whole, heads={c: end for c, end in whole.heads.items() if c != chain})), chain
