import shutil

import pandas as pd
import pytest
from made_up_archives import make_openi, make_openi_xml, present

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


def test_reports_in_xml_say_what_the_tables_say(folder, tmp_path):
    xml = list_images(Settings(kind="openi", folder=make_openi_xml(tmp_path)))
    table = xml.table.set_index("image_id")
    assert table.loc["CXR1_IM-0001-1001", "source"] == str(tmp_path / "NLMCXR_png" / "CXR1_IM-0001-1001.png")
    assert table["view"].isna().all() and any("do not say which images are frontal" in note for note in xml.notes)
    assert xml.inputs == (tmp_path / "ecgen-radiology",)
    same = ["patient_id", "atelectasis", "lung_opacity", "pleural_effusion", "enlarged_cardiac_silhouette", "text"]
    kaggle = listed(folder)
    table.index = table.index.str.removeprefix("CXR")
    kaggle.index = kaggle.index.str.removesuffix(".dcm")
    pd.testing.assert_frame_equal(table[same].sort_index(), kaggle[same].sort_index())


def test_projections_beside_the_xml_tell_the_views(folder, tmp_path):
    make_openi_xml(tmp_path)
    shutil.copy(folder / "indiana_projections.csv", tmp_path)
    listing = list_images(Settings(kind="openi", folder=tmp_path))
    assert listing.table["view"].value_counts().to_dict() == {"FRONTAL": 12, "LATERAL": 4}
    assert not any("do not say which" in note for note in listing.notes)


def test_the_first_report_whose_images_are_named_twice_finds_its_projection(tmp_path):
    make_openi_xml(tmp_path)
    path = tmp_path / "ecgen-radiology" / "1.xml"
    path.write_text(path.read_text().replace("CXR1_IM-0001-1001", "CXR1_1_IM-0001-4001"))
    projections = "uid,filename,projection\n1,1_IM-0001-4001.dcm.png,Lateral\n"
    (tmp_path / "indiana_projections.csv").write_text(projections)
    assert listed(tmp_path).loc["CXR1_1_IM-0001-4001", "view"] == "LATERAL"


@pytest.mark.parametrize(
    ("text", "message"),
    [("<eCitation><MeSH>", "7.xml: cannot be read as XML"), ("<eCitation/>", "7.xml: has no element IUXRId")],
)
def test_a_damaged_report_is_named(text, message, tmp_path):
    make_openi_xml(tmp_path)
    (tmp_path / "ecgen-radiology" / "7.xml").write_text(text)
    with pytest.raises(CohortError, match=message):
        listed(tmp_path)


def test_a_folder_without_reports_is_named(tmp_path):
    (tmp_path / "ecgen-radiology").mkdir()
    with pytest.raises(CohortError, match="ecgen-radiology: no report"):
        listed(tmp_path)
