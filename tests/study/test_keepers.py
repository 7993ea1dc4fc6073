"""Who sees the owner's page comes in by codes and tickets of their own, which open nothing else."""

import pytest

from helpers.errors import ReadingError
from helpers.study.accounts import Account, account_of, add_account
from helpers.study.keepers import MONITOR, OWNER, Keeper, keeper_by_ticket, keeper_ticket, remove_keeper, set_keeper
from helpers.study.schema import KEEPERS, LOG
from helpers.study.tickets import account_by_ticket, ticket_for


@pytest.mark.parametrize("role", [OWNER, MONITOR])
def test_a_code_gives_a_ticket_and_the_ticket_the_keeper(store, role):
    keeper = Keeper("olga", role, "es")
    assert keeper_by_ticket(store, keeper_ticket(store, set_keeper(store, keeper))) == keeper


def test_a_new_code_makes_the_old_one_and_its_tickets_void(store):
    old = set_keeper(store, Keeper("olga"))
    ticket = keeper_ticket(store, old)
    set_keeper(store, Keeper("olga", MONITOR))
    for come in (lambda: keeper_ticket(store, old), lambda: keeper_by_ticket(store, ticket)):
        with pytest.raises(ReadingError):
            come()


def test_who_was_removed_comes_in_no_more_and_a_stranger_cannot_be_removed(store):
    ticket = keeper_ticket(store, set_keeper(store, Keeper("olga")))
    remove_keeper(store, "olga")
    with pytest.raises(ReadingError, match="is not valid"):
        keeper_by_ticket(store, ticket)
    with pytest.raises(ReadingError, match="'olga' has no access code"):
        remove_keeper(store, "olga")


def test_codes_and_tickets_of_readers_and_keepers_open_nothing_of_each_other(store, plan):
    reader, keeper = add_account(store, plan, Account("ada")), set_keeper(store, Keeper("olga"))
    with pytest.raises(ReadingError, match="not known"):
        keeper_ticket(store, reader)
    with pytest.raises(ReadingError, match="not known"):
        account_of(store, keeper)
    with pytest.raises(ReadingError, match="is not valid"):
        keeper_by_ticket(store, ticket_for(store, account_of(store, reader)))
    with pytest.raises(ReadingError, match="is not valid"):
        account_by_ticket(store, keeper_ticket(store, keeper))


def test_the_database_holds_no_code_and_the_log_says_who_came_and_went(store):
    code = set_keeper(store, Keeper("olga"))
    remove_keeper(store, "olga")
    set_keeper(store, Keeper("mo", MONITOR))
    kept = str(store.read(KEEPERS.select())) + str(store.read(LOG.select()))
    assert code not in kept and code.replace("-", "") not in kept
    kinds = [row.kind for row in store.read(LOG.select().order_by(LOG.c.sequence))]
    assert [kind for kind in kinds if kind.startswith("owner")] == ["owner_code", "owner_gone", "owner_code"]


@pytest.mark.parametrize("wrong", [("",), (" olga",), ("o" * 201,), ("olga", "king")])
def test_a_blank_or_endless_name_and_an_unknown_role_are_refused(wrong):
    with pytest.raises(ReadingError):
        Keeper(*wrong)
