import pandas as pd
import pytest
from made_up_run import make_run

from helpers.errors import ImageError, RunError
from helpers.explore.material import HIDDEN, SHOWN, Material
from helpers.reading.room import open_room


def test_a_whole_run_lacks_nothing(material):
    assert material.is_phantom and not material.state
    assert set(material.readings["reader"]) == {"reader-1", "reader-2", "reader-3"}
    assert not material.readings["is_practice"].any() and (material.readings["images"] != "").all()
    assert material.pixels(material.readings["images"].iloc[0].split("|")[0]).shape == (32, 32)
    assert material.stored("gan-atelectasis_present-00000").shape == (32, 32)
    assert material.metric_table("nearest") is not None
    assert material.lacks == []


def test_an_unknown_run_names_those_there_are(made_up):
    with pytest.raises(RunError, match="no such run; there is tiny"):
        Material("none")


def test_an_unknown_image_is_named(material):
    with pytest.raises(ImageError, match="'no-image'"):
        material.stored("no-image")


def test_a_run_half_done_says_what_it_lacks_and_gives_the_rest(workspace):
    run = make_run(readings=False)
    for file in ("image_scores.csv", "nearest.csv"):
        (run.stage_folder("05_image_metrics") / file).unlink()
    material = Material("tiny")
    assert material.readings is None and material.metric_table("nearest") is None
    assert len(material.plan) and len(material.samples)
    assert "readings/readings.csv is missing; run notebooks/07_reading.ipynb first" in " ".join(material.lacks)
    assert "metrics/nearest.csv is missing" in " ".join(material.lacks)


def test_readings_of_another_plan_are_kept_without_images(workspace):
    run = make_run()
    file = run.stage_folder("07_reading") / "readings.csv"
    table = pd.read_csv(file)
    table.loc[:4, "trial_id"] = [f"foreign-{i}" for i in range(5)]
    table.to_csv(file, index=False)
    material = Material("tiny")
    assert (material.readings["images"] == "").sum() == 5 - table.loc[:4, "is_practice"].sum()
    assert "belong to no trial of this plan: their images are not known" in material.lacks[0]


def test_a_damaged_table_is_said_and_stops_nothing(workspace):
    run = make_run()
    (run.stage_folder("07_reading") / "readings.csv").write_text("reader\nreader-1\n")
    material = Material("tiny")
    assert material.readings is None and len(material.cohort)
    assert material.lacks[0].startswith("Readings: ")


def test_while_people_read_truth_is_hidden_unless_it_is_asked_for(workspace):
    run = make_run(readings=False)
    room = open_room("tiny", "reader-1").conversation
    room.desk.agree(room.consent_sha256)
    assert run.database.is_file()
    closed, asked = Material("tiny"), Material("tiny", truth=True)
    assert not closed.tells_truth and closed.state.endswith(HIDDEN)
    assert closed.state.startswith("Reading is still open: 3 of 3 readers have not finished.")
    assert asked.tells_truth and asked.state.endswith(SHOWN)
