import pandas as pd
import pytest

from helpers.cohort.listing import Listing, check_ids, keep_views, parse_labels, read_columns
from helpers.errors import CohortError


def text(*values):
    return pd.Series(values, name="Edema", dtype="string")


def test_labels_of_any_spelling_become_whole_numbers():
    labels = parse_labels(text("1", "1.0", " 0 ", "0.0", "-1", "-1.0", None, ""), "table.csv")
    assert labels.iloc[:6].tolist() == [1, 1, 0, 0, -1, -1]
    assert labels.iloc[6:].isna().all()


def test_labels_in_words_become_whole_numbers():
    labels = parse_labels(text("TRUE", "yes", "Present", "FALSE", "N", "absent", "Uncertain", "NA", "nan"), "table.csv")
    assert labels.iloc[:7].tolist() == [1, 1, 1, 0, 0, 0, -1]
    assert labels.iloc[7:].isna().all()


@pytest.mark.parametrize("value", ["7", "0.5", "none", "maybe", "2.0"])
def test_other_labels_are_refused_with_their_place(value):
    with pytest.raises(CohortError, match=f"table.csv: column 'Edema', row 2: label '{value}'"):
        parse_labels(text("1", value), "table.csv")


def test_columns_are_read_by_name_as_text(tmp_path):
    (tmp_path / "t.csv").write_text("b,a,c\n01,x,1.0\n")
    table = read_columns(tmp_path / "t.csv", ("a", "b"), optional=("d",))
    assert table.to_dict("list") == {"a": ["x"], "b": ["01"]}


def test_a_table_without_rows_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(CohortError, match="t.csv: has no rows"):
        read_columns(tmp_path / "t.csv", ("a",))


def table_with_views(*views):
    return pd.DataFrame({"image_id": [str(i) for i in range(len(views))], "view": pd.array(views, dtype="string")})


def test_without_a_wish_what_is_known_to_be_frontal_stays_and_the_others_are_counted():
    kept = keep_views(Listing(table_with_views("PA", "AP", "LATERAL", None, "FRONTAL", "LATERAL", "AP LLD")), None)
    assert kept.table["image_id"].tolist() == ["0", "1", "4"]
    assert kept.table["view"].fillna("blank").tolist() == ["PA", "AP", "blank"]
    assert kept.notes == ("Left out for their view: 4 of 7 images (2 LATERAL, 1 not told, 1 AP LLD).",)


def test_a_wish_leaves_out_everything_else():
    kept = keep_views(Listing(table_with_views("PA", "AP", "LATERAL", None, "FRONTAL")), ("AP",))
    assert kept.table["image_id"].tolist() == ["1"]


def test_where_no_view_is_told_all_images_stay():
    kept = keep_views(Listing(table_with_views(None, None)), None)
    assert len(kept.table) == 2
    assert kept.notes == ("No image states its view: all of them count as frontal.",)
    with pytest.raises(CohortError, match=r"views = .'PA'.: this data set does not say how its images were taken"):
        keep_views(Listing(table_with_views(None)), ("PA",))


def test_ids_and_patients_must_be_good():
    table = pd.DataFrame({"image_id": ["a", "b"], "patient_id": ["1", "2"], "source": ["a.png", "b.png"]})
    check_ids(table, "t.csv")
    with pytest.raises(CohortError, match="'a' stands for two images .a.png and b.png."):
        check_ids(table.assign(image_id="a"), "t.csv")
    with pytest.raises(CohortError, match="image_id 'xxx.*at most 200"):
        check_ids(table.assign(image_id=["x" * 201, "c"]), "t.csv")
    with pytest.raises(CohortError, match="image_id 'a/b' may have"):
        check_ids(table.assign(image_id=["a/b", "c"]), "t.csv")
    with pytest.raises(CohortError, match="image 'b' has no patient_id"):
        check_ids(table.assign(patient_id=["1", " "]), "t.csv")
