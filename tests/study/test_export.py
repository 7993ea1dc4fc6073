"""The export: every valid answer once, with its truth, and a codebook that explains each column."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.stats.marks import each_mark
from helpers.study.accounts import Account, add_account
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.export import codebook, export_readings, readings_table
from helpers.study.plan import make_plan
from helpers.study.settings import PlanSettings
from helpers.study.store import Store
from helpers.tables import READINGS, read_table
from helpers.tasks import TASKS


@pytest.fixture
def plan(small_run):
    asked = PlanSettings(["ada", "ben"], 1, pairs_per_cell=1, conditionality_per_cell=1, practice_per_task=1)
    return make_plan(*small_run[1:], asked, ORIGINAL).trials


@pytest.fixture
def store(tmp_path, plan):
    return Store(tmp_path / "readings.sqlite", plan)


def read(desk, rating, submission):
    cue = "bone_structure" if TASKS[desk.current.task].asks_reason(rating) else None
    desk.answer(desk.current.trial_id, submission, Answer(rating, cue, None, 1234.5, 10))


def test_an_empty_store_gives_an_empty_table(store, plan):
    assert readings_table(store, plan).empty


def test_undone_answers_are_out_and_the_last_one_counts(store, plan):
    desk = Desk(store, plan, "ada")
    read(desk, 2, "s1")
    desk.undo()
    assert readings_table(store, plan).empty
    read(desk, -1, "s2")
    readings = readings_table(store, plan)
    assert list(readings.rating) == [-1] and list(readings.cue) == ["bone_structure"]


def test_nothing_is_lost_and_every_row_carries_its_plan(store, plan):
    for number, reader in enumerate(["ada", "ben"]):
        desk = Desk(store, plan, reader, ["human", "simulated"][number], clock=lambda: "2026-01-01T00:00:00.000+00:00")
        while desk.current:
            read(desk, desk.position % 5 - 2, desk.current.trial_id)
    readings = readings_table(store, plan)
    assert set(readings.trial_id) == set(plan.trial_id) and len(readings) == len(plan)
    joined = readings.merge(plan, on=["reader", "trial_id"], suffixes=("", "_plan"))
    for column in ("task", "case", "source", "finding", "position", "is_practice"):
        assert (joined[column] == joined[f"{column}_plan"]).all()
    assert (readings.truth == joined.present).all()
    assert readings.reader_kind.to_dict() == readings.reader.map({"ada": "human", "ben": "simulated"}).to_dict()


def test_correct_is_the_sign_of_the_rating_and_blank_when_undecided(store, plan):
    desk = Desk(store, plan, "ada")
    while desk.current:
        read(desk, desk.position % 5 - 2, desk.current.trial_id)
    readings = readings_table(store, plan)
    for row in readings.itertuples():
        if row.rating == 0:
            assert pd.isna(row.correct)
        elif row.task == "realism_pair":
            assert row.correct == ((row.rating > 0) == (row.side == "right"))
        else:
            assert row.correct == ((row.rating > 0) == (row.truth == 1))


def test_csv_and_parquet_say_the_same(store, plan, tmp_path):
    desk = Desk(store, plan, "ada")
    for number in range(12):
        read(desk, number % 5 - 2, f"s{number}")
    readings = export_readings(store, plan, tmp_path)
    for name in ("readings.csv", "readings.parquet"):
        pd.testing.assert_frame_equal(read_table(tmp_path / name, READINGS), readings, check_dtype=False)
    assert list(pd.read_csv(tmp_path / "codebook.csv").column) == list(READINGS.columns)


def test_reasons_and_marks_come_out_in_their_columns(store, plan):
    box, point = (0.4, 0.5, 0.2, 0.1), (0.25, 0.75, 0, 0)
    desk, given = Desk(store, plan, "ada"), []
    for number in range(3):
        answer = Answer(1, "other", cues=("soft_tissue", "other"), mark=(box, point, None)[number])
        answer = replace(answer, mark_side="right" if answer.mark else None, swapped=number == 1)
        answer = replace(answer, more_marks=((box, "left"), (point, "right")) if number == 1 else ())
        given.append(desk.current.trial_id)
        desk.answer(given[-1], f"s{number}", answer)
    rows = readings_table(store, plan).set_index("trial_id").loc[given]
    assert list(rows.cues) == ["other;soft_tissue"] * 3 and list(rows.cue) == ["other"] * 3
    marks = rows[["mark_x", "mark_y", "mark_width", "mark_height"]].to_numpy()
    expected = [box, (0.25, 0.75, np.nan, np.nan), (np.nan,) * 4]
    np.testing.assert_array_equal(marks, expected)
    assert rows.mark_side.tolist()[:2] == ["right", "right"] and pd.isna(rows.mark_side.iloc[2])
    assert rows.swapped.tolist() == [0, 1, 0]
    assert rows.more_marks.iloc[1] == "0.4 0.5 0.2 0.1 left;0.25 0.75 right" and rows.more_marks.isna().sum() == 2
    assert each_mark(rows.reset_index())["mark_side"].tolist() == ["right", "right", "left", "right"]


def test_what_the_owner_entered_about_a_reader_stands_beside_the_readings(store, plan):
    add_account(store, plan, Account("ada", 12, "thoracic"))
    for reader in ("ada", "ben"):
        read(Desk(store, plan, reader), 0, "s")
    rows = readings_table(store, plan).set_index("reader")
    assert (rows.experience_years["ada"], rows.subspecialty["ada"]) == (12.0, "thoracic")
    assert rows.loc["ben", ["experience_years", "subspecialty"]].isna().all()


def test_the_prompt_template_of_an_image_comes_along(store, plan):
    plan = plan.assign(template="original")
    read(Desk(store, plan, "ada"), 0, "s")
    assert set(readings_table(store, plan).template) == {"original"}


def test_readers_can_be_chosen(store, plan):
    for reader in ("ada", "ben"):
        read(Desk(store, plan, reader), 0, "s")
    assert set(readings_table(store, plan, ["ben"]).reader) == {"ben"}


def test_the_codebook_explains_every_column():
    book = codebook()
    assert list(book.column) == list(READINGS.columns) and (book.meaning.str.len() > 5).all() and book["values"].all()
