"""The readings database refuses what would double or orphan an answer, and commits to the disk."""

import pytest
import sqlalchemy as sa

from helpers.study.schema import EVENTS, METADATA, READERS, begin_sqlite, prepare_sqlite

EVENT = {"reader": "r1", "sequence": 1, "kind": "answered", "submission_id": "s1", "payload": "{}", "at": "2026-01-01"}


@pytest.fixture
def engine(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    sa.event.listen(engine, "connect", prepare_sqlite)
    sa.event.listen(engine, "begin", begin_sqlite)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.execute(READERS.insert(), [{"reader": name, "kind": "person"} for name in ("r1", "r2")])
        connection.execute(EVENTS.insert(), EVENT)
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [{"submission_id": "s2"}, {"sequence": 2}, {"reader": "nobody", "submission_id": "s2"}, {"payload": None}],
    ids=["a number used twice", "a submission sent twice", "a reader who is not known", "nothing to say"],
)
def test_an_event_is_refused_with(engine, change):
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(EVENTS.insert(), EVENT | {"sequence": 1} | change)


def test_readers_have_numbers_and_submissions_of_their_own(engine):
    with engine.begin() as connection:
        connection.execute(EVENTS.insert(), EVENT | {"reader": "r2"})
        assert connection.execute(sa.select(sa.func.count()).select_from(EVENTS)).scalar() == 2


def test_a_commit_is_on_the_disk_before_the_next_step(engine):
    with engine.connect() as connection:
        journal, synchronous = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        )
    assert (journal, synchronous) == ("wal", 2)  # 2 is FULL


def test_while_one_writes_others_read_but_do_not_write(engine):
    with engine.begin() as writer:
        writer.execute(EVENTS.insert(), EVENT | {"sequence": 2, "submission_id": "s2"})
        with engine.connect().execution_options(reading=True) as reader:
            assert reader.execute(EVENTS.select()).one().submission_id == "s1"
        with engine.connect() as second:
            second.connection.driver_connection.execute("PRAGMA busy_timeout=0")
            with pytest.raises(sa.exc.OperationalError, match="locked"):
                second.execute(EVENTS.insert(), EVENT | {"sequence": 3, "submission_id": "s3"})
