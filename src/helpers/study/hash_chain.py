"""Hash chains in the readings database: each row holds a digest of its content and of the digest before it.

A chain is one reader's events, or the log. For its row n,

    content(n) = SHA-256(salt(n), the other cells of the row)
    digest(n) = SHA-256(digest(n - 1) content(n)),

where digest(0) is derived from the chain's name and kind. A digest thus covers everything before it (Haber and
Stornetta, *How to time-stamp a digital document*, 1991). The salt is random; otherwise short content could be guessed
from its digest. A row whose content was deleted keeps only ``content(n)``, and the chain can still be checked.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from functools import cache

import sqlalchemy as sa

from helpers.study.schema import HEADS

CHAIN_CELLS = ("salt", "digest")
LOG_CHAIN = ""  # the log's name among the chains; the others are named after readers
ERASED = "withdrawn"  # kind of a row whose content was deleted

_HEAD = sa.select(HEADS.c.length, HEADS.c.digest).where(HEADS.c.chain == sa.bindparam("of"))
_MOVE = HEADS.update().where(HEADS.c.chain == sa.bindparam("of"))


def start_of(chain: str, kind: str) -> str:
    """The digest before the first row of a chain; ``kind``: that of the reader (human, simulated), or "log"."""
    return _sha256(json.dumps([chain, kind]))


def content_of(table: sa.Table, row: Mapping) -> str:
    """The digest of a row's content; for an erased row, the one that it kept."""
    if is_erased(row):
        return str(facts_of(row)["content"])
    cells = [row[column.name] for column in table.columns if column.name not in CHAIN_CELLS]
    return _sha256(json.dumps([row["salt"], *cells]))


def is_erased(row: Mapping) -> bool:
    """Whether a row has a digest in place of its content."""
    return row["kind"] == ERASED and list(facts_of(row)) == ["content"]


def facts_of(row: Mapping) -> dict:
    """The payload of a row; empty if it was altered so that it can no longer be read."""
    try:
        payload = json.loads(row["payload"])
    except (ValueError, TypeError):
        return {}
    return payload if isinstance(payload, dict) else {}


def linked(before: str, content: str) -> str:
    """The digest of a row, from the one before it and its content."""
    return _sha256(f"{before} {content}")


def append(connection: sa.Connection, table: sa.Table, chain: str, row: Mapping, kind: str) -> None:
    """Insert a row at the end of a chain. Nobody else may write to this chain in the meantime."""
    append_after(connection.execute(_HEAD, {"of": chain}).first(), connection, table, chain, row, kind)


def append_after(
    head: tuple[int, str] | None, connection: sa.Connection, table: sa.Table, chain: str, row: Mapping, kind: str
) -> None:
    """``append`` to a chain whose length and last digest are known (``head``, None if it has not begun).

    Simulated readings get no salt, so that they are the same each time. Without ``sequence`` the row gets the next one.
    """
    length, before = head or (0, start_of(chain, kind))
    row = {"sequence": length + 1, "salt": "" if kind == "simulated" else secrets.token_hex(16), **row}
    row["digest"] = linked(before, content_of(table, row))
    connection.execute(_into(table), row)
    end = {"length": row["sequence"], "digest": row["digest"]}
    if head is None:
        connection.execute(HEADS.insert(), {"chain": chain, **end})
    else:
        connection.execute(_MOVE, {"of": chain, **end})


@cache
def _into(table: sa.Table) -> sa.Insert:
    """The statement that inserts a row, made only once so that SQLAlchemy can reuse what it has compiled."""
    return table.insert()


def erased(table: sa.Table, row: Mapping) -> dict:
    """What is left of a row when its content is deleted: its place, its digest and that of its content."""
    left = {column.name: None if column.nullable else "" for column in table.columns}
    left |= {name: row[name] for name in ("reader", "sequence", "digest")}
    return left | {"kind": ERASED, "payload": json.dumps({"content": content_of(table, row)})}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
