"""The export: every valid answer once, with its truth, and a codebook that explains each column."""

import pandas as pd
import pytest

from helpers.study.export import codebook, expected_sign, export_readings, readings_table
from helpers.study.plan import make_plan
from helpers.study.session import Answer
from helpers.study.settings import PlanSettings
from helpers.study.store import Desk, Store
from helpers.tables import READINGS, read_table, required_columns


@pytest.fixture
def plan(small_run):
    asked = PlanSettings(["ada", "ben"], 1, pairs_per_cell=1, conditionality_per_cell=1, practice_per_task=1)
    return make_plan(*small_run[1:], asked).trials


@pytest.fixture
def store(tmp_path, plan):
    return Store(tmp_path / "readings.sqlite", plan)


def read(desk, rating, submission):
    cue = "bone_structure" if rating and desk.current.asks_cue else None
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


@pytest.mark.parametrize(
    ("task", "source", "present", "side", "sign"),
    [
        ("realism_pair", "gan", 0, "right", 1),
        ("realism_pair", "gan", 1, "left", -1),
        ("realism_single", "gan", 0, None, 1),
        ("realism_single", "real", 1, None, -1),
        ("conditionality", "real", 1, None, 1),
        ("conditionality", "gan", 0, None, -1),
    ],
)
def test_the_right_sign_of_each_question(task, source, present, side, sign):
    assert expected_sign(task, source, present, side) == sign


def test_csv_and_parquet_say_the_same(store, plan, tmp_path):
    desk = Desk(store, plan, "ada")
    for number in range(12):
        read(desk, number % 5 - 2, f"s{number}")
    readings = export_readings(store, plan, tmp_path)
    for name in ("readings.csv", "readings.parquet"):
        pd.testing.assert_frame_equal(read_table(tmp_path / name, READINGS), readings, check_dtype=False)
    assert list(pd.read_csv(tmp_path / "codebook.csv").column) == required_columns(READINGS)


def test_readers_can_be_chosen(store, plan):
    for reader in ("ada", "ben"):
        read(Desk(store, plan, reader), 0, "s")
    assert set(readings_table(store, plan, ["ben"]).reader) == {"ben"}


def test_the_codebook_explains_every_column():
    book = codebook()
    assert (
        list(book.column) == required_columns(READINGS) and (book.meaning.str.len() > 5).all() and book["values"].all()
    )
