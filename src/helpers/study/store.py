"""The append-only log of reading events in an SQL database; what it has accepted is on the disk."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.errors import DiskError, ReadingError, StoreError
from helpers.study.schema import EVENTS, METADATA, READERS, SCHEMA_VERSION, STUDY, begin_sqlite, prepare_sqlite
from helpers.study.session import Answer, Event, Session, trials_of
from helpers.study.truth import practice_signs
from helpers.tables import PLAN, validate

READER_KINDS = ("human", "simulated")


class StaleSession(ReadingError):
    """The reader's session has gone on elsewhere, for example in a second tab."""


def plan_hash(plan: pd.DataFrame) -> str:
    """SHA-256, hex, of the canonical plan: validated, sorted by reader and position, as CSV."""
    rows = validate(plan, PLAN, origin="plan").sort_values(["reader", "position"])
    return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def now() -> str:
    """The present moment, ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def engine_of(url_or_path: str | Path) -> sa.Engine:
    """SQLAlchemy engine of a readings database: an SQLite file by path, or a URL (``postgresql://`` takes psycopg).

    Raises StoreError where the URL cannot be read or its driver is not installed.
    """
    text = str(url_or_path)
    for scheme in ("postgresql://", "postgres://"):
        if text.startswith(scheme):
            text = "postgresql+psycopg://" + text.removeprefix(scheme)
    try:
        engine = sa.create_engine(text if "://" in text else sa.URL.create("sqlite", database=text))
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the driver of this readings database is missing ({error}); for PostgreSQL: pip install 'psycopg[binary]'"
        ) from error
    except sa.exc.ArgumentError as error:
        raise StoreError(
            "the address of the readings database cannot be read; "
            "it looks like postgresql://user:password@host:5432/name"
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", prepare_sqlite)
        sa.event.listen(engine, "begin", begin_sqlite)
    return engine


class Store:
    """Readings database of one plan: an SQLite file by path, or any SQLAlchemy URL.

    Raises StoreError when the database is missing (``create=False``), damaged, locked, of a later version,
    or bound to another plan.
    """

    def __init__(self, url_or_path: str | Path, plan: pd.DataFrame, create: bool = True):
        text = str(url_or_path)
        path = None if "://" in text else Path(text)
        if path is not None and not path.is_file():
            if not create:
                raise StoreError(f"{path}: no readings yet; run notebooks/07_reading.ipynb first")
            path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = engine_of(url_or_path)
        self.name = str(path) if path else self.engine.url.render_as_string(hide_password=True)
        self.plan_sha256 = plan_hash(plan)
        self._open(create)

    def append(self, reader: str, event: Event, kind: str = "human", sequence: int | None = None) -> int:
        """Commit one event, then return its sequence number (1, 2, ... of this reader).

        A submission that is already there is not added again. Where ``sequence`` is given it must be the next
        one, or StaleSession is raised. A reader is entered with ``kind`` (human or simulated) at the first event;
        ReadingError when the same reader comes back as the other kind.
        """
        with self.writing() as connection:
            self._take_turn(connection, reader)
            return self._insert(connection, reader, event, kind, sequence)

    def events(self, reader: str, after: int = 0) -> list[Event]:
        """Events of a reader in order, those with a sequence number above ``after``."""
        columns = EVENTS.c["kind", "trial_id", "submission_id", "payload", "at"]
        query = sa.select(*columns).where(EVENTS.c.reader == reader, EVENTS.c.sequence > after)
        rows = self.read(query.order_by(EVENTS.c.sequence))
        return [Event(r.kind, r.trial_id, r.submission_id, json.loads(r.payload), r.at) for r in rows]

    def readers(self) -> dict[str, str]:
        """Every reader with at least one event, and whether human or simulated."""
        return {row.reader: row.kind for row in self.read(sa.select(READERS).order_by(READERS.c.reader))}

    def read(self, query: sa.Select) -> list:
        """Rows of a query."""
        with self._errors(), self.engine.execution_options(reading=True).connect() as connection:
            return connection.execute(query).all()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes are on the disk when the block has ended, all of them or none."""
        with self._errors(), self.engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _insert(self, connection, reader: str, event: Event, kind: str, sequence: int | None) -> int:
        if kind not in READER_KINDS:
            raise ReadingError(f"reader kind {kind!r}: must be one of {', '.join(READER_KINDS)}")
        of_reader = EVENTS.c.reader == reader
        if event.submission_id is not None:
            same = of_reader & (EVENTS.c.submission_id == event.submission_id)
            known = connection.execute(sa.select(EVENTS.c["sequence", "trial_id"]).where(same)).first()
            if known is not None and known.trial_id == event.trial_id:
                return known.sequence
            if known is not None:
                raise ReadingError(f"submission {event.submission_id!r} already answers another trial; send a new one")
        following = 1 + (connection.scalar(sa.select(sa.func.max(EVENTS.c.sequence)).where(of_reader)) or 0)
        if sequence not in (None, following):
            raise StaleSession(f"the session of {reader!r} has gone on elsewhere; reload it and go on there")
        if following == 1:
            connection.execute(READERS.insert().values(reader=reader, kind=kind))
        else:
            self._check_kind(
                connection.scalar(sa.select(READERS.c.kind).where(READERS.c.reader == reader)), kind, reader
            )
        row = {"kind": event.kind, "trial_id": event.trial_id, "submission_id": event.submission_id, "at": event.at}
        payload = json.dumps(event.payload, sort_keys=True, allow_nan=False)
        connection.execute(EVENTS.insert().values(reader=reader, sequence=following, payload=payload, **row))
        return following

    def _check_kind(self, stored: str, kind: str, reader: str) -> None:
        if stored != kind:
            raise ReadingError(
                f"reader {reader!r} has {stored} readings in {self.name} and cannot go on as {kind}; "
                "choose another reader of the plan"
            )

    def _take_turn(self, connection, name: str) -> None:
        """Writers of one name wait for each other until they commit. SQLite lets one writer in anyway."""
        if self.engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"helpers {name}"))))

    def _open(self, create: bool) -> None:
        with self.writing() as connection:
            self._take_turn(connection, "opens")
            if create:
                METADATA.create_all(connection)
            row = connection.execute(sa.select(STUDY)).first()
            if row is None:
                connection.execute(STUDY.insert().values(schema_version=SCHEMA_VERSION, plan_sha256=self.plan_sha256))
            elif row.schema_version not in (1, SCHEMA_VERSION):
                raise StoreError(
                    f"{self.name}: readings database of version {row.schema_version}, this program knows "
                    f"{SCHEMA_VERSION}; use the program that wrote it"
                )
            elif row.plan_sha256 != self.plan_sha256:
                raise StoreError(
                    f"{self.name}: these readings belong to another plan (theirs {row.plan_sha256}, "
                    f"this run's {self.plan_sha256}); nothing was changed. Put the old plan back, choose another RUN, "
                    "or move the readings database away to start reading this plan anew"
                )
            elif row.schema_version == 1:
                METADATA.create_all(connection)
                connection.execute(STUDY.update().values(schema_version=SCHEMA_VERSION))
            if self.engine.dialect.name == "sqlite":
                faults = connection.exec_driver_sql("PRAGMA quick_check").scalar()
                if faults != "ok":
                    raise StoreError(f"{self.name}: the readings database is damaged ({faults}); put back a copy of it")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say in the study's words what the database says in its own."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, json.JSONDecodeError) as error:
            text = str(getattr(error, "orig", error))
            if "disk is full" in text or "readonly" in text:
                raise DiskError(f"{self.name}: cannot be written ({text}); free some space or the file") from error
            if "locked" in text:
                raise StoreError(f"{self.name}: another program holds the database; end it and try again") from error
            raise StoreError(
                f"{self.name}: cannot be used as a readings database ({text}); if it is damaged, put back a copy of it"
            ) from error


