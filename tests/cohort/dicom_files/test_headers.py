import os

import joblib
import pydicom
import pytest
from made_up_dicom import made_up_dicom, write_dicom
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from helpers.cohort.dicom_files.display import read_image
from helpers.cohort.dicom_files.headers import UNREADABLE, read_headers, view_of
from helpers.errors import CohortError


def code(value, meaning):
    item = pydicom.Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return [item]


@pytest.mark.parametrize(
    ("changes", "view"),
    [
        ({"ViewPosition": "AP"}, "AP"),
        ({"ViewPosition": "LL"}, "LL"),
        ({"ViewPosition": "", "ViewCodeSequence": code("272479007", "postero-anterior")}, "PA"),
        ({"ViewPosition": "", "ViewCodeSequence": code("R-10206", "antero-posterior")}, "AP"),
        ({"ViewPosition": "", "ViewCodeSequence": code("399173006", "left lateral")}, "LEFT LATERAL"),
        ({"ViewPosition": "", "ViewCodeSequence": code("399033003", "frontal")}, None),
        ({"ViewPosition": "", "PatientOrientation": ["A", "F"]}, "LATERAL"),
        ({"ViewPosition": "", "PatientOrientation": ["L", "F"]}, None),
        ({"ViewPosition": None}, None),
    ],
)
def test_the_view_is_known_by_position_code_or_orientation(changes, view):
    assert view_of(made_up_dicom("a", **changes)) == view


def test_ages_are_years_and_never_above_90(tmp_path):
    written = {"045Y": 45, "006M": 0.5, "095Y": 90, "": None, "45": 45, "0ABY": None}
    for number, age in enumerate(written):
        made_up_dicom(str(number), PatientAge=age).save_as(tmp_path / f"{number}.dcm")
    ages = read_headers(tmp_path)["age"]
    assert ages.astype(object).where(ages.notna(), None).tolist() == list(written.values())


def test_the_modality_is_taken_from_the_sop_class_where_it_is_absent(tmp_path):
    write_dicom(tmp_path / "a.dicom", Modality=None)
    write_dicom(tmp_path / "b.dcm", Modality="", SOPClassUID=ComputedRadiographyImageStorage)
    write_dicom(tmp_path / "c.dcm", Modality="", SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    found = read_headers(tmp_path)["left_out"]
    assert found.isna().tolist() == [True, True, False]
    assert found[2] == "modality not given, not DX or CR"


def test_linked_folders_are_followed_once_and_hidden_names_left_out(tmp_path):
    folder, elsewhere = tmp_path / "dicom", tmp_path / "elsewhere"
    (folder / ".hidden").mkdir(parents=True)
    elsewhere.mkdir()
    for path in (folder / "a.dcm", folder / "._a.dcm", folder / ".hidden" / "b.dcm", elsewhere / "c.dcm"):
        write_dicom(path)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "link").symlink_to(elsewhere)
    (folder / "twice").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(folder)
    assert read_headers(folder)["source"].tolist() == [str(folder / "a.dcm"), str(folder / "link" / "c.dcm")]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("name", ["a.dcm", "a"])
def test_a_file_without_meta_information_is_read(tmp_path, syntax, name):
    data = made_up_dicom("a", syntax=syntax)
    del data.file_meta
    how = {"implicit_vr": syntax.is_implicit_VR, "little_endian": syntax.is_little_endian}
    data.save_as(tmp_path / name, enforce_file_format=False, **how)
    assert (tmp_path / name).read_bytes()[128:132] != b"DICM"
    assert len(read_headers(tmp_path)) == 1
    assert read_image(tmp_path / name)[0].max() == 1.0


def test_files_that_only_call_themselves_dicom_have_a_problem(tmp_path):
    write_dicom(tmp_path / "good.dcm")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "text.dcm").write_text("hello")
    (tmp_path / "nowhere.dcm").symlink_to(tmp_path / "gone")
    (tmp_path / "empty.dicom").write_bytes(b"")
    headers = read_headers(tmp_path)
    assert (headers["left_out"] == UNREADABLE).tolist() == [True, False, True, True]
    said = headers["problem"].dropna().tolist()
    for problem, name in zip(
        said, ("empty.dicom: not a", "nowhere.dcm: a link that leads", "text.dcm: not a"), strict=True
    ):
        assert name in problem


def test_the_order_of_files_does_not_depend_on_the_number_of_workers(tmp_path):
    write_dicom(tmp_path / "scan0.dcm")
    for number in range(1, 70):
        os.link(tmp_path / "scan0.dcm", tmp_path / f"scan{number}.dcm")
    with joblib.parallel_config("threading"):
        assert read_headers(tmp_path, 2).equals(read_headers(tmp_path, 1))


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CohortError, match="no such folder"):
        read_headers(tmp_path / "gone")
