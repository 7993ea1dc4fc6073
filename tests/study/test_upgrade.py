"""Events of an earlier version are chained as they are; dropped readings leave no event and an entry in the log."""

from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import EVENTS, HEADS, LOG
from helpers.study.upgrade import CHAINED_FROM, drop_readings, upgrade


def answered(store, plan):
    """An answer of one reader; returns the events."""
    desk = Desk(store, plan, plan.reader.iloc[0])
    desk.answer(desk.current.trial_id, "s", Answer(1, active_ms=100))
    return store.read(EVENTS.select())


def test_a_database_of_this_version_stays_as_it_is(store, plan):
    before = answered(store, plan)
    with store.writing() as connection:
        assert upgrade(connection, CHAINED_FROM) == CHAINED_FROM
    assert store.read(EVENTS.select()) == before


def test_events_without_a_chain_get_one_and_keep_what_they_say(store, plan):
    before = answered(store, plan)
    with store.writing() as connection:
        for column in ("salt", "digest"):
            connection.exec_driver_sql(f"ALTER TABLE events DROP COLUMN {column}")
        for table in (HEADS, LOG):
            connection.execute(table.delete())
        assert upgrade(connection, CHAINED_FROM - 1) == CHAINED_FROM - 1
    after = store.read(EVENTS.select())
    assert [row[:-2] for row in map(tuple, after)] == [row[:-2] for row in map(tuple, before)]
    assert all(row.salt and row.digest for row in after)
    assert {row.chain: row.length for row in store.read(HEADS.select())}[before[0].reader] == len(before)
    assert "chained" in [row.kind for row in store.read(LOG.select())]


def test_dropped_readings_are_gone_with_their_chain_and_the_log_says_whose(store, plan):
    reader = answered(store, plan)[0].reader
    with store.writing() as connection:
        drop_readings(connection, [reader])
    assert store.read(EVENTS.select()) == [] and reader not in {row.chain for row in store.read(HEADS.select())}
    assert [reader in row.payload for row in store.read(LOG.select()) if row.kind == "dropped"] == [True]


def test_where_nobody_is_to_be_dropped_nothing_is_logged(store, plan):
    before = answered(store, plan)
    with store.writing() as connection:
        drop_readings(connection, [])
    assert store.read(EVENTS.select()) == before
    assert "dropped" not in [row.kind for row in store.read(LOG.select())]
