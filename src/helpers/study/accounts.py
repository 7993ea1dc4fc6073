"""People who may read: the owner makes an account for a reader of the plan and hands over its access code.

The code is shown once and kept nowhere: the database has its open first part, which finds the account, and a salted
scrypt digest (RFC 7914) of the secret rest, 12 signs of 31, about 59 bits.
"""

import hashlib
import hmac
import secrets
from dataclasses import field
from typing import Annotated

import pandas as pd
import sqlalchemy as sa
from pydantic import Field

from helpers.checks import checked
from helpers.errors import ReadingError
from helpers.study.schema import ACCOUNTS
from helpers.study.store import Store, now

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O, 1 I L
GROUP, GROUPS = 4, 4
COVARIATES = ("experience_years", "subspecialty")
NOBODY = {"salt": "00" * 16, "digest": "00" * 32}  # checked where no account has the name, so that both take as long


@checked(ReadingError)
class Account:
    """A reader and what the owner has entered: years of experience, subspecialty, language of the reading room.

    ``key`` tells the access codes of a reader apart without telling anything of them; blank where none was entered.
    Raises ReadingError for years outside 0..80 or a subspecialty of more than 200 characters.
    """

    reader: str
    experience_years: Annotated[float, Field(ge=0, le=80)] | None = None
    subspecialty: Annotated[str, Field(pattern=r"\S", max_length=200)] | None = None
    language: str = "en"
    key: str = field(default="", compare=False, repr=False)


def add_account(store: Store, plan: pd.DataFrame, account: Account) -> str:
    """Enter an account and return its access code.

    Raises ReadingError when the plan has no such reader, the reader is simulated, or has an account already.
    """
    known = list(dict.fromkeys(plan.reader))
    if account.reader not in known:
        raise ReadingError(
            f"reader {account.reader!r} is not in the plan, which gives each reader an order of cases; it has "
            f"{', '.join(known)}. Take one of these, or add the name to `readers` of 06_study_plan and start make "
            "study again: a plan that is being read is extended, and nobody who reads is disturbed"
        )
    if store.readers().get(account.reader) == "simulated":
        raise ReadingError(f"reader {account.reader!r} is simulated in {store.name}; choose another reader or RUN")
    if account.reader in set(accounts_table(store).reader):
        raise ReadingError(f"reader {account.reader!r} has an access code already; a new one is made by new-code")
    code, columns = _new_code()
    columns |= {"language": account.language, "made_at": now()} | {name: getattr(account, name) for name in COVARIATES}
    with store.writing() as connection:
        connection.execute(ACCOUNTS.insert().values(reader=account.reader, **columns))
    return code


def renew_code(store: Store, reader: str) -> str:
    """Give a reader a new access code and return it; the old one is void. ReadingError where there is no account."""
    code, columns = _new_code()
    with store.writing() as connection:
        changed = connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.reader == reader).values(**columns))
    if not changed.rowcount:
        raise ReadingError(f"reader {reader!r} has no account; make one by add")
    return code


def account_of(store: Store, code: str) -> Account:
    """The account that an access code opens; case, spaces and dashes do not matter.

    Raises ReadingError, which says nothing of why, for any other text.
    """
    signs = "".join(str(code).upper().split()).replace("-", "")
    found = store.read(sa.select(ACCOUNTS).where(ACCOUNTS.c.code_name == signs[:GROUP]))
    row = dict(found[0]._mapping) if found else NOBODY
    if not hmac.compare_digest(_digest(signs[GROUP:], row["salt"]), row["digest"]) or not found:
        raise ReadingError("this access code is not known")
    return Account(row["reader"], row["experience_years"], row["subspecialty"], row["language"], row["salt"])


def accounts_table(store: Store) -> pd.DataFrame:
    """One row for each account: reader, experience_years, subspecialty, language, made_at; nothing of the code."""
    columns = ["reader", *COVARIATES, "language", "made_at"]
    rows = store.read(sa.select(*ACCOUNTS.c[tuple(columns)]).order_by(ACCOUNTS.c.reader))
    return pd.DataFrame([tuple(row) for row in rows], columns=columns)


def _new_code() -> tuple[str, dict[str, str]]:
    """A code, and what the database keeps of it."""
    groups = ["".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS)]
    salt = secrets.token_hex(16)
    return "-".join(groups), {"code_name": groups[0], "salt": salt, "digest": _digest("".join(groups[1:]), salt)}


def _digest(secret: str, salt: str) -> str:
    return hashlib.scrypt(secret.encode(errors="replace"), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()