class Desk:
    """A reader at work: the session and the store together. Every event is durable before the state moves on.

    Two desks of one reader (two tabs, two kernels) share one log: each looks at what the other did before it acts.
    ``clock`` gives the ISO time of an event. Raises ReadingError when the plan has no such reader, or the reader's
    earlier readings are of another ``kind``.
    """

    def __init__(
        self, store: Store, plan: pd.DataFrame, reader: str, kind: str = "human", clock: Callable[[], str] = now
    ):
        self.store, self.reader, self.kind, self.clock = store, reader, kind, clock
        self.session = Session(trials_of(plan, reader), practice=practice_signs(plan, reader))
        self._seen = 0
        store._check_kind(store.readers().get(reader, kind), kind, reader)
        self.refresh()

    def __getattr__(self, name: str):
        """The session's own properties: current, position, answered, total, is_closed, upcoming, ..."""
        if name == "session":
            raise AttributeError(name)
        return getattr(self.session, name)

    def refresh(self) -> None:
        """Take in what was written elsewhere since the last look."""
        for event in self.store.events(self.reader, after=self._seen):
            self.session.apply(event)
            self._seen += 1

    def present(self, payload: Mapping | None = None) -> bool:
        """Record that the current trial is on the screen."""
        return self._commit(lambda at: self.session.present(at, payload))

    def answer(self, trial_id: str, submission_id: str, answer: Answer) -> bool:
        """Record an answer; False when it was already there. It is on the disk when this returns."""
        return self._commit(lambda at: self.session.answer(trial_id, submission_id, answer, at))

    def undo(self) -> bool:
        """Take the last answer back."""
        return self._commit(self.session.undo)

    def pause(self) -> bool:
        """Begin a break; False when there is one."""
        return self._commit(self.session.pause)

    def resume(self) -> bool:
        """End the break; False when there is none."""
        return self._commit(self.session.resume)

    def close(self) -> bool:
        """End the session for good; False when it has ended."""
        return self._commit(self.session.close)

    def _commit(self, step: Callable[[str], Event | None]) -> bool:
        while True:
            self.refresh()
            event = step(self.clock())
            if event is None:
                return False
            try:
                self.store.append(self.reader, event, self.kind, self._seen + 1)
            except StaleSession:
                continue  # the other desk was quicker; look again
            self.refresh()
            return True
