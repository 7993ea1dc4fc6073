"""A chain's digests stand for its rows and their order, by arithmetic that anybody can repeat."""

import hashlib
import json

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from helpers.study.hash_chain import append, content_of, erased, is_erased, linked, start_of
from helpers.study.schema import EVENTS, HEADS, METADATA, READERS


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as opened:
        opened.execute(READERS.insert(), [{"reader": name, "kind": "human"} for name in ("anna", "bert")])
        yield opened


def event(connection, reader="anna", kind="human", **facts):
    row = {"reader": reader, "kind": "answer", "trial_id": None, "submission_id": None, "payload": json.dumps(facts)}
    row["at"] = "2026-01-01T00:00:00+00:00"
    append(connection, EVENTS, reader, row, kind)


def rows_of(connection, reader="anna"):
    chosen = sa.select(EVENTS).where(EVENTS.c.reader == reader).order_by(EVENTS.c.sequence)
    return connection.execute(chosen).mappings().all()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_digests_can_be_repeated_by_hand(connection):
    for rating in (1, -2):
        event(connection, rating=rating)
    before = sha256(json.dumps(["anna", "human"]))
    for row in rows_of(connection):
        cells = [row[name] for name in ("reader", "sequence", "kind", "trial_id", "submission_id", "payload", "at")]
        before = sha256(f"{before} {sha256(json.dumps([row['salt'], *cells]))}")
        assert row["digest"] == before
    head = connection.execute(sa.select(HEADS).where(HEADS.c.chain == "anna")).mappings().one()
    assert (head["length"], head["digest"]) == (2, before)


def test_each_reader_has_a_chain_of_their_own(connection):
    event(connection, "anna", rating=1)
    event(connection, "bert", rating=1)
    event(connection, "anna", rating=2)
    assert [row["sequence"] for row in rows_of(connection)] == [1, 2]
    assert rows_of(connection, "bert")[0]["sequence"] == 1
    assert start_of("anna", "human") != start_of("bert", "human") != start_of("bert", "simulated")


def test_equal_content_of_people_has_other_digests_and_of_programs_the_same(connection):
    for kind, count in (("human", 2), ("simulated", 1)):
        contents = []
        for _ in range(2):
            connection.execute(EVENTS.delete())
            connection.execute(HEADS.delete())
            event(connection, kind=kind, rating=1)
            contents.append(content_of(EVENTS, rows_of(connection)[0]))
        assert len(set(contents)) == count


def test_an_erased_row_keeps_its_place_and_digest_and_nothing_else(connection):
    event(connection, rating=1)
    row = rows_of(connection)[0]
    left = erased(EVENTS, row)
    assert is_erased(left) and not is_erased(row)
    assert (left["reader"], left["sequence"], left["digest"]) == ("anna", 1, row["digest"])
    assert content_of(EVENTS, left) == content_of(EVENTS, row)
    assert "rating" not in left["payload"] and left["salt"] == left["at"] == ""


@given(st.text(), st.text(), st.text())
def test_a_link_tells_other_content_and_another_past(before, content, other):
    if content != other:
        assert linked(sha256(before), sha256(content)) != linked(sha256(before), sha256(other))
        assert linked(sha256(content), sha256(before)) != linked(sha256(other), sha256(before))
