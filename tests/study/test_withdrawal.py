"""A reader withdraws: answers, displays and account are gone, bytes included; the record can still be verified."""

import re

import pytest
import sqlalchemy as sa

from helpers.errors import EndedError, ReadingError, StaleError
from helpers.reading.owner import progress_by_reader, sittings
from helpers.runs import Run
from helpers.study.accounts import Account, account_of, accounts_table, add_account, correct_account
from helpers.study.answer import Answer
from helpers.study.database import state_of_answers
from helpers.study.desk import Desk
from helpers.study.export import export_readings, readings_table
from helpers.study.record import set_aside
from helpers.study.store import Store
from helpers.study.verification import anchors_of, faults_against, faults_of, record_of
from helpers.study.withdrawal import forget_results, withdraw

WHY = "asked for it on 3 May"
FACTS = {"display": {"window": [1400, 900], "screen": [2048, 1152], "device_pixel_ratio": 1.25, "colour_depth": 30}}
FACTS |= {"ramp": {"dark": True, "bright": False}, "language": "es"}


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    return tmp_path / "readings.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgresql")()


@pytest.fixture
def study(address, plan):
    store = Store(address, plan)
    code = add_account(store, plan, Account("ada", 12, "a rare subspecialty"))
    correct_account(store, "ada", {"experience_years": 13}, "told by ada")
    for reader, milliseconds in (("ada", 98765.25), ("ben", 1000)):
        desk = Desk(store, plan, reader)
        desk.present(FACTS)
        for number in range(3):
            desk.answer(desk.current.trial_id, f"submitted-{reader}-{number}", Answer(1, active_ms=milliseconds))
    yield store, plan, code
    store.dispose()


def record(store):
    with store.reading() as connection:
        return record_of(connection)


def test_what_was_stored_of_the_reader_is_gone_and_nothing_of_others(study):
    store, plan, code = study
    before = store.events("ben")
    assert withdraw(store, plan, "ada", WHY) == 4
    assert set(readings_table(store, plan).reader) == {"ben"} and store.events("ben") == before
    assert list(sittings(store, plan).reader) == ["ben"] and accounts_table(store).empty
    assert progress_by_reader(store, plan).state.tolist() == ["withdrawn", "reading"]
    assert set_aside(store, plan).empty
    with pytest.raises(ReadingError, match="not known"):
        account_of(store, code)
    rows = [store.read(sa.text(f"SELECT * FROM {table}")) for table in ("events", "log", "accounts")]
    for word in ("98765", "submitted-ada", "rare subspecialty", "13.0", "told by ada"):
        assert word not in str(rows), word


def test_the_record_is_verified_without_the_content_and_goes_on_from_earlier_exports(study, tmp_path):
    store, plan, _ = study
    export_readings(store, plan, tmp_path / "out")
    anchors = anchors_of(record(store))
    withdraw(store, plan, "ada", WHY)
    Desk(store, plan, "ben").pause()
    after = record(store)
    assert faults_of(after) == [] and list(faults_against(after, anchors, "the export")) == []
    assert [row["kind"] for row in after.events["ada"]] == ["withdrawn"] * 5
    assert after.log[-1]["kind"] == "withdrawn" and WHY in after.log[-1]["payload"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (
            "UPDATE events SET payload = replace(payload, 'content\": \"', 'content\": \"0') WHERE sequence = 2",
            "event 2",
        ),
        ("DELETE FROM events WHERE sequence = 3", "event 3: removed|event 4: not the last one"),
        ("DELETE FROM log WHERE kind = 'withdrawn' AND salt <> ''", "log, entry"),
    ],
)
def test_what_is_left_cannot_be_edited_either(study, statement, named):
    store, plan, _ = study
    withdraw(store, plan, "ada", WHY)
    with store.writing() as connection:
        statement += " AND reader = 'ada'" if "events" in statement else ""
        connection.execute(sa.text(statement))
    faults = faults_of(record(store))
    assert re.search(named, faults[0]), faults


