"""A training of notebook 03 leaves its log, what it has seen, and a pipeline that is whole or not there."""

import json

import pandas as pd
import pytest
from told_line import Line

from helpers.generators.told_training import train_told


def trained(folder, save, steps=3, **parameters):
    line = Line()
    given = {"budget": {"steps": steps}} | parameters
    return train_told(line, line.data, given, folder, save, {"base": "a line"})


def write(folder):
    folder.mkdir()
    (folder / "weights").write_text("whole")


def test_log_pipeline_and_description_are_written(tmp_path):
    found = trained(tmp_path, write)
    assert found.pipeline == tmp_path / "pipeline" and (found.pipeline / "weights").read_text() == "whole"
    assert pd.read_csv(tmp_path / "log.csv")["images"].tolist() == found.log["images"].tolist() == [12]
    described = json.loads((tmp_path / "training.json").read_text())
    assert described.pop("seconds") >= 0 and described == {"images": 12, "images_seen": 12, "base": "a line"}
    assert (found.images_seen, found.parameters) == (12, 1)


def test_a_pipeline_that_could_not_be_written_is_not_there_and_is_written_by_the_same_call(tmp_path):
    def full_disk(folder):
        write(folder)
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        trained(tmp_path, full_disk)
    assert not (tmp_path / "pipeline").exists() and not (tmp_path / "training.json").exists()
    assert (trained(tmp_path, write).pipeline / "weights").exists()
    assert [path.name for path in tmp_path.glob(".pipeline*")] == []


def test_a_longer_training_takes_the_place_of_a_shorter_one(tmp_path):
    trained(tmp_path, write)
    again = trained(tmp_path, lambda folder: (folder.mkdir(), (folder / "more").touch()), steps=5)
    assert [path.name for path in again.pipeline.iterdir()] == ["more"]


def test_snapshots_are_taken_against_the_data_and_listed(tmp_path):
    trained(tmp_path, write, snapshot_every=4, snapshot_images=8)
    assert pd.read_csv(tmp_path / "snapshots.csv")["images"].tolist() == [0, 4, 8, 12]
