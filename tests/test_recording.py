"""Readings of a run or of a file, where they come from in words, and estimates under dotted names."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers.errors import RunError
from helpers.files import sha256
from helpers.provenance import Stage
from helpers.recording import load_for, provenance_banner, provenance_note, record
from helpers.runs import Run
from helpers.stats.crossed import LIKE, THESE
from helpers.tables import write_table


@pytest.fixture
def stage(workspace):
    """A stage of an empty run."""
    return Stage("08_realism", Run("demo"), {})


@pytest.mark.parametrize(("cohort", "is_phantom"), [("phantom", True), ("folder", False)])
def test_a_stage_takes_the_readings_of_its_run_once_they_are_finished(stage, readings, cohort, is_phantom):
    with pytest.raises(RunError, match="stage 07_reading has not finished"):
        load_for(stage)
    for name, manifest in {"01_cohort": {"parameters": {"cohort": cohort}}, "07_reading": {}}.items():
        stage.run.stage_folder(name).mkdir(parents=True)
        stage.run.manifest(name).write_text(json.dumps(manifest))
    write_table(readings, stage.run.stage_folder("07_reading") / "readings.csv")
    table, phantoms = load_for(stage)
    assert len(table) == len(readings) and phantoms is is_phantom


def test_any_other_table_is_an_input_of_the_stage_and_its_images_are_unknown(stage, readings, tmp_path):
    write_table(readings, tmp_path / "other.csv")
    table, is_phantom = load_for(stage, tmp_path / "other.csv")
    assert len(table) == len(readings) and is_phantom is None
    assert stage.inputs == {"other.csv": sha256(tmp_path / "other.csv")}


def test_a_file_is_read_on_the_scale_that_is_given(stage, readings, tmp_path):
    rated = readings[readings["task"] == "conditionality"]
    write_table(rated.assign(rating=rated["rating"] + 3), tmp_path / "other.csv")
    table, _ = load_for(stage, tmp_path / "other.csv", scale="1..5")
    assert table["scale"].unique().tolist() == ["1..5, positive from 4, undetermined 3"]
    assert table["correct"].isna().sum() == (rated["rating"] == 0).sum()


@pytest.mark.parametrize(
    ("kind", "phantom", "note"),
    [
        ("simulated", True, "Simulated readers, phantom images"),
        ("simulated", None, "Simulated readers, readings from an external table"),
        ("human", True, "Phantom images"),
        ("human", False, ""),
    ],
)
def test_figures_say_what_is_not_real(readings, kind, phantom, note):
    table = readings.assign(reader_kind=kind)
    assert provenance_note(table, phantom) == note
    assert ("simulated" in provenance_banner(table, phantom)) == (kind == "simulated")


def test_a_mix_of_people_and_programs_is_named(readings):
    kinds = np.where(readings["reader"] == "reader-1", "human", "simulated")
    assert provenance_note(readings.assign(reader_kind=kinds), False) == "Human and simulated readers"


def test_both_conclusions_are_recorded_with_what_cannot_be_estimated_as_null(stage):
    table = pd.DataFrame(
        {
            "source": ["my gan 2.0"] * 2, "finding": "atelectasis", "truth": [1, 1], "conclusion": [THESE, LIKE],
            "value": [0.6, 0.6], "low": [0.5, float("nan")], "high": [0.7, float("nan")], "readings": 10,
            "note": ["", "not estimable: one reader"],
        }
    )  # fmt: skip
    record(stage, "realism.{source}.accuracy.{finding}_{state}", table, "a method")
    these, like = stage.results
    assert these["name"] == "realism.my_gan_2_0.accuracy.atelectasis_present"
    assert (these["low"], these["n"], these["method"]) == (0.5, 10, "a method; these readers")
    assert like["name"] == these["name"] + ".readers_like_these"
    assert like["low"] is None and like["method"].endswith("not estimable: one reader")


def test_a_p_value_has_no_interval_though_its_row_has_one(stage):
    table = pd.DataFrame(
        {"source": ["gan"], "value": [0.6], "low": [0.5], "high": [0.7], "p": [0.03], "readings": [10]}
    )
    record(stage, "realism.{source}.p", table, "a test", value="p")
    (number,) = stage.results
    assert (number["value"], number["low"], number["high"]) == (0.03, None, None)
