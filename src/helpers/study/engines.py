"""Opens a readings database: an SQLite file by path, or any SQLAlchemy URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from helpers.errors import StoreError
from helpers.study.schema import begin_sqlite, prepare_postgresql, prepare_sqlite

# If an SQLite file is damaged, the driver may fail to decode SQLite's own message about it.
DATABASE_ERRORS = (sa.exc.SQLAlchemyError, UnicodeDecodeError)


def engine_of(url_or_path: str | Path) -> sa.Engine:
    """SQLAlchemy engine of a readings database: an SQLite file by path, or a URL (``postgresql://`` uses psycopg).

    Raises StoreError if the URL cannot be read or its driver is not installed.
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
    elif engine.dialect.name == "postgresql":
        sa.event.listen(engine, "connect", prepare_postgresql)
    return engine


@contextmanager
def connected(url_or_path: str | Path) -> Iterator[sa.Connection]:
    """A connection for reading a database without binding it to a plan. Raises StoreError if it cannot be read."""
    engine = engine_of(url_or_path)
    try:
        with engine.execution_options(reading=True).connect() as connection:
            yield connection
    except DATABASE_ERRORS as error:
        name, why = engine.url.render_as_string(hide_password=True), error.__cause__ or error
        raise StoreError(f"{name}: the answers in this readings database cannot be read ({why})") from error
    finally:
        engine.dispose()
