import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_archives import make_nih

from helpers.cohort.build import build
from helpers.cohort.labels import from_lists
from helpers.cohort.nih_cxr14 import KNOWN, list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import ORIGINAL
from helpers.tables import BOXES, read_table

TABLE = "Data_Entry_2017_v2020.csv"


@pytest.fixture
def official(tmp_path):
    return make_nih(tmp_path / "nih")


def settings(folder, **changes):
    return Settings(**({"kind": "nih_cxr14", "folder": folder, "size": 16, "workers": 1} | changes))


def rewrite(folder, **columns):
    table = pd.read_csv(folder / TABLE, dtype=str).assign(**columns)
    table.drop(columns=[name for name, value in columns.items() if value is None]).to_csv(folder / TABLE, index=False)


def test_the_official_layout_with_images_in_several_folders(official, tmp_path):
    built = build(settings(official), tmp_path / "cohort")
    table = built.table.set_index("image_id")
    assert table.loc["00000001_000", list(ORIGINAL.names)].tolist() == [1, 1, 1, 1]
    assert pd.isna(table.loc["00000001_000", "age"])
    assert np.load(tmp_path / "cohort" / "images.npy")[5].any()
    assert any("lung_opacity" in note or "Lung opacity" in note for note in built.notes)
    assert "1 ages beyond 120 years were left blank." in built.notes


def test_boxes_are_kept_in_a_table_of_the_cohort(official, tmp_path):
    build(settings(official, fit="resize"), tmp_path / "cohort")
    boxes = read_table(tmp_path / "cohort" / "boxes.csv", BOXES)
    assert boxes.drop(columns="annotator").to_numpy().tolist() == [
        ["00000001_000", "lung_opacity", 0.5, 0.625, 0.5, 0.25]
    ]
    assert boxes["annotator"].isna().all()


def test_smaller_copies_never_stand_for_the_originals(official):
    assert not list_images(settings(official)).table["source"].str.contains("images_resized").any()
    for folder in ("images_001", "images_002"):
        (official / folder).rename(official / f"elsewhere_{folder}")
    assert list_images(settings(official)).table["source"].str.contains("images_resized").all()


def test_the_official_test_set_is_that_of_the_list_and_a_validation_set_is_taken_from_the_rest(official):
    table = list_images(settings(official, split="official")).table
    assert table["split"][8:].eq("test").all()
    assert set(table["split"][:8]) == {"train", "validate"}


def test_a_missing_list_and_an_image_in_none_are_named(official):
    (official / "test_list.txt").write_text("00000009_000.png")
    with pytest.raises(CohortError, match="'00000008_000.png' is in none of train_val_list.txt, test_list.txt"):
        list_images(settings(official, split="official"))
    (official / "test_list.txt").unlink()
    with pytest.raises(CohortError, match="test_list.txt: no such list"):
        list_images(settings(official, split="official"))


def test_a_part_of_the_download_will_do(official, tmp_path):
    (official / "images_002" / "images" / "00000003_000.png").unlink()
    (official / "images_001" / "images" / "99999999_000.png").write_bytes(b"")
    built = build(settings(official), tmp_path / "cohort")
    assert len(built.table) == 11
    assert any("the files are missing: 1 of 12 images" in note for note in built.notes)
    assert "Left out because no row names them: 1 files." in built.notes


def test_the_older_column_name_of_sex_is_read(official):
    table = pd.read_csv(official / TABLE, dtype=str).rename(columns={"Patient Sex": "Patient Gender"})
    table.to_csv(official / TABLE, index=False)
    assert list_images(settings(official)).table["sex"].tolist() == list("MF") * 6


def test_only_the_views_asked_for_are_taken(official, tmp_path):
    built = build(settings(official, views=("PA",)), tmp_path / "cohort")
    assert built.table["image_id"].tolist() == [f"{number:08d}_000" for number in range(12) if number % 3]
    assert "Left out for their view: 4 of 12 images (4 AP)." in built.notes


@hypothesis.settings(max_examples=50, deadline=None)
@given(st.sets(st.sampled_from(sorted(KNOWN - {"No Finding"}))))
def test_a_finding_is_present_exactly_when_one_of_its_labels_is_listed(listed):
    lists = pd.Series(["|".join(sorted(listed)) or "No Finding"])
    columns = from_lists(lists, ORIGINAL.labels("nih"), r"\|")
    for finding, labels in ORIGINAL.labels("nih").items():
        assert columns[finding][0] == int(bool(listed & set(labels)))


def test_an_unknown_label_is_named(official):
    rewrite(official, **{"Finding Labels": "Edema|Covid"})
    with pytest.raises(CohortError, match=r"row 1: 'Edema\|Covid' has a name that is not an NIH label"):
        list_images(settings(official))


def test_a_missing_column_is_named_as_the_official_table_calls_it(official):
    rewrite(official, **{"Patient ID": None})
    with pytest.raises(CohortError, match="column 'Patient ID'"):
        list_images(settings(official))


def test_a_folder_without_a_table_says_what_is_needed(tmp_path):
    with pytest.raises(CohortError, match="needs one Data_Entry_2017"):
        list_images(settings(tmp_path))
    with pytest.raises(CohortError, match="no such folder"):
        list_images(settings(tmp_path / "nothing"))


def test_real_images_make_a_cohort(nih_folder, tmp_path):
    built = build(settings(nih_folder, views=("PA",), images=200), tmp_path / "cohort")
    own = pd.read_csv(nih_folder / "labels.csv").assign(image_id=lambda t: t["image"].str.removesuffix(".png"))
    joined = built.table.merge(own, on="image_id", suffixes=("", "_nih"))
    assert 190 <= len(joined) == len(built.table) <= 200
    pooled = joined[["infiltration", "consolidation", "edema", "pneumonia"]].max(axis=1)
    assert (joined["lung_opacity"] == pooled).all()
    assert (joined["enlarged_cardiac_silhouette"] == joined["cardiomegaly"]).all()
    assert joined["view"].eq("PA").all()
