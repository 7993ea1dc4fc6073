"""Accounts of readers: add, list, new-code, correct; access to the owner's page: add-owner, remove-owner."""

import argparse

from helpers.errors import ReadingError
from helpers.reading.owner import in_lines
from helpers.reading.owner_commands.command import READER, REASON, Command, study_of
from helpers.reading.strings import LANGUAGES
from helpers.study.accounts import Account, accounts_table, add_account, correct_account, renew_code
from helpers.study.keepers import MONITOR, OWNER, Keeper, remove_keeper, set_keeper

NOTICE = """Access code of {reader}: {code}
It is shown only now. Hand it over in private; a lost one is replaced by: new-code"""
KEEPER_NOTICE = """Access code of {name} ({role}) for the owner's page, owner/ below the room's address: {code}
It is shown only now. The same command makes a new one, and the old one is void."""
NAME = {"name": {"help": "name or pseudonym of somebody who does not read"}}
LANGUAGE = {"--language": {"default": "en", "choices": LANGUAGES}}
TOLD = {
    "--years": {"type": float, "help": "years of experience in reading such images"},
    "--subspecialty": {},
}


def add(chosen: argparse.Namespace) -> str:
    """Make an account."""
    plan, store = study_of(chosen)
    account = Account(chosen.reader, chosen.years, chosen.subspecialty, chosen.language)
    return NOTICE.format(reader=chosen.reader, code=add_account(store, plan, account))


def listed(chosen: argparse.Namespace) -> str:
    """List all accounts."""
    return in_lines(accounts_table(study_of(chosen)[1])) or "No accounts yet."


def new_code(chosen: argparse.Namespace) -> str:
    """Replace an access code."""
    _, store = study_of(chosen)
    return NOTICE.format(reader=chosen.reader, code=renew_code(store, chosen.reader))


def correct(chosen: argparse.Namespace) -> str:
    """Correct years of experience or subspecialty."""
    named = {"experience_years": chosen.years, "subspecialty": chosen.subspecialty}
    changed = {name: value for name, value in named.items() if value is not None}
    if not changed:
        raise ReadingError("nothing to correct: give --years or --subspecialty")
    account = correct_account(study_of(chosen)[1], chosen.reader, changed, chosen.reason)
    said = f"{account.reader}: years {account.experience_years}, subspecialty {account.subspecialty}"
    return f"{said}. The log has what was there before, and why. Export again, or start make study."


def add_owner(chosen: argparse.Namespace) -> str:
    """Give somebody access to the owner's page."""
    keeper = Keeper(chosen.name, MONITOR if chosen.monitor else OWNER, chosen.language)
    code = set_keeper(study_of(chosen)[1], keeper)
    return KEEPER_NOTICE.format(name=keeper.name, role=keeper.role, code=code)


def remove_owner(chosen: argparse.Namespace) -> str:
    """Revoke somebody's access to the owner's page."""
    remove_keeper(study_of(chosen)[1], chosen.name)
    return f"The access code of {chosen.name} is void."


COMMANDS = {
    "add": Command(
        "make an account for a reader of the plan and print its access code",
        add,
        READER | TOLD | LANGUAGE,
    ),
    "list": Command("print all accounts, without codes", listed),
    "new-code": Command(
        "print a new access code for a reader; the old one is void, and open sittings end", new_code, READER
    ),
    "correct": Command("correct a reader's years of experience or subspecialty", correct, READER | TOLD | REASON),
    "add-owner": Command(
        "print an access code for the owner's page; whoever had one before gets a new one",
        add_owner,
        NAME | LANGUAGE | {"--monitor": {"action": "store_true", "help": "may see progress, and change nothing"}},
    ),
    "remove-owner": Command("make an access code for the owner's page void", remove_owner, NAME),
}
