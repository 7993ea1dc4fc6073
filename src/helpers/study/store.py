"""The append-only log of reading events in an SQL database; whatever it has accepted is on disk."""

import json
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.errors import DiskError, EndedError, ReadingError, StoreError
from helpers.study.binding import bind, plan_hash
from helpers.study.engines import DATABASE_ERRORS, engine_of
from helpers.study.events import Event
from helpers.study.hash_chain import append_after
from helpers.study.schema import ACCOUNTS, EVENTS, HEADS, METADATA, READERS, take_turns
from helpers.study.turns import Turns

JOURNAL_INDEX = 1 << 16  # twice the bytes on disk that SQLite needs for the index of its journal
READER_KINDS = ("human", "simulated")
_OF_READER = EVENTS.c.reader == sa.bindparam("reader")
_NEWS = sa.select(*EVENTS.c["kind", "trial_id", "submission_id", "payload", "at"])
_NEWS = _NEWS.where(_OF_READER, EVENTS.c.sequence > sa.bindparam("after")).order_by(EVENTS.c.sequence)
_IS_ACCOUNT, _IS_CHAIN = (column == sa.bindparam("reader") for column in (ACCOUNTS.c.reader, HEADS.c.chain))
_STAND = sa.select(  # everything needed before a reader's next event, in one query: the number of queries is what costs
    sa.select(ACCOUNTS.c.salt).where(_IS_ACCOUNT).scalar_subquery().label("key"),
    sa.select(HEADS.c.length).where(_IS_CHAIN).scalar_subquery().label("length"),
    sa.select(HEADS.c.digest).where(_IS_CHAIN).scalar_subquery().label("digest"),
    sa.exists().where(_OF_READER, EVENTS.c.sequence > sa.bindparam("after")).label("has_news"),
)
_KIND = sa.select(READERS.c.kind).where(READERS.c.reader == sa.bindparam("reader"))


def _events(rows: Iterable[sa.Row]) -> list[Event]:
    rows = list(rows)
    try:
        payloads = json.loads(f"[{','.join(row.payload for row in rows)}]")  # all at once is three times as fast
    except ValueError:
        payloads = []
    if len(payloads) != len(rows):
        payloads = [_payload(row.payload) for row in rows]
    return [
        Event(row.kind, row.trial_id, row.submission_id, payload, row.at)
        for row, payload in zip(rows, payloads, strict=True)
    ]