def test_a_sitting_that_is_open_ends_and_the_reader_does_not_come_back(study):
    store, plan, code = study
    desk, other = Desk(store, plan, "ada", key=account_of(store, code).key), Desk(store, plan, "ada")
    withdraw(store, plan, "ada", WHY)
    with pytest.raises(EndedError):
        desk.answer(desk.current.trial_id, "late", Answer(1))
    with pytest.raises(StaleError, match="closed"):
        other.answer(other.current.trial_id, "late", Answer(1))
    with pytest.raises(StaleError, match="withdrawn"):
        other.reopen("please")
    with pytest.raises(ReadingError, match="has withdrawn"):
        add_account(store, plan, Account("ada"))
    assert withdraw(store, plan, "ada", WHY) is None, "said again, it changes nothing"
    assert faults_of(record(store)) == []


def test_a_reader_who_has_not_begun_may_withdraw_too(address, plan):
    store = Store(address, plan)
    code = add_account(store, plan, Account("ada", 12))
    assert withdraw(store, plan, "ada", WHY) == 0 and Desk(store, plan, "ada").is_withdrawn
    with pytest.raises(ReadingError):
        account_of(store, code)
    assert faults_of(record(store)) == []
    store.dispose()


@pytest.mark.parametrize(("reader", "reason", "said"), [("eve", WHY, "only a person"), ("ada", " ", "reason")])
def test_a_withdrawal_that_cannot_be_is_refused(store, plan, reader, reason, said):
    with pytest.raises(ReadingError, match=said):
        withdraw(store, plan, reader, reason)


def test_no_byte_of_it_is_left_in_the_file_while_others_have_it_open(tmp_path, plan):
    path = tmp_path / "readings.sqlite"
    store, room = Store(path, plan), Store(path, plan)
    add_account(store, plan, Account("ada", 12, "a rare subspecialty"))
    desks = [Desk(room, plan, reader) for reader in ("ada", "ben")]
    for number in range(6):
        for desk in desks:
            desk.answer(desk.current.trial_id, f"submitted-{desk.reader}-{number}", Answer(1, active_ms=1000))

    def bytes_of_it():
        return b"".join(file.read_bytes() for file in tmp_path.iterdir())

    assert b"submitted-ada-2" in bytes_of_it() and b"rare subspecialty" in bytes_of_it()
    withdraw(store, plan, "ada", WHY)
    left = bytes_of_it()
    assert b"submitted-ada" not in left and b"rare subspecialty" not in left and b"submitted-ben-5" in left
    assert desks[1].pause(), "others read on"


def test_what_the_run_has_made_of_readings_is_deleted_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    run = Run("tiny")
    kept = [run.stage_folder("06_study_plan") / "plan.csv", run.notebooks / "06_study_plan.ipynb", run.database]
    kept += [run.figures / "05_image_metrics_x.png", run.folder / "private" / "signing_key.pem"]
    gone = [run.stage_folder("07_reading") / "readings.csv", run.stage_folder("08_realism") / "x.csv", run.report]
    gone += [run.notebooks / "07_reading.ipynb", run.notebooks / "09_conditionality.partial.ipynb", run.results]
    gone += [run.figures / "08_realism_forest.png", run.figures / "images" / "10_agreement_cues_marks.png"]
    for file in kept + gone:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    forget_results(run)
    assert all(file.exists() for file in kept) and not any(file.exists() for file in gone)


def test_the_study_sees_that_there_are_fewer_answers(tmp_path, monkeypatch, plan):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    Run("tiny").folder.mkdir(parents=True)
    store = Store(Run("tiny").database, plan)
    for reader in ("ada", "ben"):
        Desk(store, plan, reader).answer(f"{reader}-0", "s", Answer(1))
    assert state_of_answers("tiny").startswith("2 answers of 2 readers")
    withdraw(store, plan, "ada", WHY)
    assert state_of_answers("tiny").startswith("1 answers of 1 readers")
