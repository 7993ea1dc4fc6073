import pytest
from made_up_archives import make_rsna, present

from helpers.cohort.rsna_pneumonia import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, ParameterError
from helpers.findings import Findings

PNEUMONIA = Findings.from_section(["pneumonia"])


def settings(folder, **changes):
    return Settings(**({"kind": "rsna_pneumonia", "folder": folder, "findings": PNEUMONIA, "workers": 1} | changes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_rsna(tmp_path_factory.mktemp("rsna"))


def test_every_image_is_one_row_however_many_boxes_it_has(folder):
    listing = list_images(settings(folder))
    assert listing.table["pneumonia"].tolist() == [int(present(number)) for number in range(12)]
    assert listing.table.loc[1, ["view", "age", "sex"]].tolist() == ["AP", 51, "F"]
    assert listing.read(listing.table["source"][0])[0].shape == (20, 16)


def test_an_age_beyond_120_years_is_blank(folder):
    listing = list_images(settings(folder))
    assert listing.table["age"].isna().tolist() == [number == 5 for number in range(12)]
    assert "1 ages beyond 120 years were left blank." in listing.notes


def test_boxes_are_fractions_of_the_image(folder):
    boxes = list_images(settings(folder)).boxes
    first = boxes[boxes["image_id"].str.endswith("0001")]
    assert len(boxes) == 12
    assert first[["x", "y", "width", "height"]].to_numpy().tolist() == [
        [0.25, 0.5, 0.25, 0.5],
        [0.625, 0.375, 0.25, 0.25],
    ]


def test_images_of_one_patient_are_known_by_the_mapping(folder, tmp_path):
    assert list_images(settings(folder)).table["patient_id"].tolist() == [f"{n // 2:08d}" for n in range(12)]
    listing = list_images(settings(make_rsna(tmp_path, mapping=False)))
    assert listing.table["patient_id"].equals(listing.table["image_id"].rename("patient_id"))
    assert "every image counts as a patient" in " ".join(listing.notes)


def test_a_damaged_mapping_is_named(tmp_path):
    folder = make_rsna(tmp_path)
    (folder / "pneumonia-challenge-dataset-mappings_2018.json").write_text("{}")
    with pytest.raises(CohortError, match="'0004cfab-.*' is not in the mapping"):
        list_images(settings(folder))
    (folder / "pneumonia-challenge-dataset-mappings_2018.json").write_text("[1]")
    with pytest.raises(CohortError, match="is not a list of subset_img_id"):
        list_images(settings(folder))


def test_a_finding_that_it_does_not_have_is_an_error(folder):
    with pytest.raises(ParameterError, match="atelectasis has no name in the vocabulary 'rsna'"):
        list_images(settings(folder, findings=Findings.from_section(["atelectasis"])))
