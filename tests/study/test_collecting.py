"""A run has simulated readers or people, never both; a changed simulation begins anew and leaves people's answers."""

import pandas as pd
import pytest

from helpers.errors import ReadingError, StoreError, WaitingError
from helpers.study.accounts import Account, accounts_table, add_account
from helpers.study.answer import Answer
from helpers.study.binding import plan_hash
from helpers.study.collecting import counting, readers_that_count, renew_simulation, simulation_facts, study_readers
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN

READERS = ("reader-1", "reader-2", "guest")


def plan_of(case: str) -> pd.DataFrame:
    """One conditionality trial for each reader."""
    row = {"task": "conditionality", "images": case, "case": case, "finding": "atelectasis", "present": 1}
    row |= {"source": "gan", "is_practice": False, "position": 1}
    rows = [row | {"reader": reader, "trial_id": f"{reader}-{case}"} for reader in READERS]
    return pd.DataFrame(rows, columns=list(PLAN.columns))


@pytest.fixture
def plan():
    return plan_of("case-1")


@pytest.fixture
def database(tmp_path):
    return tmp_path / "readings.sqlite"


@pytest.fixture
def note(tmp_path):
    return tmp_path / "simulation.json"


def read(database, plan, reader, kind):
    store = Store(database, plan)
    desk = Desk(store, plan, reader, kind)
    desk.answer(desk.current.trial_id, "s", Answer(1))
    return store


def kinds(database, plan):
    return Store(database, plan).readers()


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


def facts(database, plan, seed="1"):
    return {"plan": Store(database, plan).plan_sha256, "seed": seed}


def test_a_killed_simulation_goes_on(plan, database, note):
    renew_simulation(database, note, facts(database, plan))
    read(database, plan, "reader-1", "simulated")
    assert not renew_simulation(database, note, facts(database, plan))
    assert kinds(database, plan) == {"reader-1": "simulated"}


def test_another_seed_drops_simulated_readings_and_nothing_else(plan, database, note):
    renew_simulation(database, note, facts(database, plan))
    read(database, plan, "reader-1", "simulated")
    read(database, plan, "guest", "human")
    assert renew_simulation(database, note, facts(database, plan, seed="2"))
    assert kinds(database, plan) == {"guest": "human"}


@pytest.mark.parametrize("module", ["observers/channels.py", "observers/learning.py", "simulate.py"])
def test_edited_observers_drop_simulated_readings(plan, database, note, tmp_path, edit, module):
    (tmp_path / "display").mkdir()
    (tmp_path / "cohort.csv").write_text("rows")

    def renewed():
        facts = simulation_facts(plan_hash(plan), 1, 200, tmp_path, tmp_path / "cohort.csv")
        return renew_simulation(database, note, facts)

    renewed()
    read(database, plan, "reader-1", "simulated")
    edit("study/export.py")
    assert not renewed()
    edit(f"study/{module}")
    assert renewed() and kinds(database, plan) == {}


def test_another_plan_begins_anew_where_nobody_but_the_guest_has_read(plan, database, note, tmp_path):
    read(database, plan, "reader-1", "simulated")
    read(database, plan, "guest", "human")
    other = plan_of("case-2")
    renew_simulation(database, note, facts(tmp_path / "elsewhere.sqlite", other))
    assert kinds(database, other) == {}


def test_accounts_outlive_a_simulation(plan, database, note, tmp_path):
    add_account(read(database, plan, "reader-1", "simulated"), plan, Account("reader-2", 5))
    other = plan_of("case-2")
    renew_simulation(database, note, facts(tmp_path / "elsewhere.sqlite", other))
    assert accounts_table(Store(database, other)).reader.tolist() == ["reader-2"]


def test_another_plan_never_drops_what_a_person_has_read(plan, database, note, tmp_path):
    read(database, plan, "reader-1", "human")
    read(database, plan, "reader-2", "simulated")
    other = plan_of("case-2")
    assert not renew_simulation(database, note, facts(tmp_path / "elsewhere.sqlite", other))
    assert kinds(database, plan) == {"reader-1": "human", "reader-2": "simulated"}
    with pytest.raises(StoreError, match="belong to another plan"):
        Store(database, other)


def test_a_damaged_database_is_named(plan, database, note):
    database.write_text("not a database, but long enough to be taken for one at first sight" * 20)
    with pytest.raises(
        StoreError, match="readings.sqlite: cannot be used as a readings database .file is not a database"
    ):
        renew_simulation(database, note, {"plan": "x"})
