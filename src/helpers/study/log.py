"""The log of a study, in its readings database: what the owner did, and what concerns the study as a whole.

Its entries are only ever added, and form a hash chain (``hash_chain``). Where one concerns a reader, it goes by their
withdrawal as their events do.
"""

import json

import pandas as pd
import sqlalchemy as sa

from helpers.study.events import now
from helpers.study.hash_chain import LOG_CHAIN, append, facts_of, is_erased
from helpers.study.schema import LOG, take_turn

KINDS = {
    "plan": "the readings were bound to this plan",
    "chained": "events written before this were chained now: what was done to them before cannot be seen",
    "dropped": "readings of simulated readers, or of the guest, were dropped because a plan or simulation changed",
    "account": "an account was made",
    "code": "a new access code was made",
    "failed_entry": "somebody tried an access code that is not known",
    "corrected": "what is told of a reader was corrected",
    "export": "readings were exported",
    "backup": "a backup was made",
    "restored": "a backup was put in place of the readings",
    "withdrawn": "a reader withdrew, and what was stored of them was deleted",
}


def note(connection: sa.Connection, kind: str, reader: str | None = None, /, **facts) -> None:
    """Add an entry of one of ``KINDS`` in the transaction of ``connection``; ``facts`` are JSON-ready."""
    if kind not in KINDS:
        raise ValueError(f"log entry of kind {kind!r}: must be one of {', '.join(KINDS)}")
    take_turn(connection, "log")
    row = {"kind": kind, "reader": reader, "payload": json.dumps(facts, sort_keys=True), "at": now()}
    append(connection, LOG, LOG_CHAIN, row, "log")


def log_table(rows: list) -> pd.DataFrame:
    """Entries (rows of ``LOG``) for people: at, kind, reader, facts; without content where that was deleted."""
    found = []
    for row in rows:
        facts = {} if is_erased(row._mapping) else facts_of(row._mapping)
        said = "; ".join(f"{name}: {_short(value)}" for name, value in facts.items() if value is not None)
        found.append((row.at, row.kind, row.reader, said))
    return pd.DataFrame(found, columns=["at", "kind", "reader", "facts"])


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 64 else f"{text[:61]}…"
