import pytest
from made_up_archives import make_brax, present

from helpers.cohort.brax import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError


def test_the_spreadsheet_says_where_and_of_whom_the_images_are(tmp_path):
    folder = make_brax(tmp_path)
    listing = list_images(Settings(kind="brax", folder=folder))
    table = listing.table
    assert table["image_id"].tolist() == [f"image-{number}" for number in range(12)]
    assert table["source"][2] == str(folder / "images/id_0002/Study_2.1/Series_1/image-2.png")
    assert table.loc[0, ["patient_id", "view", "age", "sex"]].tolist() == ["id_0000", "PA", 85, "M"]
    assert table["pleural_effusion"].tolist() == [int(present(number)) for number in range(12)]
    assert any("4 ages are not single years: '85 or more'" in note for note in listing.notes)


def test_a_folder_without_the_spreadsheet_is_named(tmp_path):
    with pytest.raises(CohortError, match="master_spreadsheet_update.csv: no such table"):
        list_images(Settings(kind="brax", folder=tmp_path))
