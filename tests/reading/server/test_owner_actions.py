"""What an owner may ask for is done by the commands of the command line, by the same rules, and is on record."""

import re

import pytest

from helpers.errors import ReadingError
from helpers.reading.room import StudyInReading
from helpers.reading.server.owner_actions import Overview, asked_for, carry_out
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.keepers import MONITOR, Keeper
from helpers.study.schema import LOG

OLGA = Keeper("olga")


@pytest.fixture
def study(run):
    return StudyInReading("tiny")


def done(study, asked, keeper=OLGA):
    return carry_out(study, keeper, asked_for(asked), "en")


def of_reader(what, reason=""):
    return {"do": what, "reader": "reader-1", "reason": reason}


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"do": "erase"},
        {"do": "close"},
        {"do": "export", "reader": "reader-1"},
        of_reader("close") | {"reason": 1},
        of_reader("close") | {"reason": "x" * 1001},
        of_reader("close") | {"reader": "a\ud83d"},
    ],
)
def test_what_breaks_the_schema_is_refused(message):
    with pytest.raises(ReadingError):
        asked_for(message)


def test_a_first_code_makes_the_account_and_the_next_one_replaces_it(study):
    codes = [re.search(r"(?:\w{4}-){3}\w{4}", done(study, of_reader("invite"))[0])[0] for _ in range(2)]
    assert len(set(codes)) == 2


def test_a_code_is_told_in_the_owners_language(study):
    assert done(study, of_reader("invite"), Keeper("olga", language="es"))[0].startswith("Código de acceso de reader-1")


def test_a_monitor_does_nothing(study):
    with pytest.raises(ReadingError, match="only an owner"):
        done(study, {"do": "verify"}, Keeper("mo", MONITOR))


def test_what_changes_something_is_logged_with_who_did_it_and_a_look_is_not(study):
    for asked in (of_reader("invite"), {"do": "verify"}, {"do": "log"}):
        done(study, asked)
    entries = [row.payload for row in study.store.read(LOG.select()) if row.kind == "owner_page"]
    assert len(entries) == 1 and "olga" in entries[0] and "invite" in entries[0]


def test_a_session_is_reopened_with_a_reason_only(study):
    Desk(study.store, study.plan, "reader-1").present()
    done(study, of_reader("close"))
    with pytest.raises(ReadingError):
        done(study, of_reader("reopen", " "))
    done(study, of_reader("reopen", "well again"))
    assert [row["state"] for row in Overview(study).rows() if row["reader"] == "reader-1"] == ["reading"]


def test_nothing_is_exported_while_somebody_may_still_read(study):
    desk = Desk(study.store, study.plan, "reader-1")
    desk.answer(desk.current.trial_id, "s0", Answer(0))
    with pytest.raises(ReadingError, match="reader-1 may still read"):
        done(study, {"do": "export"})
    for number in range(1, 5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    said, file = done(study, {"do": "export"})
    assert file.startswith(b"PK") and "Sealed with key" in said and "/tmp" not in said


def test_pages_share_a_look_until_something_is_done(study):
    overview = Overview(study)
    before = overview.rows()
    desk = Desk(study.store, study.plan, "reader-1")
    desk.answer(desk.current.trial_id, "s", Answer(0))
    assert overview.rows() is before
    overview.forget()
    assert [row["answered"] for row in overview.rows() if row["reader"] == "reader-1"] == [1]