def _payload(text: str) -> object:
    """A stored payload; None, which no event accepts, if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


class Store:
    """Readings database of one plan: an SQLite file by path, or any SQLAlchemy URL.

    Raises StoreError if the database is missing (``create=False``), damaged, locked, of a later version,
    or bound to trials that the plan does not have (``binding``); later also if an SQLite file is no longer the one
    that was opened: what is written to a file that was moved or replaced is lost.
    """

    def __init__(self, url_or_path: str | Path, plan: pd.DataFrame, create: bool = True):
        path = None if "://" in str(url_or_path) else Path(url_or_path)
        if path is not None and not path.is_file():
            if not create:
                raise StoreError(f"{path}: no readings yet; run notebooks/07_reading.ipynb first")
            path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = engine_of(url_or_path)
        self._reading = self.engine.execution_options(reading=True)
        self.name = str(path) if path else self.engine.url.render_as_string(hide_password=True)
        self.plan_sha256 = plan_hash(plan)
        self._path, self._opened = path, None
        self._held: sa.Connection | None = None  # a snapshot, see ``at_one_moment``
        # Writers of one process wait here for their turn: SQLite itself tries again only every 100 ms, and
        # PostgreSQL would commit each one separately.
        self._turns = Turns(self._transaction)
        before = self._file()
        self._open(create, plan)
        self._opened = before or self._file()
        self._check_file()

    def extend(
        self,
        reader: str,
        after: int,
        follow: Callable[[list[Event]], Event | None],
        kind: str = "human",
        key: str | None = None,
    ) -> Event | None:
        """Commit the event that ``follow`` makes from those with a sequence number above ``after``, and return it.

        Nobody else writes events of this reader in between, so the event takes everything into account. Returns None if
        ``follow`` does; ``follow`` may be called again, with the same events, if its event could not be written. If
        ``after`` is 0, a reader without events is entered with ``kind`` (human or simulated), and ReadingError is
        raised for a reader of the other kind. Raises EndedError if ``key`` is no longer that of the reader's access
        code (``Account.key``).
        """

        def step(connection: sa.Connection) -> Event | None:
            stand, news = _stand_and_news(connection, reader, after, key)
            event = follow(news)
            if event is not None:
                row = _row_of(reader, after + len(news) + 1, event)
                if after == 0:
                    self._enter(connection, reader, kind, is_new=not news)
                head = None if stand.length is None else (stand.length, stand.digest)
                append_after(head, connection, EVENTS, reader, row, kind)
            return event

        return self._turns.take(reader, step)

    def events(self, reader: str, after: int = 0, key: str | None = None) -> list[Event]:
        """Events of a reader with a sequence number above ``after``, in order; raises EndedError as in ``extend``."""
        with self.reading() as connection:
            return _stand_and_news(connection, reader, after, key)[1]

    def readers(self) -> dict[str, str]:
        """Every reader with at least one event, and whether human or simulated."""
        return {row.reader: row.kind for row in self.read(sa.select(READERS).order_by(READERS.c.reader))}

    def read(self, query: sa.Select, values: Mapping | None = None) -> list:
        """Rows of a query."""
        with self.reading() as connection:
            return connection.execute(query, values).all()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes are on disk when the block has ended, all of them or none."""
        with self._turns.alone() as connection:
            yield connection

    @contextmanager
    def _transaction(self, names: Collection[str] = ()) -> Iterator[sa.Connection]:
        self._check_file()
        with self._errors(), self.engine.begin() as connection:
            take_turns(connection, *names)
            yield connection
        self._check_file()

    @contextmanager
    def at_one_moment(self) -> Iterator["Store"]:
        """A snapshot of this store: all queries within the block see the same moment, while people go on reading."""
        with self.reading() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            held = copy(self)
            held._held = connection
            yield held

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection for reading; queries within the block wait for nobody."""
        self._check_file()
        with self._errors():
            if self._held is not None:
                yield self._held
                return
            with self._reading.connect() as connection:
                yield connection

    def _file(self) -> tuple[int, int] | None:
        """Which file the SQLite database is, by device and inode; None for other databases or a missing file."""
        if self._path is None or not self._path.is_file():
            return None
        state = self._path.stat()
        return state.st_dev, state.st_ino

    def _disk_is_full(self) -> bool:
        folder = self._path and self._path.parent
        return bool(folder and folder.is_dir()) and shutil.disk_usage(folder).free < JOURNAL_INDEX

    def _check_file(self) -> None:
        if self._opened is not None and self._file() != self._opened:
            raise StoreError(
                f"{self.name}: this file was moved or replaced while it was in use, and nothing is saved in it any "
                "more. Put it back, or open the room again to go on with what is there now"
            )

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _enter(self, connection, reader: str, kind: str, is_new: bool) -> None:
        if kind not in READER_KINDS:
            raise ReadingError(f"reader kind {kind!r}: must be one of {', '.join(READER_KINDS)}")
        if is_new:
            connection.execute(READERS.insert(), {"reader": reader, "kind": kind})
        else:
            self.check_kind(connection.scalar(_KIND, {"reader": reader}), kind, reader)

    def check_kind(self, stored: str, kind: str, reader: str) -> None:
        """Raise ReadingError if a reader of the kind ``stored`` is to continue as another ``kind``."""
        if stored != kind:
            raise ReadingError(
                f"reader {reader!r} has {stored} readings in {self.name} and cannot continue as {kind}; "
                "choose another reader of the plan"
            )

    def _open(self, create: bool, plan: pd.DataFrame) -> None:
        with self.writing() as connection:
            take_turns(connection, "opens")
            if create:
                METADATA.create_all(connection)
            bind(connection, plan, self.plan_sha256, self.name)
            if self.engine.dialect.name == "sqlite":
                faults = connection.exec_driver_sql("PRAGMA quick_check").scalar()
                if faults != "ok":
                    raise StoreError(f"{self.name}: the readings database is damaged ({faults}); restore a backup")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the database's errors into the study's own."""
        try:
            yield
        except DATABASE_ERRORS as error:
            text = str(getattr(error, "orig", error))
            # A full disk has no room for the index of the journal either, which SQLite reports as an I/O error.
            no_place = ("disk is full", "readonly", "unable to open", *(["disk I/O"] if self._disk_is_full() else []))
            if any(words in text for words in no_place):
                raise DiskError(f"{self.name}: cannot be written ({text}); free some space or the file") from error
            if "locked" in text:
                raise StoreError(f"{self.name}: another program locks the database; stop it and try again") from error
            raise StoreError(
                f"{self.name}: cannot be used as a readings database ({text}); if it is damaged, restore a backup"
            ) from error


def _row_of(reader: str, sequence: int, event: Event) -> dict:
    row = {"reader": reader, "sequence": sequence, "kind": event.kind, "at": event.at}
    row |= {"trial_id": event.trial_id, "submission_id": event.submission_id}
    return row | {"payload": json.dumps(event.payload, sort_keys=True, allow_nan=False)}


def _stand_and_news(connection, reader: str, after: int, key: str | None) -> tuple[sa.Row, list[Event]]:
    """Where a reader's chain ends, and the events above ``after``; raises EndedError as in ``Store.extend``."""
    asked = {"reader": reader, "after": after}
    stand = connection.execute(_STAND, asked).one()
    if key is not None and stand.key != key:
        raise EndedError(f"the access code of {reader!r} was replaced; this sitting has ended")
    return stand, _events(connection.execute(_NEWS, asked)) if stand.has_news else []
