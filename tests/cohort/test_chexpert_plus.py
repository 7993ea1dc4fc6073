import pytest
from made_up_archives import make_chexpert_plus, present

from helpers.cohort.chexpert_plus import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError


def settings(folder, **changes):
    return Settings(**({"kind": "chexpert_plus", "folder": folder, "split": "official"} | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_chexpert_plus(tmp_path_factory.mktemp("plus"))


def test_images_are_pngs_with_the_labels_of_chexbert(folder):
    table = list_images(settings(folder)).table
    assert table["source"][1] == str(folder / "PNG/train/patient00001/study1/view1_frontal.png")
    assert table["lung_opacity"].tolist() == [int(present(number)) for number in range(12)]
    assert table.loc[1, ["patient_id", "view", "age", "sex"]].tolist() == ["patient00001", "AP", 90, "F"]


def test_the_text_is_the_impression_or_the_findings(folder):
    text = list_images(settings(folder)).table["text"]
    assert text[2] == "1. Case 2."
    assert text[3] == "Lungs are clear."


def test_labels_of_another_part_of_the_report_must_be_there(folder):
    with pytest.raises(CohortError, match="report_fixed.json: no such file; unpack chexbert_labels.zip"):
        list_images(settings(folder, labels="report"))


def test_damaged_labels_and_missing_images_are_named(tmp_path):
    folder = make_chexpert_plus(tmp_path)
    (folder / "chexbert_labels" / "impression_fixed.json").write_text('{"path_to_image": 1')
    with pytest.raises(CohortError, match="impression_fixed.json: cannot be read as one JSON object a line"):
        list_images(settings(folder))
    (folder / "PNG").rename(folder / "elsewhere")
    with pytest.raises(CohortError, match="has no folder PNG/train"):
        list_images(settings(folder))
