"""Accounts: a code is shown once, opens its own account only, and cannot be read from the database."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import ReadingError
from helpers.study.accounts import SIGNS, Account, account_of, accounts_table, add_account, renew_code
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import ACCOUNTS
from helpers.study.store import Store
from helpers.tables import PLAN


@pytest.fixture(scope="module")
def plan():
    row = {"task": "conditionality", "images": "c", "case": "c", "finding": "atelectasis", "present": 1}
    row |= {"source": "gan", "is_practice": False, "position": 1}
    rows = [row | {"reader": reader, "trial_id": f"{reader}-1"} for reader in ("ada", "ben", "guest")]
    return pd.DataFrame(rows, columns=list(PLAN.columns))


@pytest.fixture
def store(tmp_path, plan):
    return Store(tmp_path / "readings.sqlite", plan)


def test_a_code_opens_the_account_it_was_made_for(store, plan):
    ada = Account("ada", 12, "thoracic", "es")
    codes = [add_account(store, plan, account) for account in (ada, Account("ben"))]
    assert account_of(store, codes[0]) == ada and account_of(store, codes[1]) == Account("ben")


def test_a_code_may_be_typed_carelessly(store, plan):
    code = add_account(store, plan, Account("ada"))
    assert len(code) == 19 and set(code) <= set(SIGNS) | {"-"}
    assert account_of(store, f"  {code.lower().replace('-', ' ')} ").reader == "ada"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_no_other_text_opens_anything(store, text):
    with pytest.raises(ReadingError, match="^this access code is not known$"):
        account_of(store, text)


def test_the_open_part_with_another_secret_opens_nothing(store, plan):
    ada, ben = add_account(store, plan, Account("ada")), add_account(store, plan, Account("ben"))
    for wrong in (ada[:4] + ben[4:], ada[:-1], ada[:4], ada + "A"):
        with pytest.raises(ReadingError, match="not known"):
            account_of(store, wrong)


def test_the_database_does_not_hold_the_code(store, plan, tmp_path):
    code = add_account(store, plan, Account("ada"))
    row = store.read(ACCOUNTS.select())[0]
    store.dispose()
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert row.code_name == code[:4]
    assert code[5:].encode() not in kept and code[5:].replace("-", "").encode() not in kept


def test_a_new_code_voids_the_old_one_and_keeps_the_rest(store, plan):
    ada = Account("ada", 3.5, "cardiac")
    old = add_account(store, plan, ada)
    new = renew_code(store, "ada")
    assert account_of(store, new) == ada
    with pytest.raises(ReadingError, match="not known"):
        account_of(store, old)
    with pytest.raises(ReadingError, match="'ben' has no account"):
        renew_code(store, "ben")


def test_only_readers_of_the_plan_who_are_people_get_one_account_each(store, plan):
    with pytest.raises(ReadingError, match="'carla' is not in the plan.*ada, ben, guest"):
        add_account(store, plan, Account("carla"))
    add_account(store, plan, Account("ada"))
    with pytest.raises(ReadingError, match="'ada' already has an access code.*new-code"):
        add_account(store, plan, Account("ada"))
    Desk(store, plan, "ben", "simulated").answer("ben-1", "s", Answer(0))
    with pytest.raises(ReadingError, match="'ben' is simulated"):
        add_account(store, plan, Account("ben"))


@pytest.mark.parametrize(
    ("wrong", "named"), [({"experience_years": -1}, "years"), ({"subspecialty": " "}, "subspecialty")]
)
def test_covariates_out_of_range_are_refused(wrong, named):
    with pytest.raises(ReadingError, match=named):
        Account("ada", **wrong)


def test_the_list_says_nothing_of_codes(store, plan):
    assert accounts_table(store).empty
    code = add_account(store, plan, Account("ada", 12.0))
    table = accounts_table(store)
    told = [field.name for field in dataclasses.fields(Account) if field.name != "key"]
    assert list(table.columns) == [*told, "made_at"]
    assert code[:4] not in table.to_csv()


def test_each_code_has_a_key_of_its_own_that_stands_in_no_list(store, plan):
    first = account_of(store, add_account(store, plan, Account("ada")))
    second = account_of(store, renew_code(store, "ada"))
    assert first == second and first.key != second.key and first.key not in repr(first)
    assert first.key not in accounts_table(store).to_string()
