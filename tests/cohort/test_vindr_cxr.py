import pandas as pd
import pytest
from made_up_archives import make_vindr, present

from helpers.cohort.settings import Settings
from helpers.cohort.vindr_cxr import list_images
from helpers.errors import CohortError


def settings(folder, **changes):
    return Settings(**({"kind": "vindr_cxr", "folder": folder, "split": "official", "workers": 1} | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_vindr(tmp_path_factory.mktemp("vindr"))


def test_images_are_dicom_files_with_people_in_their_headers(folder):
    listing = list_images(settings(folder))
    row = listing.table.set_index("image_id").loc[f"{9:032x}"]
    assert row["source"] == str(folder / "test" / f"{9:032x}.dicom")
    assert row[["split", "view", "age", "sex"]].tolist() == ["test", "PA", 54, "M"]
    assert listing.read(row["source"])[0].shape == (20, 16)


def test_a_finding_needs_most_of_the_radiologists_and_one_alone_is_uncertain(folder):
    labels = list_images(settings(folder)).table.set_index("image_id")["atelectasis"]
    assert [labels[f"{number:032x}"] for number in (0, 1, 2, 3)] == [0, 1, -1, 1]
    assert [labels[f"{number:032x}"] for number in range(8, 12)] == [int(present(number)) for number in range(8, 12)]


def test_a_validation_set_is_taken_from_the_training_set(folder):
    table = list_images(settings(folder)).table
    assert table["split"][8:].eq("test").all()
    assert set(table["split"][:8]) == {"train", "validate"}


def test_boxes_are_fractions_with_their_annotator(folder):
    boxes = list_images(settings(folder)).boxes
    one = boxes[boxes["image_id"] == f"{1:032x}"]
    assert one["annotator"].tolist() == ["R8", "R9", "R10"]
    assert one[["finding", "x", "y", "width", "height", "ratio"]].drop_duplicates().to_numpy().tolist() == [
        ["enlarged_cardiac_silhouette", 0.75, 0.75, 0.5, 0.5, 0.8]
    ]
    assert boxes[boxes["image_id"] == f"{9:032x}"]["annotator"].isna().tolist() == [True]


def test_a_part_of_the_images_will_do(tmp_path):
    folder = make_vindr(tmp_path)
    (folder / "train" / f"{1:032x}.dicom").unlink()
    listing = list_images(settings(folder))
    assert len(listing.table) == 11
    assert f"{1:032x}" not in set(listing.boxes["image_id"])
    assert any("the files are missing: 1 of 12" in note for note in listing.notes)


def test_a_missing_table_and_a_box_without_a_side_are_named(tmp_path):
    folder = make_vindr(tmp_path)
    path = folder / "annotations" / "annotations_train.csv"
    pd.read_csv(path).assign(y_max="x").to_csv(path, index=False)
    with pytest.raises(CohortError, match="annotations_train.csv: column 'y_max', row 1: 'x' is not a number"):
        list_images(settings(folder))
    path.unlink()
    with pytest.raises(CohortError, match="annotations_train.csv: no such table"):
        list_images(settings(folder))
