"""Withdraws a reader: what was stored about them is deleted, and the chains can still be verified.

For each event, and each log entry about the reader, the digest of the content stays and the content is deleted: the
answer, its time, the display, the account with its access code. The reader's name stays, as it is in the plan too.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.errors import ReadingError, StoreError
from helpers.runs import STAGES, Run
from helpers.study.events import now
from helpers.study.hash_chain import ERASED, append, erased, facts_of, is_erased
from helpers.study.log import note
from helpers.study.schema import ACCOUNTS, EVENTS, LOCK_WAIT_MS, LOG, READERS, take_turns
from helpers.study.settings import GUEST
from helpers.study.store import Store

PATIENCE = LOCK_WAIT_MS / 1000  # seconds to wait for others who use the database


def withdraw(store: Store, plan: pd.DataFrame, reader: str, reason: str) -> int | None:
    """Delete what a store holds about a reader, bytes on disk included; returns the number of events erased.

    If the reader has already withdrawn, only leftover bytes are removed, and None is returned. Raises ReadingError for
    a reader that is not in the plan, simulated, or the guest, and if the reason is blank; StoreError if the database
    was in use for so long that bytes of what was deleted may be left.
    """
    if not reason.strip():
        raise ReadingError("reason: must not be blank; it is kept in the log")
    if reader not in set(plan.reader) or reader == GUEST or store.readers().get(reader) == "simulated":
        raise ReadingError(f"reader {reader!r}: only a person who reads in the plan can withdraw")
    with store.writing() as connection:
        take_turns(connection, reader)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        log = connection.execute(sa.select(LOG)).mappings()
        count = None if reader in withdrawn_readers(log) else erase(connection, reader, reason)
    scrub(store.engine)
    return count


def withdrawn_readers(log: Iterable[Mapping]) -> dict[str, str]:
    """Readers who have withdrawn, with the reason, from the rows of a log."""
    found = [row for row in log if row["kind"] == ERASED and not is_erased(row)]
    return {row["reader"]: facts_of(row)["reason"] for row in found}


def erase(connection: sa.Connection, reader: str, reason: str) -> int:
    """Delete the content of a reader's events and log entries, and their account; returns the number of events."""
    mine = connection.execute(sa.select(EVENTS).where(EVENTS.c.reader == reader).order_by(EVENTS.c.sequence))
    rows = mine.mappings().all()
    for row in rows:
        place = (EVENTS.c.reader == reader) & (EVENTS.c.sequence == row["sequence"])
        connection.execute(EVENTS.update().where(place).values(erased(EVENTS, row)))
    for row in connection.execute(sa.select(LOG).where(LOG.c.reader == reader)).mappings().all():
        connection.execute(LOG.update().where(LOG.c.sequence == row["sequence"]).values(erased(LOG, row)))
    connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.reader == reader))
    if not rows:
        connection.execute(READERS.insert(), {"reader": reader, "kind": "human"})
    last = {"reader": reader, "kind": ERASED, "trial_id": None, "submission_id": None, "payload": "{}", "at": now()}
    append(connection, EVENTS, reader, last, "human")
    digest = rows[-1]["digest"] if rows else None
    note(connection, ERASED, reader, reason=reason, events=len(rows), digest=digest)
    return len(rows)


def scrub(engine: sa.Engine) -> None:
    """Leave no bytes of deleted rows in a database: its file is rewritten, and its write-ahead log emptied.

    What a PostgreSQL server keeps besides its tables (write-ahead log and backups) is up to its administrator. Raises
    StoreError if the database is in use for too long.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (EVENTS, LOG, ACCOUNTS):
                connection.execute(sa.text(f"VACUUM FULL {table.name}"))
        return
    file, deadline = engine.url.database, time.monotonic() + PATIENCE
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
        while time.monotonic() < deadline:
            with suppress(sqlite3.OperationalError):
                connection.execute("VACUUM")
                is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not is_busy:
                    return
            time.sleep(0.2)
    raise StoreError(
        f"{file}: deleted, but the database is in use, and bytes of it may be left; run the same command again"
    )


def forget_results(run: Run) -> list[Path]:
    """Delete what a run has made from readings: tables, statistics, figures, notebooks, report. Returns the deleted
    paths; ``make study`` makes all of it again from the remaining readers."""
    stages = list(STAGES)[list(STAGES).index("07_reading") :]
    found = [run.stage_folder(stage) for stage in stages] + [run.report, run.results]
    for stage in stages:
        for folder, pattern in ((run.notebooks, f"{stage}.*"), (run.figures, f"{stage}_*")):
            found += [*folder.glob(pattern), *(folder / "images").glob(pattern)]
    there = [path for path in found if path.exists()]
    for path in there:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return there
