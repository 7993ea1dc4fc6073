"""Upgrades a readings database of an earlier version, and drops readings that no plan has any more."""

from collections.abc import Sequence

import sqlalchemy as sa

from helpers.study.hash_chain import append
from helpers.study.log import note
from helpers.study.schema import ACCOUNTS, EVENTS, HEADS, LOG, READERS

CHAINED_FROM = 4  # the version whose events are chained as they are written


def upgrade(connection: sa.Connection, version: int) -> int:
    """Chain the events that a database of an earlier ``version`` holds; returns the version that it actually has.

    Its log says which events these are: until then, a change to them could not have been detected.
    """
    known = {column["name"] for column in sa.inspect(connection).get_columns(EVENTS.name)}
    if "digest" in known:
        return version
    for column in (EVENTS.c.salt, EVENTS.c.digest):
        kind = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE events ADD COLUMN {column.name} {kind} NOT NULL DEFAULT ''")
    kinds = dict(connection.execute(sa.select(READERS.c.reader, READERS.c.kind)).tuples().all())
    rows = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.reader, EVENTS.c.sequence)).mappings().all()
    connection.execute(EVENTS.delete())
    for row in rows:
        cells = {name: value for name, value in row.items() if name not in ("salt", "digest")}
        append(connection, EVENTS, row["reader"], cells, kinds[row["reader"]])
    lengths = dict(connection.execute(sa.select(HEADS.c.chain, HEADS.c.length)).tuples().all())
    note(connection, "chained", events=lengths)
    for account in connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.reader)):
        facts = {name: getattr(account, name) for name in ("experience_years", "subspecialty", "language")}
        note(connection, "account", account.reader, **facts)
    return min(version, CHAINED_FROM - 1)


def drop_readings(connection: sa.Connection, readers: Sequence[str]) -> None:
    """Delete all events of simulated readers or of the guest, and their chains; the log records this."""
    if not readers:
        return
    for table, column in ((EVENTS, "reader"), (READERS, "reader"), (HEADS, "chain")):
        if sa.inspect(connection).has_table(table.name):
            connection.execute(table.delete().where(table.c[column].in_(readers)))
    if sa.inspect(connection).has_table(LOG.name):
        note(connection, "dropped", readers=sorted(readers))
