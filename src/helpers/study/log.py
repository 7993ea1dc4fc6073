"""The log of a study, in its readings database: what the owner did, and what concerns the study as a whole.

Entries are only ever added, and form a hash chain (``hash_chain``). When a reader withdraws, the content of entries
about them is deleted, like that of their events.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

import pandas as pd
import sqlalchemy as sa

from helpers.study.events import now
from helpers.study.hash_chain import LOG_CHAIN, append, facts_of, is_erased
from helpers.study.schema import LOG, take_turns

KINDS = {
    "plan": "the readings were bound to this plan",
    "consent": "the study's consent text in a language, since then",
    "chained": "events written before this were chained now: what was done to them before cannot be seen",
    "dropped": "readings of simulated readers, or of the guest, were dropped because a plan or simulation changed",
    "account": "an account was made",
    "code": "a new access code was made",
    "owner_code": "somebody got an access code for the owner's page",
    "owner_gone": "an access code for the owner's page was made void",
    "owner_page": "something was asked for on the owner's page, and done",
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
    take_turns(connection, "log")
    row = {"kind": kind, "reader": reader, "payload": json.dumps(facts, sort_keys=True), "at": now()}
    append(connection, LOG, LOG_CHAIN, row, "log")


def note_consents(connection: sa.Connection, texts: Mapping[str, str]) -> None:
    """Add the consent texts, by language, that differ from the last entries; readers agree to their digests."""
    take_turns(connection, "log")
    rows = connection.execute(sa.select(LOG).where(LOG.c.kind == "consent").order_by(LOG.c.sequence)).mappings()
    known = {facts_of(row).get("language"): facts_of(row).get("text") for row in rows}
    for language, text in texts.items():
        if known.get(language) != text:
            digest = hashlib.sha256(text.encode()).hexdigest()
            note(connection, "consent", language=language, sha256=digest, text=text)


def log_table(rows: Iterable[Mapping]) -> pd.DataFrame:
    """Log entries as people read them: at, kind, reader, facts; without deleted content and without chain heads."""
    found = []
    for row in rows:
        facts = {} if is_erased(row) else facts_of(row)
        told = [f"{name}: {_short(value)}" for name, value in facts.items() if value is not None and name != "chains"]
        found.append((row["at"], row["kind"], row["reader"], "; ".join(told)))
    return pd.DataFrame(found, columns=["at", "kind", "reader", "facts"])


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 64 else f"{text[:61]}…"
