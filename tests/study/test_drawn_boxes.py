"""Boxes of a data set become the lesions that marks are held against."""

import numpy as np
import pandas as pd
import pytest

from helpers.runs import Run
from helpers.stats.mrmc.reading_marks import marks_in_boxes
from helpers.study.drawn_boxes import boxes_of_run, lesions
from helpers.tables import BOXES, write_table


def drawn(*boxes):
    return pd.DataFrame(boxes, columns=["image_id", "finding", "annotator", "x", "y", "width", "height"])


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    made = Run("boxed")
    boxes = drawn(
        ("a", "mass", None, 0.5, 0.5, 0.2, 0.2), ("a", "edema", None, 0.1, 0.1, 0.1, 0.1),
        ("a", "mass", None, 0.55, 0.5, 0.2, 0.2), ("d", "mass", None, 0.5, 0.5, 0.2, 0.2),
    )  # fmt: skip
    write_table(boxes, made.stage_folder("01_cohort") / "boxes.csv", BOXES)
    return made


ROWS = pd.DataFrame(
    {
        "reader": "ann", "source": ["real", "real", "real", "gan"], "case": ["a", "b", "c", "g"], "finding": "mass",
        "truth": [1, 1, 0, 1], "rating": [2, 1, -2, 1], "correct": 1,
        "mark_x": [0.58, 0.5, np.nan, 0.5], "mark_y": [0.5, 0.5, np.nan, 0.5],
    }
)  # fmt: skip


def test_marks_are_held_against_the_boxes_of_the_asked_finding(run):
    rows, boxes = boxes_of_run(run, ROWS)
    assert rows["case"].tolist() == ["a", "c"]  # of b nobody says where it is, and nobody drew on g
    assert boxes[["case", "lesion"]].to_numpy().tolist() == [["a", "1"], ["a", "2"]]
    marks, found, _ = marks_in_boxes(rows, boxes)
    assert marks["lesion"].tolist() == ["2"]
    assert found["truth"].tolist() == [1, 1, 0]


def test_a_run_without_marks_or_boxes_has_none(run):
    assert boxes_of_run(run, ROWS.assign(mark_x=np.nan)) is None
    assert boxes_of_run(run, ROWS.drop(columns="mark_x")) is None
    assert boxes_of_run(Run("other"), ROWS) is None


def test_boxes_of_several_annotators_around_one_place_are_one_lesion():
    boxes = drawn(
        ("a", "mass", "R1", 0.50, 0.5, 0.2, 0.2), ("a", "mass", "R2", 0.54, 0.5, 0.2, 0.3),
        ("a", "mass", "R1", 0.52, 0.5, 0.2, 0.2), ("a", "mass", "R3", 0.90, 0.5, 0.1, 0.1),
    ).rename(columns={"image_id": "case"})  # fmt: skip
    found = lesions(boxes)
    assert found["x"].tolist() == pytest.approx([0.52, 0.52, 0.9])
    assert found["height"].tolist() == pytest.approx([0.25, 0.2, 0.1])
