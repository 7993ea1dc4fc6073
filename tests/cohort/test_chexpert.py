import pandas as pd
import pytest
from made_up_archives import make_chexpert, present

from helpers.cohort.chexpert import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError


def settings(folder, **changes):
    return Settings(**({"kind": "chexpert", "folder": folder, "split": "official"} | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_chexpert(tmp_path_factory.mktemp("chexpert"))


def test_paths_of_the_small_release_lead_to_the_folder_of_its_tables(folder):
    table = list_images(settings(folder)).table.set_index("image_id")
    row = table.loc["patient00001-study1-view1_frontal"]
    assert row[["patient_id", "view", "age", "sex"]].tolist() == ["patient00001", "PA", 51, "M"]
    assert row["source"] == str(folder / "train/patient00001/study1/view1_frontal.jpg")
    assert table["atelectasis"].tolist() == [int(present(int(name[7:12]))) for name in table.index]


def test_laterals_are_known_by_their_file_and_odd_frontals_keep_their_name(folder):
    table = list_images(settings(folder)).table
    assert table["view"].value_counts().to_dict() == {"LATERAL": 3, "AP": 6, "PA": 3, "LL": 3}


def test_a_frontal_image_without_projection_is_frontal(tmp_path):
    folder = make_chexpert(tmp_path)
    pd.read_csv(folder / "train.csv").assign(**{"AP/PA": None}).to_csv(folder / "train.csv", index=False)
    table = list_images(settings(folder)).table
    assert set(table["view"][table["source"].str.contains("/train/")]) == {"FRONTAL", "LATERAL"}


def test_without_a_test_set_the_official_validation_set_is_the_test_set(folder, tmp_path):
    listing = list_images(settings(folder))
    table = listing.table
    assert set(table["split"][table["source"].str.contains("/valid/")]) == {"test"}
    assert set(table["split"][table["source"].str.contains("/train/")]) == {"train", "validate"}
    assert table.groupby("patient_id")["split"].nunique().eq(1).all()
    assert "the official validation set is the test set" in " ".join(listing.notes)


def test_the_test_set_has_labels_but_no_people(tmp_path):
    table = list_images(settings(make_chexpert(tmp_path, tests=True))).table
    splits = table["source"].str.extract("/(train|valid|test)/")[0].replace("valid", "validate")
    assert table["split"].tolist() == splits.tolist()
    assert table.loc[table["split"] == "test", ["age", "sex"]].isna().all(axis=None)


def test_a_folder_without_its_table_and_a_path_of_another_kind_are_named(tmp_path):
    with pytest.raises(CohortError, match="has no train.csv"):
        list_images(settings(tmp_path))
    folder = make_chexpert(tmp_path / "chexpert")
    pd.read_csv(folder / "valid.csv").assign(Path="a.jpg").to_csv(folder / "valid.csv", index=False)
    with pytest.raises(CohortError, match="valid.csv: column 'Path', row 1: 'a.jpg' does not end in"):
        list_images(settings(folder))
