import numpy as np
import pandas as pd
import pytest

from helpers.cohort.build import build
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.files import sha256
from helpers.findings import ORIGINAL
from helpers.pixels import read_image
from helpers.tables import cohort_schema, read_table

NAMES = ORIGINAL.names
COHORT = cohort_schema(ORIGINAL)


def test_what_is_written_is_the_contract(own_data, tmp_path):
    built = build(own_data.settings(), tmp_path / "cohort")
    table = read_table(tmp_path / "cohort" / "cohort.csv", COHORT)
    assert table["image_id"].tolist() == built.table["image_id"].tolist()
    assert all(read_image(tmp_path / path).shape == (16, 16) for path in table["path"])
    assert set(table["split"]) == {"train", "validate", "test"}
    assert pd.read_csv(tmp_path / "cohort" / "report.csv")["images"].sum() == 4 * len(table)


def test_the_same_settings_give_the_same_bytes(own_data, tmp_path):
    for place in ("one/cohort", "two/cohort"):
        build(own_data.settings(), tmp_path / place)
    assert sha256(tmp_path / "one" / "cohort" / "cohort.csv") == sha256(tmp_path / "two" / "cohort" / "cohort.csv")


def test_an_official_split_of_the_table_is_kept(own_data, tmp_path):
    splits = ["test", "train", "validate", "test"] + ["train"] * 6
    own_data.table["split"] = splits
    assert build(own_data.settings(split="official"), tmp_path / "cohort").table["split"].tolist() == splits


@pytest.mark.parametrize(
    ("splits", "complaint"),
    [
        (["train", "train", "test"] + ["validate"] * 7, "patient 'p1' is in more than one split .test, train."),
        (["train"] * 9 + ["test"], "split 'validate' has no images"),
    ],
)
def test_a_bad_official_split_stops_before_any_image_is_read(own_data, tmp_path, splits, complaint):
    own_data.table["split"] = splits
    if "patient" in complaint:
        own_data.table.loc[2, "patient_id"] = "p1"
    with pytest.raises(CohortError, match=complaint):
        build(own_data.settings(split="official"), tmp_path / "cohort")
    assert not (tmp_path / "cohort").exists()


def test_a_cell_without_real_images_is_named(own_data, tmp_path):
    own_data.table["pleural_effusion"] = "0"
    with pytest.raises(CohortError, match="no image is labelled pleural_effusion_present"):
        build(own_data.settings(), tmp_path / "cohort")


def test_a_failed_attempt_does_not_leave_the_old_table(own_data, tmp_path):
    build(own_data.settings(), tmp_path / "cohort")
    (own_data.folder / "pictures" / "chest0.png").write_bytes(b"")
    with pytest.raises(Exception, match="chest0.png: the file is empty"):
        build(own_data.settings(), tmp_path / "cohort")
    assert not (tmp_path / "cohort" / "cohort.csv").exists()


def test_images_limits_the_cohort_to_whole_patients(own_data, tmp_path):
    built = build(own_data.settings(images=6), tmp_path / "cohort")
    assert len(built.table) == 6
    assert "6 of 10 images were taken, whole patients at random." in built.notes


def test_views_of_a_table_without_views_is_an_error(own_data, tmp_path):
    with pytest.raises(CohortError, match=r"views = \['PA'\]: this data set does not say"):
        build(own_data.settings(views=("PA",)), tmp_path / "cohort")


def phantoms(**changes):
    return Settings(**({"kind": "phantom", "images": 24, "size": 32, "workers": 1} | changes))


def test_phantoms_come_with_their_truth(tmp_path):
    built = build(phantoms(), tmp_path / "cohort")
    truth = pd.read_csv(tmp_path / "cohort" / "phantom_truth.csv")
    assert truth["image_id"].tolist() == built.table["image_id"].tolist()
    assert {"severity_atelectasis", "ctr"} <= set(truth)
    assert not set(truth) & set(NAMES)
    assert built.table[["view", "age", "sex", "text", *NAMES]].notna().all(axis=None)
    assert built.table["patient_id"].is_unique


def test_phantoms_do_not_depend_on_the_number_of_workers_or_of_images(tmp_path):
    build(phantoms(), tmp_path / "a" / "cohort")
    build(phantoms(workers=2), tmp_path / "b" / "cohort")
    more = build(phantoms(images=30), tmp_path / "c" / "cohort").table
    for name in ("cohort.csv", "phantom_truth.csv", "images.npy"):
        assert sha256(tmp_path / "a" / "cohort" / name) == sha256(tmp_path / "b" / "cohort" / name)
    few, many = (np.load(tmp_path / place / "cohort" / "images.npy") for place in "ac")
    assert np.array_equal(few, many[:24]) and len(more) == 30


def test_interrupted_phantoms_go_on_where_they_stopped(tmp_path):
    build(phantoms(), tmp_path / "cohort")
    whole = sha256(tmp_path / "cohort" / "phantom_truth.csv")
    np.load(tmp_path / "cohort" / "images.npy", mmap_mode="r+")[4] = 0
    built = build(phantoms(), tmp_path / "cohort")
    assert built.reused == 23
    assert sha256(tmp_path / "cohort" / "phantom_truth.csv") == whole
    assert build(phantoms(seed=2), tmp_path / "cohort").reused == 0


def test_unreadable_images_can_be_left_out_and_are_listed(own_data, tmp_path):
    pictures = own_data.folder / "pictures"
    (pictures / "chest4.png").write_bytes((pictures / "chest4.png").read_bytes()[:200])
    (pictures / "chest7.png").write_bytes(b"")
    (pictures / "chest8.png").unlink()
    built = build(own_data.settings(unreadable="skip", unreadable_limit=0.5), tmp_path / "cohort")
    assert built.table["image_id"].tolist() == [f"chest{number}" for number in (0, 1, 2, 3, 5, 6, 9)]
    assert all(read_image(tmp_path / path).max() > 0 for path in built.table["path"])
    assert built.notes == (
        "Left out because the files are missing: 1 of 10 images.",
        "Left out because they cannot be used: 2 of 9 images; unreadable.csv says why.",
    )
    assert pd.read_csv(tmp_path / "cohort" / "unreadable.csv")["image_id"].tolist() == ["chest4", "chest7"]


def test_of_a_partial_download_whole_patients_are_taken_among_the_images_that_are_there(own_data, tmp_path):
    for number in range(4):
        (own_data.folder / "pictures" / f"chest{number}.png").unlink()
    built = build(own_data.settings(unreadable="skip", images=6), tmp_path / "cohort")
    assert set(built.table["image_id"]) == {f"chest{number}" for number in range(4, 10)}
