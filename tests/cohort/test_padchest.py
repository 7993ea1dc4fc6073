import pandas as pd
import pytest
from made_up_archives import make_padchest

from helpers.cohort.padchest import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError


def settings(folder, **changes):
    return Settings(**({"kind": "padchest", "folder": folder} | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_padchest(tmp_path_factory.mktemp("padchest"))


def test_images_lie_in_the_folder_of_their_archive_and_patients_keep_all_digits(folder):
    table = list_images(settings(folder)).table
    assert table["source"][3] == str(folder / "1" / "2168_003-a1b2.png")
    assert table["patient_id"][3] == "839860488694292331637988235681460990"
    assert table.loc[3, ["view", "age", "sex", "text"]].tolist() == ["AP", 81, "F", "sin hallazgos ."]


def test_images_in_one_folder_are_found_too(tmp_path):
    folder = make_padchest(tmp_path)
    for archive in ("0", "1"):
        for path in (folder / archive).iterdir():
            path.rename(folder / path.name)
        (folder / archive).rmdir()
    assert list_images(settings(folder)).table["source"][3] == str(folder / "2168_003-a1b2.png")


def test_a_supine_image_is_ap_and_a_lateral_stays_one(folder):
    assert list_images(settings(folder)).table["view"].value_counts().to_dict() == {"PA": 5, "AP": 6, "L": 1}


def test_a_kind_of_a_finding_counts_as_the_finding(folder):
    labels = list_images(settings(folder)).table["atelectasis"]
    assert labels[:4].tolist() == [0, 1, 0, 1]
    assert labels[[4, 11]].isna().all()  # no list, and an excluded image


def test_what_an_unchanged_image_does_not_list_is_not_known_to_be_absent(tmp_path):
    folder = make_padchest(tmp_path)
    path = next(folder.glob("*.csv"))
    pd.read_csv(path, dtype=str).assign(Labels="['unchanged', 'cardiomegaly']").to_csv(path, index=False)
    table = list_images(settings(folder)).table
    assert table["enlarged_cardiac_silhouette"].eq(1).all()
    assert table["atelectasis"].isna().all()


def test_labels_of_physicians_alone_can_be_asked_for(folder):
    labels = list_images(settings(folder, labels="physician")).table["atelectasis"]
    assert labels.notna().tolist() == [True, True, False, False, False, True, False, False, True, True, False, False]


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(CohortError, match="needs one table PADCHEST.*found none"):
        list_images(settings(tmp_path))
