"""A ticket stands for an access code that was typed: for one account, for half a day, until there is a new code."""

import pytest

from helpers.errors import ReadingError
from helpers.study.accounts import Account, account_of, add_account, renew_code
from helpers.study.store import Store
from helpers.study.tickets import LASTING, account_by_ticket, ticket_for


@pytest.fixture
def account(store, plan):
    add_account(store, plan, Account("ben"))
    return account_of(store, add_account(store, plan, Account("ada", 12, "thoracic", "es")))


def test_a_ticket_brings_back_the_account_with_the_key_of_its_code(store, account):
    found = account_by_ticket(store, ticket_for(store, account))
    assert found == account and found.key == account.key


def test_any_process_that_has_the_database_takes_it(database, store, plan, account):
    assert account_by_ticket(Store(database, plan), ticket_for(store, account)).reader == "ada"


def test_it_holds_for_half_a_day(store, account):
    ticket = ticket_for(store, account, now=1000.0)
    assert account_by_ticket(store, ticket, now=999.0 + LASTING).reader == "ada"
    with pytest.raises(ReadingError, match="is not valid"):
        account_by_ticket(store, ticket, now=1000.0 + LASTING)


def test_a_new_code_makes_it_void(store, account):
    ticket = ticket_for(store, account)
    renew_code(store, "ada")
    with pytest.raises(ReadingError, match="is not valid"):
        account_by_ticket(store, ticket)
    with pytest.raises(ReadingError, match="new access code"):
        ticket_for(store, account)


def test_none_of_it_can_be_changed(store, account):
    ticket = ticket_for(store, account)
    name, until, seal = ticket.split(".")
    for other in (f"{name}.{int(until) + 1}.{seal}", f"{'2' * len(name)}.{until}.{seal}", f"{name}.{until}.{'0' * 64}"):
        with pytest.raises(ReadingError, match="is not valid"):
            account_by_ticket(store, other)


@pytest.mark.parametrize("other", ["", "..", "ada", "x" * 10_000, "\x00", "é.1.2"])
def test_what_is_no_ticket_is_none(store, account, other):
    with pytest.raises(ReadingError, match="is not valid"):
        account_by_ticket(store, other)


def test_it_tells_neither_reader_nor_key(store, account):
    ticket = ticket_for(store, account)
    assert "ada" not in ticket and account.key not in ticket
