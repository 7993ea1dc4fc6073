"""Tables of the readings database, and how an SQLite file is opened so that a commit is on disk."""

import sqlalchemy as sa

SCHEMA_VERSION = 4  # 2 added accounts, 3 trials, 4 the chain and the log; an earlier database gets them when opened
LOCK_WAIT_MS = 30_000  # for another writer of the SQLite file
TURN_WAIT_MS = 10_000  # for another server on the same PostgreSQL

METADATA = sa.MetaData()
STUDY = sa.Table(
    "study",
    METADATA,
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("plan_sha256", sa.String(64), nullable=False, unique=True),
)
TRIALS = sa.Table(  # of the plan that was opened last; each answer is bound to its trial
    "trials",
    METADATA,
    sa.Column("trial_id", sa.String(200), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),  # of the trial's row in the plan
)
READERS = sa.Table(
    "readers",
    METADATA,
    sa.Column("reader", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
)
EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("reader", sa.ForeignKey("readers.reader"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),  # 1, 2, 3, ... of this reader
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("trial_id", sa.String(200)),
    sa.Column("submission_id", sa.String(200)),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("salt", sa.String(32), nullable=False, server_default=""),  # random; else the content could be guessed
    sa.Column("digest", sa.String(64), nullable=False, server_default=""),  # of this event and the digest before it
    sa.UniqueConstraint("reader", "submission_id"),
)
LOG = sa.Table(  # what the owner did and what concerns the whole study, in a chain of its own
    "log",
    METADATA,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("reader", sa.String(200)),  # whom it concerns, if it is one reader
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
HEADS = sa.Table(  # where each chain ends, so that a removal from its end is noticed
    "heads",
    METADATA,
    sa.Column("chain", sa.String(200), primary_key=True),  # a reader; blank: the log
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
ACCOUNTS = sa.Table(  # people who may read, entered by the owner before their first event
    "accounts",
    METADATA,
    sa.Column("reader", sa.String(200), primary_key=True),
    sa.Column("code_name", sa.String(8), nullable=False, unique=True),  # the public first part of the access code
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(128), nullable=False),  # of the secret part; the code itself is never stored
    sa.Column("experience_years", sa.Float),
    sa.Column("subspecialty", sa.String(200)),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("made_at", sa.String(40), nullable=False),
)
KEEPERS = sa.Table(  # who may enter the owner's page
    "keepers",
    METADATA,
    sa.Column("keeper", sa.String(200), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("code_name", sa.String(8), nullable=False, unique=True),  # these three as in ``accounts``
    sa.Column("salt", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(128), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
)


def prepare_sqlite(connection, _record) -> None:
    """Use a write-ahead log, sync every commit, and turn off the driver's own implicit transactions."""
    connection.isolation_level = None
    for setting in (f"busy_timeout={LOCK_WAIT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def begin_sqlite(connection) -> None:
    """Let a writer take the lock at once, so that what it reads still holds when it writes. Reading never waits."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def prepare_postgresql(connection, _record) -> None:
    """Limit the wait for locks, so that a server that stalls in the middle of its turn does not block all others."""
    connection.execute(f"SET lock_timeout = {TURN_WAIT_MS}")
    connection.commit()


_NAMES = sa.func.unnest(sa.bindparam("names", type_=sa.ARRAY(sa.Text))).column_valued("name")
_TAKE_TURNS = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(_NAMES)))


def take_turns(connection: sa.Connection, *names: str) -> None:
    """Make writers that share a name wait for each other until they commit. SQLite admits only one writer anyway.

    Names are taken in alphabetical order, so that no two writers deadlock.
    """
    if names and connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURNS, {"names": sorted(f"helpers {name}" for name in names)})
