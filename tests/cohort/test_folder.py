import pandas as pd
import pytest

from helpers.cohort.folder import list_images
from helpers.cohort.listing import keep_views
from helpers.errors import CohortError


def test_rows_become_images_named_after_their_files(own_data):
    table = list_images(own_data.settings()).table
    assert table["image_id"].tolist() == [f"chest{number}" for number in range(10)]
    assert table["source"].iloc[3] == str(own_data.folder / "pictures" / "chest3.png")
    assert table["atelectasis"].tolist() == [0, 1] * 5


def test_uncertain_and_blank_labels_are_kept_apart(own_data):
    own_data.table.loc[0, "lung_opacity"], own_data.table.loc[1, "lung_opacity"] = "-1.0", None
    labels = list_images(own_data.settings()).table["lung_opacity"]
    assert labels[0] == -1
    assert pd.isna(labels[1])


def test_label_7_is_refused_with_column_row_and_value(own_data):
    own_data.table.loc[4, "pleural_effusion"] = "7"
    with pytest.raises(CohortError, match="labels.csv: column 'pleural_effusion', row 5: label '7' is not 1, 0, -1"):
        list_images(own_data.settings())


@pytest.mark.parametrize("column", ["path", "patient_id", "atelectasis"])
def test_a_missing_column_is_named(own_data, column):
    own_data.table = own_data.table.drop(columns=column)
    with pytest.raises(CohortError, match=f"column '{column}' is missing"):
        list_images(own_data.settings())


def test_an_extra_column_is_named(own_data):
    own_data.table["hospital"] = "x"
    with pytest.raises(CohortError, match="column 'hospital' does not belong here"):
        list_images(own_data.settings())


def test_two_images_with_one_id_are_both_named(own_data):
    own_data.table["image_id"] = [f"i{number}" for number in range(10)]
    own_data.table.loc[7, "image_id"] = "i2"
    with pytest.raises(CohortError, match="'i2' stands for two images .*chest2.png and .*chest7.png"):
        list_images(own_data.settings())


def test_an_id_that_is_no_file_name_is_refused(own_data):
    own_data.table["image_id"] = [f"../i{number}" for number in range(10)]
    with pytest.raises(CohortError, match="image_id '../i0' may have"):
        list_images(own_data.settings())


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("age", "old", "'age', row 3: 'old' is not an age"),
        ("sex", "45", "'sex', row 3: '45' is not F, M"),
        ("split", "dev", "'split', row 3: 'dev' is none of train, validate, test"),
    ],
)
def test_an_odd_value_is_named_with_its_row(own_data, column, value, complaint):
    own_data.table[column] = None
    own_data.table.loc[2, column] = value
    with pytest.raises(CohortError, match=complaint):
        list_images(own_data.settings())


def test_a_table_of_another_archive_keeps_its_ways_of_writing(own_data):
    own_data.table["sex"] = ["Male", "Female", "Unknown", None, "M"] * 2
    own_data.table["age"] = ["Y045", "51.0", "85 or more", "430", None] * 2
    own_data.table["view"] = ["PA", "ap", "LL", "lateral", None] * 2
    listing = list_images(own_data.settings())
    assert listing.table["sex"].fillna("blank")[:5].tolist() == ["M", "F", "blank", "blank", "M"]
    assert listing.table["age"].fillna(0)[:5].tolist() == [45, 51, 85, 0, 0]
    kept = keep_views(listing, None)
    assert kept.table["view"].tolist() == ["PA", "AP"] * 2
    assert kept.notes[-1] == "Left out for their view: 6 of 10 images (2 LL, 2 LATERAL, 2 not told)."


def test_text_of_images_is_kept(own_data):
    own_data.table["text"] = "Clear lungs."
    assert list_images(own_data.settings()).table["text"].eq("Clear lungs.").all()


def test_a_row_without_patient_or_path_is_refused(own_data):
    own_data.table.loc[2, "patient_id"] = None
    with pytest.raises(CohortError, match="image 'chest2' has no patient_id"):
        list_images(own_data.settings())
    own_data.table.loc[5, "path"] = None
    with pytest.raises(CohortError, match="column 'path', row 6: is blank"):
        list_images(own_data.settings())


def test_an_official_split_needs_its_column(own_data):
    with pytest.raises(CohortError, match="column 'split' is missing"):
        list_images(own_data.settings(split="official"))


def test_a_missing_or_empty_table_is_named(own_data):
    settings = own_data.settings()
    own_data.path.write_text("")
    with pytest.raises(CohortError, match="labels.csv: cannot be read"):
        list_images(settings)
    own_data.path.unlink()
    with pytest.raises(CohortError, match="labels.csv: no such table"):
        list_images(settings)
