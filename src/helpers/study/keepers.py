"""Keepers: people who may see the owner's page of the reading room, with access codes of their own.

An owner may do everything that the page offers; a monitor only sees progress. Codes and tickets are made and checked
like those of readers, but in a separate table: neither kind opens what the other is for.
"""

import time
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import Field

from helpers.checks import checked
from helpers.errors import ReadingError
from helpers.study.accounts import new_code, row_of_code
from helpers.study.log import note
from helpers.study.schema import KEEPERS
from helpers.study.store import Store
from helpers.study.tickets import LASTING, row_by_ticket, sealed_ticket

OWNER, MONITOR = "owner", "monitor"


@checked(ReadingError)
class Keeper:
    """A person who may see the owner's page, their role and language. Raises ReadingError for a name that is blank or
    has more than 200 characters, and for an unknown role."""

    name: Annotated[str, Field(pattern=r"^\S.*$", max_length=200)]
    role: Literal["owner", "monitor"] = OWNER
    language: str = "en"


def set_keeper(store: Store, keeper: Keeper) -> str:
    """Add or replace a keeper and return the access code; an earlier code becomes void."""
    code, columns = new_code()
    row = {"keeper": keeper.name, "role": keeper.role, "language": keeper.language, **columns}
    with store.writing() as connection:
        connection.execute(KEEPERS.delete().where(KEEPERS.c.keeper == keeper.name))
        connection.execute(KEEPERS.insert().values(**row))
        note(connection, "owner_code", by=keeper.name, role=keeper.role)
    return code


def remove_keeper(store: Store, name: str) -> None:
    """Make a keeper's code and tickets void; raises ReadingError if nobody has this name."""
    with store.writing() as connection:
        if not connection.execute(KEEPERS.delete().where(KEEPERS.c.keeper == name)).rowcount:
            raise ReadingError(f"{name!r} has no access code for the owner's page")
        note(connection, "owner_gone", by=name)


def keeper_ticket(store: Store, code: str) -> str:
    """A ticket for an access code; raises ReadingError as in ``accounts.account_of``."""
    found = row_of_code(store, KEEPERS, code)
    for row in store.read(sa.select(KEEPERS).where(KEEPERS.c.salt == found["salt"])):
        return sealed_ticket(row, int(time.time() + LASTING))
    raise ReadingError("this access code is not known")


def keeper_by_ticket(store: Store, ticket: str) -> Keeper:
    """The keeper that a ticket is for; raises ReadingError as in ``tickets.account_by_ticket``."""
    row = row_by_ticket(store, KEEPERS, ticket)
    return Keeper(row.keeper, row.role, row.language)
