"""A room opens for a reader of the plan, and for nobody else."""

import pandas as pd
import pytest

from helpers.errors import ReadingError, RunError
from helpers.reading.room import StudyInReading, open_room, readings_database
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN, read_table, write_table


def test_a_reader_who_is_not_in_the_plan_is_refused(run):
    with pytest.raises(ReadingError, match="reader 'stranger' is not in the plan; it has guest, reader-1"):
        open_room("tiny", "stranger")


def test_a_reader_who_was_simulated_in_this_run_is_refused(run):
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    desk = Desk(Store(run.database, plan), plan, "reader-1", kind="simulated")
    desk.answer(desk.current.trial_id, "s", Answer(0))
    with pytest.raises(ReadingError, match="'reader-1' has simulated readings .* choose another reader"):
        open_room("tiny", "reader-1")
    assert open_room("tiny", "guest").conversation.desk.answered == 0


def test_a_run_without_a_plan_is_refused(run):
    with pytest.raises(RunError, match="has no study plan yet .* make study RUN=other"):
        open_room("other", "guest")


def test_a_study_may_have_a_consent_text_of_its_own(run):
    usual = open_room("tiny", "guest").texts["consent"]
    (run.folder / "consent.en.txt").write_text("Approved by the board\non 1 May.\n\n\nNo risk.\n")
    assert open_room("tiny", "guest").texts["consent"] == ["Approved by the board on 1 May.", "No risk."]
    assert open_room("tiny", "guest", "es").texts["consent"] != usual != []


def test_a_plan_that_was_extended_under_the_server_is_read_again(run):
    study = StudyInReading("tiny")
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    own = plan[plan.reader == "guest"]
    late = own.assign(reader="late", trial_id=own.trial_id.str.replace("g", "n"))
    with pytest.raises(ReadingError, match="'late' is not in the plan"):
        study.conversation("late", print)
    write_table(pd.concat([plan, late]), run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    assert study.conversation("late", print).desk.total == 5
    assert study.conversation("guest", print).desk.total == 5


def test_small_images_are_enlarged_as_the_plan_says_and_four_times_at_most_where_it_says_nothing(run):
    assert StudyInReading("tiny").pictures.enlarge_at_most == 4
    run.manifest("06_study_plan").write_text('{"parameters": {"enlarge_at_most": 2.5}}')
    assert StudyInReading("tiny").pictures.enlarge_at_most == 2.5
    assert open_room("tiny", "guest").conversation.pictures.enlarge_at_most == 2.5


def test_readings_of_people_may_be_kept_elsewhere(run, monkeypatch, tmp_path):
    assert readings_database("tiny") == run.database
    elsewhere = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    monkeypatch.setenv("HELPERS_DATABASE", elsewhere)
    assert readings_database("tiny") == elsewhere
    assert readings_database("tiny", "sqlite:///named.sqlite") == "sqlite:///named.sqlite"
    assert readings_database("tiny", elsewhere, readers_are="simulated") == run.database
    open_room("tiny", "guest").conversation.desk.answer(
        open_room("tiny", "guest").conversation.desk.current.trial_id, "s", Answer(0)
    )
    assert not run.database.exists() and (tmp_path / "elsewhere.sqlite").exists()
