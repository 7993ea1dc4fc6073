"""The owner's log: entries of known kinds, in a chain, and consent texts only where they have changed."""

import json

import pytest
import sqlalchemy as sa

from helpers.study.hash_chain import ERASED, LOG_CHAIN
from helpers.study.log import KINDS, log_table, note, note_consents
from helpers.study.schema import HEADS, LOG, METADATA


@pytest.fixture
def connection():
    engine = sa.create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as opened:
        yield opened


def entries(connection):
    return connection.execute(sa.select(LOG).order_by(LOG.c.sequence)).mappings().all()


def test_entries_stand_in_the_order_in_which_they_were_made_and_the_head_is_the_last(connection):
    note(connection, "export", rows=3)
    note(connection, "code", "anna")
    found = entries(connection)
    assert [(row["sequence"], row["kind"], row["reader"]) for row in found] == [
        (1, "export", None),
        (2, "code", "anna"),
    ]
    assert json.loads(found[0]["payload"]) == {"rows": 3}
    head = connection.execute(sa.select(HEADS).where(HEADS.c.chain == LOG_CHAIN)).mappings().one()
    assert (head["length"], head["digest"]) == (2, found[-1]["digest"])


def test_an_entry_of_no_known_kind_is_refused_and_nothing_is_written(connection):
    with pytest.raises(ValueError, match=f"'party': must be one of {next(iter(KINDS))}"):
        note(connection, "party")
    assert entries(connection) == []


def test_a_consent_text_is_noted_when_it_is_new_and_when_it_changes(connection):
    for texts in ({"en": "I agree.", "es": "Acepto."}, {"en": "I agree.", "es": "Acepto."}, {"en": "I do agree."}):
        note_consents(connection, texts)
    noted = [json.loads(row["payload"]) for row in entries(connection)]
    assert [(one["language"], one["text"]) for one in noted] == [
        ("en", "I agree."), ("es", "Acepto."), ("en", "I do agree."),
    ]  # fmt: skip
    assert len({one["sha256"] for one in noted}) == 3


def test_the_table_shortens_long_facts_and_tells_nothing_of_what_was_deleted():
    rows = [
        {"at": "t1", "kind": "consent", "reader": None, "payload": json.dumps({"text": "x" * 100, "chains": {"a": 1}})},
        {"at": "", "kind": ERASED, "reader": "anna", "payload": json.dumps({"content": "c" * 64})},
    ]
    table = log_table(rows)
    assert table["facts"].tolist() == [f"text: {'x' * 61}…", ""]
    assert list(log_table([])) == ["at", "kind", "reader", "facts"]
