"""Makes backups of a readings database while people read, and restores them.

A backup is a whole SQLite database in one file, as it was at one moment (SQLite's online backup). Restoring a backup
discards nothing newer unless asked to, and even then the replaced database is kept beside it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from helpers.errors import RecordError, StoreError
from helpers.files import atomic_write, disk_errors, sha256
from helpers.study.engines import connected
from helpers.study.events import now
from helpers.study.log import note
from helpers.study.schema import LOCK_WAIT_MS
from helpers.study.store import Store
from helpers.study.verification import Record, anchors_of, faults_of, record_of
from helpers.study.withdrawal import erase, scrub, withdrawn_readers

BY_THE_SERVER = """these readings are in PostgreSQL, which makes its own backups while people read:
  pg_dump --format=custom --file={file} '{address}'
  pg_restore --clean --if-exists --single-transaction --dbname='{address}' {file}"""
OWN_KINDS = ("account", "code", "corrected", "owner_code", "owner_gone")  # log entries that cannot be made again
SIDE_FILES = ("-wal", "-shm", "-journal")


def back_up(store: Store, file: str | Path) -> Record:
    """Write a backup of a store to a file that only its owner may read; returns the record in it.

    Raises StoreError for a PostgreSQL database, with the command to use, and if the file already exists.
    """
    file = Path(file)
    if store.engine.dialect.name != "sqlite":
        address = store.engine.url.render_as_string(hide_password=True).replace("+psycopg", "").replace(":***", "")
        raise StoreError(BY_THE_SERVER.format(file=file, address=address))
    if file.exists():
        raise StoreError(f"{file}: exists already; choose another name, or move it away")
    with atomic_write(file) as temporary:
        os.chmod(temporary, 0o600)  # it holds digests of access codes
        _copy(Path(store.engine.url.database), temporary)
        with connected(temporary) as connection:
            record = record_of(connection)
        _into_one_file(temporary)
    with store.writing() as connection:
        note(connection, "backup", file=file.name, sha256=sha256(file), chains=anchors_of(record))
    return record


def restore(file: str | Path, database: Path, plan: pd.DataFrame, discard_newer: bool = False) -> Path | None:
    """Replace a readings database with a backup; returns the path to which the old one was moved, None if none existed.

    Readers who have withdrawn since the backup are withdrawn in it too. Raises RecordError if the backup is not as it
    was written, and StoreError if it belongs to another plan, if the database is in use, and, unless
    ``discard_newer``, if the database holds answers or accounts that the backup does not, or cannot be read.
    """
    file = Path(file)
    if not file.is_file():
        raise StoreError(f"{file}: no such backup")
    with disk_errors(database), TemporaryDirectory(dir=database.parent, prefix=".restore-") as folder:
        copied = Path(folder) / database.name
        backup = _copied(file, copied)
        with _alone(database) as present:
            news = _newer(present, backup) if database.is_file() else []
            if news and not discard_newer:
                raise StoreError(
                    f"{database} holds what {file} does not: {', '.join(news)}. Nothing was changed; add "
                    "--discard-newer if you mean it"
                )
            _bring_up_to_now(copied, plan, present, file, news)
            _into_one_file(copied)
            aside = _move_aside(database)
            os.replace(copied, database)
    return aside


def _copied(file: Path, target: Path) -> Record:
    """Copy a backup, which is left unchanged, and return its record, checked."""
    try:
        target.touch(mode=0o600)
        _copy(file, target)
        with closing(sqlite3.connect(target)) as connection:
            state = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        state = str(error)
    if state != "ok":
        raise RecordError(f"{file}: not a readings database, or a damaged one ({state})")
    with connected(target) as connection:
        record = record_of(connection)
    if faults := faults_of(record):
        raise RecordError(f"{file}: not as it was written: {faults[0]}")
    return record


def _copy(source: Path, target: Path) -> None:
    """Copy a whole database as it is at one moment; others can go on writing to it."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as from_, closing(sqlite3.connect(target)) as to:
        from_.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
        from_.backup(to)


def _into_one_file(file: Path) -> None:
    """Make a database a single file, without files beside it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _alone(database: Path) -> Iterator[Record | None]:
    """The record of a database that nobody else uses within the block; None if there is none that can be read.

    The journal mode can be changed only if nobody else has the database open (https://sqlite.org/wal.html).
    """
    if not database.is_file():
        yield None
        return
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA busy_timeout=1000")
            connection.execute("PRAGMA journal_mode=WAL")
            (before,) = connection.execute("PRAGMA data_version").fetchone()
            record = _read(database)
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            if connection.execute("PRAGMA data_version").fetchone() != (before,):
                raise sqlite3.OperationalError("somebody wrote to it just now")
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{database}: in use ({error}); stop the reading room, and close notebooks that have it open"
            ) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError):  # damaged: a reason to restore a backup
            record = None
        yield record


def _read(database: Path) -> Record | None:
    try:
        with connected(database) as connection:
            return record_of(connection)
    except StoreError:
        return None


def _newer(present: Record | None, backup: Record) -> list[str]:
    """What a database holds that a backup does not, in words."""
    if present is None:
        return ["something that cannot be read"]
    found = []
    for reader, rows in present.events.items():
        known = [row["digest"] for row in backup.events.get(reader, ())]
        new = [row for number, row in enumerate(rows) if row["digest"] not in known[number : number + 1]]
        if any(row["kind"] != "withdrawn" for row in new):
            answers = sum(row["kind"] == "answered" for row in new)
            found.append(f"{len(new)} events ({answers} answers) of {reader}")
    known = {row["digest"] for row in backup.log}
    own = [row["kind"] for row in present.log if row["kind"] in OWN_KINDS and row["digest"] not in known]
    return found + [f"{own.count(kind)} log entries of kind {kind}" for kind in dict.fromkeys(own)]


def _bring_up_to_now(file: Path, plan: pd.DataFrame, present: Record | None, source: Path, news: list[str]) -> None:
    """Bind a copy of a backup to the present plan, repeat withdrawals made since, and note this in its log."""
    store = Store(file, plan, create=False)
    try:
        with store.writing() as connection:
            since = withdrawn_readers(present.log if present else [])
            again = {reader: why for reader, why in since.items() if reader not in withdrawn_readers(_log(connection))}
            for reader, reason in again.items():
                erase(connection, reader, reason)
            note(connection, "restored", file=source.name, sha256=sha256(source), discarded=news, at=now())
        if again:
            scrub(store.engine)
    finally:
        store.dispose()


def _log(connection) -> list:
    return record_of(connection).log


def _move_aside(database: Path) -> Path | None:
    if not database.is_file():
        return None
    moment = now().replace(":", "").replace("-", "").split("+")[0]  # to the millisecond
    aside = database.with_name(f"{database.stem}.before-{moment}{database.suffix}")
    for end in ("", *SIDE_FILES):
        side = Path(f"{database}{end}")
        if side.exists():
            side.rename(f"{aside}{end}")
    return aside
