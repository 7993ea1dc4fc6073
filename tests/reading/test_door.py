"""The door tells nothing of the study before the right code, and the reader's own room stands behind it."""

import json

import pytest

from helpers.errors import StoreError
from helpers.reading import room
from helpers.reading.door import Door
from helpers.reading.room import open_study
from helpers.reading.strings import texts
from helpers.reading.widget import ReadingRoom
from helpers.study.accounts import Account, add_account


@pytest.fixture
def code(run, monkeypatch):
    monkeypatch.setattr(room, "WRONG_CODE_SECONDS", 0)
    plan, store = open_study("tiny")
    return add_account(store, plan, Account("reader-1", language="es"))


def test_the_right_code_opens_the_readers_own_room_in_their_language(code, monkeypatch):
    monkeypatch.setenv("HELPERS_RUN", "tiny")
    monkeypatch.setenv("HELPERS_READER", "")
    door = room.open_room_from_environment()
    door.code.value = code
    (inside,) = door.children
    assert isinstance(inside, ReadingRoom) and inside.page
    assert inside.desk.reader == "reader-1" and inside.texts["language"] == "es"
    assert door.code.value == ""


def test_a_wrong_code_is_told_and_opens_nothing(code):
    door = Door(room.admission("tiny"), "en")
    for wrong in ("", "guest", "reader-1", code[:-1]):
        door.code.value = wrong
        door.button.click()
    assert len(door.children) == 4 and door.notice.value == texts("en")["door_unknown"]
    door.code.value = code
    assert isinstance(door.children[0], ReadingRoom)


@pytest.mark.parametrize("kind", [StoreError, KeyError, OSError])
def test_trouble_is_told_without_its_details(run, kind):
    def admit(_):
        raise kind("/secret/readings.sqlite is locked")

    door = Door(admit)
    door.code.value = "x"
    assert door.notice.value == texts("en")["door_closed"]


def test_nothing_of_the_study_is_at_the_door(code):
    door = Door(room.admission("tiny"), "en")
    said = json.dumps([widget.get_state() for widget in (door, *door.children)], default=str)
    plan, _ = open_study("tiny")
    secrets = {*plan.trial_id, *plan.case, *plan.reader, *plan.source, "tiny", "plan"}
    assert not [secret for secret in secrets if secret in said]
