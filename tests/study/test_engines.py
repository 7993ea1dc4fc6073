"""Ways into a readings database: a path or a URL, nothing lost on the way, and no password told."""

import pytest
import sqlalchemy as sa

from helpers.errors import StoreError
from helpers.study.engines import connected, engine_of


@pytest.fixture
def file(tmp_path):
    """An SQLite database with one table."""
    engine = engine_of(tmp_path / "readings.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE noted (word)")
        connection.exec_driver_sql("INSERT INTO noted VALUES ('kept')")
    engine.dispose()
    return tmp_path / "readings.sqlite"


@pytest.mark.parametrize("address", ["{}", "sqlite:///{}"])
def test_a_path_and_a_url_lead_to_the_same_database(file, address):
    with connected(address.format(file)) as connection:
        assert connection.exec_driver_sql("SELECT word FROM noted").scalars().all() == ["kept"]


def test_every_commit_is_synced_and_foreign_keys_hold(file):
    names = ("journal_mode", "synchronous", "foreign_keys")
    with connected(file) as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert settings == ["wal", 2, 1]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_addresses_of_postgresql_need_not_name_its_driver(scheme):
    pytest.importorskip("psycopg")
    assert engine_of(f"{scheme}://me@host/study").url == sa.make_url("postgresql+psycopg://me@host/study")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense://", "the driver of this readings database is missing|the address"),
        ("sqlite:/x://", "cannot be read; it looks like postgresql://user:password@host:5432/name"),
    ],
)
def test_an_address_that_leads_nowhere_says_what_one_looks_like(address, said):
    with pytest.raises(StoreError, match=said):
        engine_of(address)


def test_a_server_that_does_not_answer_is_named_without_its_password():
    pytest.importorskip("psycopg")
    address = "postgresql://me:secret@nowhere.invalid:1/x"
    with pytest.raises(StoreError, match="nowhere.invalid") as refused, connected(address):
        pass
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "readings.sqlite").write_text("not a database, but long enough to be taken for one" * 20)
    said = r"readings\.sqlite: the answers in this readings database cannot be read"
    with pytest.raises(StoreError, match=said), connected(tmp_path / "readings.sqlite"):
        pass


def test_one_who_reads_does_not_wait_for_one_who_writes(file):
    engine = engine_of(file)
    with engine.begin() as writer:
        writer.exec_driver_sql("INSERT INTO noted VALUES ('on its way')")
        with connected(file) as reader:
            assert reader.exec_driver_sql("SELECT word FROM noted").scalars().all() == ["kept"]
    engine.dispose()
