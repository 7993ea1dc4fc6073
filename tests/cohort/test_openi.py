import pandas as pd
import pytest
from made_up_archives import make_openi, present

from helpers.cohort.openi import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_openi(tmp_path_factory.mktemp("openi"))


def listed(folder):
    return list_images(Settings(kind="openi", folder=folder)).table.set_index("image_id")


def test_images_have_the_headings_and_the_impression_of_their_report(folder):
    table = listed(folder)
    row = table.loc["1_IM-0001-1001"]
    assert row["source"] == str(folder / "images/images_normalized/1_IM-0001-1001.dcm.png")
    assert row[["patient_id", "view", "text", "atelectasis", "lung_opacity"]].tolist() == [
        "1",
        "FRONTAL",
        "Case 1.",
        1,
        1,
    ]
    assert table.loc["2_IM-0001-1001", "text"] == "The heart is normal in size."
    assert table["pleural_effusion"].tolist() == [int(present(int(number))) for number in table["patient_id"]]
    assert table["view"].value_counts().to_dict() == {"FRONTAL": 12, "LATERAL": 4}


def test_a_report_that_nobody_indexed_says_nothing(tmp_path):
    folder = make_openi(tmp_path)
    path = folder / "indiana_reports.csv"
    pd.read_csv(path).assign(Problems="No Indexing").to_csv(path, index=False)
    assert listed(folder)["atelectasis"].isna().all()


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(CohortError, match="indiana_projections.csv: no such table"):
        list_images(Settings(kind="openi", folder=tmp_path))
