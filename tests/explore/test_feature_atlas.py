import json

import numpy as np
import pandas as pd
import pytest
from made_up_run import add_classifier, make_run

from helpers.errors import CheckpointError, RunError
from helpers.explore import atlas
from helpers.explore.feature_atlas import atlas_of, compared, extractors_of
from helpers.explore.material import Material


@pytest.fixture(scope="module")
def with_classifier(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        run = make_run()
        add_classifier(run)
        yield run


@pytest.fixture
def material_of_opinions(with_classifier):
    file = with_classifier.manifest("05_image_metrics")
    before = file.read_text()
    file.write_text(json.dumps({"parameters": {"image_size": 16, "second_opinions": ["random", "own.pt2"]}}))
    yield Material("tiny")
    file.write_text(before)


def test_every_held_out_and_every_synthetic_image_has_a_place(with_classifier):
    found = atlas_of(Material("tiny"))
    points = found.points
    assert len(points) == 48 + 64 and points["image_id"].is_unique
    assert points[["x", "y"]].min().min() >= 0 and points[["x", "y"]].max().max() <= 1
    assert 0 < found.explained <= 1
    assert set(points["finding"]) == {f"{name} {state}" for name in Material("tiny").findings.names for state in
                                      ("present", "absent")} | {"none present"}  # fmt: skip


def test_the_rate_is_that_of_the_image_a_trial_is_about(with_classifier):
    material = Material("tiny")
    points = atlas_of(material).points.set_index("image_id")
    rows = material.readings
    image = rows["case"].str.split("+").str[0].iloc[0]
    own = rows[rows["case"].str.split("+").str[0] == image]
    assert points.at[image, "rate"] == pytest.approx(own["correct"].astype("Float64").fillna(0.5).mean())


def test_a_run_offers_its_classifier_its_second_opinions_and_pixels(with_classifier, material_of_opinions):
    assert extractors_of(material_of_opinions) == ["classifier", "random", "own.pt2", "pixels"]


def test_a_run_without_second_opinions_offers_what_needs_no_file(with_classifier):
    assert extractors_of(Material("tiny")) == ["classifier", "pixels", "random"]


@pytest.mark.parametrize("extractor", ["pixels", "random"])
def test_images_are_laid_out_by_another_extractor(with_classifier, extractor):
    first, other = atlas_of(Material("tiny")), atlas_of(Material("tiny"), extractor)
    assert other.extractor == extractor and list(other.points["image_id"]) == list(first.points["image_id"])
    assert not np.allclose(other.points[["x", "y"]], first.points[["x", "y"]])
    pd.testing.assert_frame_equal(atlas_of(Material("tiny")).points, first.points)


def test_an_extractor_that_is_not_there_is_named(with_classifier):
    with pytest.raises(CheckpointError, match="gone.pt2: no such feature extractor"):
        atlas_of(Material("tiny"), "gone.pt2")


def test_without_a_classifier_it_says_what_to_run(workspace):
    make_run()
    with pytest.raises(RunError, match="run notebooks/05_image_metrics.ipynb first"):
        atlas_of(Material("tiny"))
    assert "05_image_metrics" in atlas("tiny").parts[0].data


def test_inside_is_compared_with_outside():
    points = pd.DataFrame({"source": ["gan", "gan", "real", "real"], "rate": [1.0, 0.5, np.nan, 0.0]})
    points["finding"] = ["atelectasis present", "atelectasis absent", "none present", "atelectasis present"]
    table = compared(points, np.array([0, 1])).set_index("what")
    assert table.loc["images"].tolist() == [2, 2] and table.loc["gan"].tolist() == [1, 0]
    assert table.loc["atelectasis present"].tolist() == [0.5, 0.5] and "atelectasis absent" not in table.index
    assert table.loc["none present"].tolist() == [0, 0.5]
    assert table.loc["right answers"].tolist() == [0.75, 0.0]
