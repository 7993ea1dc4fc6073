"""Tickets: what a reader's browser sends once the access code has been typed, so that it need not be typed again.

A ticket names an account by the public first part of its access code, says when it expires, and is sealed with the
digest that the database keeps of the secret part. Any process that has the database can check it, a new code makes it
void, and the server does not store it.
"""

import hashlib
import hmac
import re
import time

import sqlalchemy as sa

from helpers.errors import ReadingError
from helpers.study.accounts import GROUP, SIGNS, Account
from helpers.study.schema import ACCOUNTS
from helpers.study.store import Store

LASTING = 12 * 3600.0  # seconds
FORM = re.compile(rf"([{SIGNS}]{{{GROUP}}})\.([0-9]{{1,12}})\.([0-9a-f]{{64}})")


def ticket_for(store: Store, account: Account, now: float | None = None) -> str:
    """A ticket for an account (from ``account_of``); ``now`` is in seconds, as from ``time.time``."""
    until = int((time.time() if now is None else now) + LASTING)
    for row in store.read(sa.select(ACCOUNTS).where(ACCOUNTS.c.reader == account.reader)):
        if row.salt == account.key:
            return sealed_ticket(row, until)
    raise ReadingError("there is a new access code")


def account_by_ticket(store: Store, ticket: str, now: float | None = None) -> Account:
    """The account that a ticket is for.

    Raises ReadingError, which does not say why, for any other text, and for a ticket that is void or has expired.
    """
    row = row_by_ticket(store, ACCOUNTS, ticket, now)
    return Account(row.reader, row.experience_years, row.subspecialty, row.language, row.salt)


def sealed_ticket(row: sa.Row, until: int) -> str:
    """A ticket for a row of accounts, or of keepers of the owner's page, that expires at ``until``, in seconds."""
    return f"{row.code_name}.{until}.{_seal(row, until)}"


def row_by_ticket(store: Store, table: sa.Table, ticket: str, now: float | None = None) -> sa.Row:
    """The row of ``table`` that a ticket is for; raises ReadingError as in ``account_by_ticket``."""
    found = FORM.fullmatch(ticket)
    if found and int(found[2]) > (time.time() if now is None else now):
        for row in store.read(sa.select(table).where(table.c.code_name == found[1])):
            if hmac.compare_digest(_seal(row, int(found[2])), found[3]):
                return row
    raise ReadingError("this ticket is not valid")


def _seal(row: sa.Row, until: int) -> str:
    return hmac.new(bytes.fromhex(row.digest), f"{row.salt} {until}".encode(), hashlib.sha256).hexdigest()
