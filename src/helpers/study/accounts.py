"""Accounts of people who may read: the owner makes one for a reader of the plan and hands over its access code.

The code is shown once and never stored: the database has its public first part, which finds the account, and a salted
scrypt digest (RFC 7914) of the secret remainder, 12 characters from an alphabet of 31, about 59 bits.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import pandas as pd
import sqlalchemy as sa
from pydantic import Field

from helpers.checks import checked
from helpers.errors import DiskError, ReadingError, StoreError
from helpers.study.events import now
from helpers.study.log import note
from helpers.study.schema import ACCOUNTS, LOG
from helpers.study.store import Store
from helpers.study.withdrawal import withdrawn_readers

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O, 1 I L
GROUP, GROUPS = 4, 4
FAILED_ENTRIES = 100  # per hour: somebody who tries codes by the thousand must not fill the disk
MORE = "more of this hour are not listed"
COVARIATES = ("experience_years", "subspecialty")
NOBODY = {"salt": "00" * 16, "digest": "00" * 32}  # checked if no account is found, so that both cases take as long


@checked(ReadingError)
class Account:
    """A reader and what the owner has entered: years of experience, subspecialty, language of the reading room.

    ``key`` distinguishes the access codes of a reader without revealing them; blank if none was entered.
    Raises ReadingError for years outside 0..80 or a subspecialty of more than 200 characters.
    """

    reader: str
    experience_years: Annotated[float, Field(ge=0, le=80)] | None = None
    subspecialty: Annotated[str, Field(pattern=r"\S", max_length=200)] | None = None
    language: str = "en"
    key: str = field(default="", compare=False, repr=False)


def add_account(store: Store, plan: pd.DataFrame, account: Account) -> str:
    """Enter an account and return its access code.

    Raises ReadingError if the plan has no such reader, or if the reader is simulated or already has an account.
    """
    known = list(dict.fromkeys(plan.reader))
    if account.reader not in known:
        raise ReadingError(
            f"reader {account.reader!r} is not in the plan, which gives each reader an order of cases; it has "
            f"{', '.join(known)}. Take one of these, or add the name to `readers` of 06_study_plan and start make "
            "study again: a plan that is being read is extended, without disturbing anyone who reads"
        )
    if store.readers().get(account.reader) == "simulated":
        raise ReadingError(f"reader {account.reader!r} is simulated in {store.name}; choose another reader or RUN")
    if account.reader in withdrawn_readers(row._mapping for row in store.read(sa.select(LOG))):
        raise ReadingError(f"reader {account.reader!r} has withdrawn; choose another name of the plan")
    if account.reader in set(accounts_table(store).reader):
        raise ReadingError(f"reader {account.reader!r} already has an access code; make a new one with new-code")
    code, columns = new_code()
    told = {name: getattr(account, name) for name in COVARIATES} | {"language": account.language}
    with store.writing() as connection:
        connection.execute(ACCOUNTS.insert().values(reader=account.reader, made_at=now(), **columns, **told))
        note(connection, "account", account.reader, **told)
    return code


def renew_code(store: Store, reader: str) -> str:
    """Give a reader a new access code, which voids the old one, and return it; ReadingError if there is no account."""
    code, columns = new_code()
    with store.writing() as connection:
        changed = connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.reader == reader).values(**columns))
        if not changed.rowcount:
            raise ReadingError(f"reader {reader!r} has no account; make one with add")
        note(connection, "code", reader)
    return code


def correct_account(store: Store, reader: str, changed: Mapping[str, float | str], reason: str) -> Account:
    """Correct an account's facts about its reader (``COVARIATES``); the log keeps the old values and the reason.

    Raises ReadingError if there is no account, if a value is not allowed, and if the reason is blank.
    """
    if not reason.strip():
        raise ReadingError("reason: must not be blank; it is kept in the log beside the correction")
    with store.writing() as connection:
        row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.reader == reader)).first()
        if row is None:
            raise ReadingError(f"reader {reader!r} has no account; make one with add")
        before = {name: getattr(row, name) for name in COVARIATES}
        corrected = Account(reader, **(before | dict(changed)), language=row.language)
        values = {name: getattr(corrected, name) for name in COVARIATES}
        connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.reader == reader).values(**values))
        note(connection, "corrected", reader, **values, before=before, reason=reason)
    return corrected


def account_of(store: Store, code: str) -> Account:
    """The account that an access code opens; case, spaces and dashes do not matter.

    Raises ReadingError, which does not say why, for any other text; the log records the attempt without the code.
    """
    row = row_of_code(store, ACCOUNTS, code)
    return Account(row["reader"], row["experience_years"], row["subspecialty"], row["language"], row["salt"])


def row_of_code(store: Store, table: sa.Table, code: str) -> Mapping:
    """The row of ``table`` (accounts, or keepers of the owner's page) that an access code opens; raises ReadingError
    as in ``account_of``."""
    signs = "".join(str(code).upper().split()).replace("-", "")
    found = store.read(sa.select(table).where(table.c.code_name == signs[:GROUP]))
    row = dict(found[0]._mapping) if found else NOBODY
    if not hmac.compare_digest(_digest(signs[GROUP:], row["salt"]), row["digest"]) or not found:
        _note_failed_entry(store, row.get("reader"), {} if table is ACCOUNTS else {"page": "owner"})
        raise ReadingError("this access code is not known")
    return row


def _note_failed_entry(store: Store, reader: str | None, facts: Mapping) -> None:
    """Log an attempt with a wrong code, and the reader whose code has the same first part, up to an hourly limit."""
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
    count = sa.select(sa.func.count()).select_from(LOG).where(LOG.c.kind == "failed_entry", LOG.c.at > hour_ago)
    with (
        suppress(StoreError, DiskError),
        store.writing() as connection,
    ):  # an attempt that cannot be logged is still refused
        attempts = connection.scalar(count)
        if attempts < FAILED_ENTRIES:
            more = {"said": MORE} if attempts == FAILED_ENTRIES - 1 else {}
            note(connection, "failed_entry", reader, **facts, **more)


def accounts_table(store: Store) -> pd.DataFrame:
    """One row for each account: reader, experience_years, subspecialty, language, made_at; nothing about the code."""
    columns = ["reader", *COVARIATES, "language", "made_at"]
    rows = store.read(sa.select(*ACCOUNTS.c[tuple(columns)]).order_by(ACCOUNTS.c.reader))
    return pd.DataFrame([tuple(row) for row in rows], columns=columns)


def new_code() -> tuple[str, dict[str, str]]:
    """A new access code, and the columns that the database keeps for it."""
    groups = ["".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS)]
    salt = secrets.token_hex(16)
    return "-".join(groups), {"code_name": groups[0], "salt": salt, "digest": _digest("".join(groups[1:]), salt)}


def _digest(secret: str, salt: str) -> str:
    return hashlib.scrypt(secret.encode(errors="replace"), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()
