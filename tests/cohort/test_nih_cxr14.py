import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpers.cohort.build import build
from helpers.cohort.nih_cxr14 import KNOWN, label_columns, list_images, years
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import ORIGINAL

NIH_LABELS = ORIGINAL.labels("nih")

OFFICIAL = pd.DataFrame(
    {
        "Image Index": [f"0000000{number}_000.png" for number in range(6)],
        "Finding Labels": ["Atelectasis|Edema", "No Finding", "Effusion", "Cardiomegaly|Hernia", "Mass", "Pneumonia"],
        "Follow-up #": 0,
        "Patient ID": range(6),
        "Patient Age": [58, 411, 3, 40, 41, 42],
        "Patient Sex": list("MFMFMF"),
        "View Position": ["PA", "AP", "PA", "PA", "AP", "PA"],
        "OriginalImage[Width": 2500,
    }
)


@pytest.fixture
def official(tmp_path):
    folder = tmp_path / "nih"
    folder.mkdir()
    OFFICIAL.to_csv(folder / "Data_Entry_2017_v2020.csv", index=False)
    for number, name in enumerate(OFFICIAL["Image Index"]):
        place = folder / f"images_{1 + number % 2:03d}" / "images"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (20, 20), dtype=np.uint8)).save(place / name)
    return folder


def settings(folder, **changes):
    return Settings(**({"kind": "nih_cxr14", "folder": folder, "size": 16, "workers": 1} | changes))


def test_the_official_layout_with_images_in_several_folders(official, tmp_path):
    built = build(settings(official), tmp_path / "cohort")
    table = built.table.set_index("image_id")
    assert table.loc["00000000_000", ["atelectasis", "lung_opacity", "pleural_effusion"]].tolist() == [1, 1, 0]
    assert table.loc["00000001_000", "age":].isna().sum() == 1
    assert table.loc["00000003_000", "enlarged_cardiac_silhouette"] == 1
    assert np.load(tmp_path / "cohort" / "images.npy")[5].any()
    assert any("Lung opacity is Infiltration or" in note for note in built.notes)
    assert any("1 ages beyond 120" in note for note in built.notes)


def test_the_older_column_name_of_sex_is_read(official):
    path = official / "Data_Entry_2017_v2020.csv"
    OFFICIAL.rename(columns={"Patient Sex": "Patient Gender"}).to_csv(path, index=False)
    assert list_images(settings(official)).table["sex"].tolist() == list("MFMFMF")


def test_only_the_views_asked_for_are_taken(official, tmp_path):
    built = build(settings(official, views=("PA",)), tmp_path / "cohort")
    pa = OFFICIAL.loc[OFFICIAL["View Position"] == "PA", "Image Index"]
    assert built.table["image_id"].tolist() == [name.removesuffix(".png") for name in pa]
    assert "Left out for their view: 2 of 6 images." in built.notes


@hypothesis.settings(max_examples=50, deadline=None)
@given(st.sets(st.sampled_from(sorted(KNOWN - {"No Finding"}))))
def test_a_finding_is_present_exactly_when_one_of_its_labels_is_listed(listed):
    columns = label_columns(pd.Series(["|".join(sorted(listed)) or "No Finding"]), "table", NIH_LABELS)
    for finding, labels in NIH_LABELS.items():
        assert columns[finding][0] == int(bool(listed & set(labels)))


def test_ages_come_in_years_months_and_days():
    values, odd = years(pd.Series(["58", "058Y", "006M", "365D", "411", None], dtype="string"))
    assert values[:4].tolist() == [58, 58, 0.5, 1]
    assert values[4:].isna().all()
    assert odd == 1


def test_an_unknown_label_is_named(official):
    path = official / "Data_Entry_2017_v2020.csv"
    OFFICIAL.assign(**{"Finding Labels": "Edema|Covid"}).to_csv(path, index=False)
    with pytest.raises(CohortError, match="row 1: 'Covid' is not an NIH label"):
        list_images(settings(official))


def test_a_missing_column_is_named_as_the_official_table_calls_it(official):
    OFFICIAL.drop(columns="Patient ID").to_csv(official / "Data_Entry_2017_v2020.csv", index=False)
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
