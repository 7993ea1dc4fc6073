"""A room opens for a reader of the plan, and for nobody else."""

import pytest

from helpers.errors import ReadingError, RunError
from helpers.reading.room import open_room, open_room_from_environment
from helpers.study.session import Answer
from helpers.study.store import Desk, Store
from helpers.tables import PLAN, read_table


def test_a_reader_who_is_not_in_the_plan_is_refused(run):
    with pytest.raises(ReadingError, match="reader 'stranger' is not in the plan; it has guest, reader-1"):
        open_room("tiny", "stranger")


def test_a_reader_who_was_simulated_in_this_run_is_refused(run):
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    desk = Desk(Store(run.database, plan), plan, "reader-1", kind="simulated")
    desk.answer(desk.current.trial_id, "s", Answer(0))
    with pytest.raises(ReadingError, match="'reader-1' has simulated readings .* choose another reader"):
        open_room("tiny", "reader-1")
    assert open_room("tiny", "guest").desk.answered == 0


def test_a_run_without_a_plan_is_refused(run):
    with pytest.raises(RunError, match="has no study plan yet .* make study RUN=other"):
        open_room("other", "guest")


def test_the_room_of_the_environment_fills_its_page(run, monkeypatch):
    for name, value in {"RUN": "tiny", "READER": "guest", "LANGUAGE": "es"}.items():
        monkeypatch.setenv(f"HELPERS_{name}", value)
    room = open_room_from_environment()
    assert room.page and room.texts["start"] == "Empezar la lectura"


def test_a_missing_reader_is_asked_for(run, monkeypatch):
    monkeypatch.setenv("HELPERS_RUN", "tiny")
    monkeypatch.delenv("HELPERS_READER", raising=False)
    with pytest.raises(ReadingError, match="HELPERS_READER not set; open the room with: make read"):
        open_room_from_environment()
