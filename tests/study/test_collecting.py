"""A changed simulation begins anew and leaves people's answers."""

import pytest
from one_trial_plan import plan_of, read

from helpers.errors import StoreError
from helpers.study.accounts import Account, accounts_table, add_account
from helpers.study.binding import plan_hash
from helpers.study.collecting import renew_simulation, simulation_facts
from helpers.study.store import Store


@pytest.fixture
def plan():
    return plan_of("case-1")


@pytest.fixture
def note(tmp_path):
    return tmp_path / "simulation.json"


def kinds(database, plan):
    return Store(database, plan).readers()


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
