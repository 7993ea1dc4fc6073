import pandas as pd
import pytest
from made_up_dicom import RAMP, write_dicom

from helpers.cohort.build import build
from helpers.cohort.dicom import list_images
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names


class Archive:
    """Ten DICOM files with a table of labels by file name."""

    def __init__(self, folder):
        self.folder, self.path, self.uids = folder / "dicom", folder / "labels.csv", []
        self.folder.mkdir()
        for number in range(10):
            self.uids.append(str(write_dicom(self.folder / f"scan{number}.dcm", RAMP + number).SOPInstanceUID))
        self.table = pd.DataFrame({"image": [f"scan{number}" for number in range(10)]})
        for name in NAMES:
            self.table[name] = [number % 2 for number in range(10)]

    def settings(self, **changes):
        self.table.to_csv(self.path, index=False)
        values = {"kind": "dicom", "folder": self.folder, "table": self.path, "size": 16, "workers": 1}
        return Settings(**(values | changes))


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path)


def test_nothing_that_identifies_a_patient_leaves_the_files(archive, tmp_path):
    build(archive.settings(), tmp_path / "cohort")
    written = [path for path in (tmp_path / "cohort").rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() + path.name.encode() for path in written)
    assert {path.name for path in written} == {
        "findings.json",
        "cohort.csv",
        "report.csv",
        "images.npy",
        "images.jsonl",
    }
    for secret in ("Doe", "Jane", "MRN", "19600101", "20240102", "ACC77", "Hospital", "scan3", *archive.uids):
        assert secret.encode() not in content


def test_pseudonyms_keep_images_of_one_patient_together(archive):
    write_dicom(archive.folder / "again.dcm", RAMP + 99, PatientID="MRNscan0")
    archive.table.loc[10] = ["again", 1, 1, 1, 1]
    table = list_images(archive.settings()).table.set_index("source")
    people = table["patient_id"]
    again, scan0 = (str(archive.folder / name) for name in ("again.dcm", "scan0.dcm"))
    assert people[again] == people[scan0]
    assert people.nunique() == 10


def test_pseudonyms_follow_the_seed_not_the_order_of_the_originals(archive):
    first, second = (list_images(archive.settings(seed=seed)).table for seed in (1, 2))
    assert not first["patient_id"].equals(second["patient_id"])
    assert not first["patient_id"].is_monotonic_increasing
    assert list_images(archive.settings(seed=1)).table.equals(first)


@pytest.mark.parametrize("key", ["uid", "name", "stem"])
def test_labels_join_by_uid_file_name_or_stem(archive, key):
    names = {"uid": archive.uids, "name": [f"scan{n}.dcm" for n in range(10)], "stem": [f"scan{n}" for n in range(10)]}
    archive.table["image"] = names[key]
    table = list_images(archive.settings()).table.sort_values("source")
    assert table["atelectasis"].tolist() == [0, 1] * 5


def test_lateral_images_and_other_modalities_are_left_out(archive, tmp_path):
    write_dicom(archive.folder / "side.dcm", ViewPosition="LL")
    write_dicom(archive.folder / "tomography.dcm", Modality="CT")
    archive.table.loc[10] = ["side", 1, 1, 1, 1]
    built = build(archive.settings(), tmp_path / "cohort")
    assert len(built.table) == 10
    assert "Left out for their view: 1 of 11 images (1 LL)." in built.notes


def test_one_image_in_two_files_is_refused(archive):
    (archive.folder / "copy.dcm").write_bytes((archive.folder / "scan4.dcm").read_bytes())
    with pytest.raises(CohortError, match="copy.dcm and .*scan4.dcm have one SOPInstanceUID"):
        list_images(archive.settings())


def test_a_file_without_labels_and_labels_without_a_file_are_named(archive):
    archive.table = archive.table.iloc[:9]
    with pytest.raises(CohortError, match="'image' has 0 rows for .*scan9.dcm"):
        list_images(archive.settings())
    archive.table = pd.concat([archive.table, archive.table.iloc[[0]].assign(image=["scan9"])])
    archive.table = pd.concat([archive.table, archive.table.iloc[[0]].assign(image=["lost"])])
    with pytest.raises(CohortError, match="row 11: 'lost' is not a DX or CR file"):
        list_images(archive.settings())


def test_a_missing_patient_id_is_refused_until_the_table_gives_it(archive):
    for number in (2, 3):
        write_dicom(archive.folder / f"scan{number}.dcm", PatientID="")
    with pytest.raises(CohortError, match="scan2.dcm: PatientID is blank, as in 2 files; .* a column 'patient_id'"):
        list_images(archive.settings())
    archive.table["patient_id"] = [None, None, "p", "p"] + [None] * 6
    people = list_images(archive.settings()).table.set_index("source")["patient_id"]
    assert people[str(archive.folder / "scan2.dcm")] == people[str(archive.folder / "scan3.dcm")]
    assert people.nunique() == 9


def test_files_without_modality_patient_or_uid_are_known_by_sop_class_table_and_name(archive, tmp_path):
    for number in range(10):
        changes = {"Modality": None, "PatientID": None, "SOPInstanceUID": None, "ViewPosition": None}
        write_dicom(archive.folder / f"scan{number}.dcm", RAMP + number, **changes)
    archive.table["patient_id"] = [f"p{number}" for number in range(10)]
    built = build(archive.settings(), tmp_path / "cohort")
    assert len(built.table) == 10
    assert "No image states its view: all of them count as frontal." in built.notes


BARRED = [
    ({"BurnedInAnnotation": "YES"}, "BurnedInAnnotation YES, the picture may contain names"),
    ({"PresentationIntentType": "FOR PROCESSING"}, "FOR PROCESSING, raw detector data, not an image for viewing"),
    ({"Modality": "CT"}, "modality CT, not DX or CR"),
]


@pytest.mark.parametrize(("change", "reason"), BARRED)
def test_what_readers_must_not_see_is_left_out_with_a_note(archive, tmp_path, change, reason):
    write_dicom(archive.folder / "scan9.dcm", **change)
    built = build(archive.settings(), tmp_path / "cohort")
    assert len(built.table) == 9
    assert f"Left out: 1 of 10 DICOM files ({reason})." in built.notes


def test_burned_in_annotation_can_be_an_error(archive):
    write_dicom(archive.folder / "scan9.dcm", BurnedInAnnotation="YES")
    with pytest.raises(CohortError, match="scan9.dcm: BurnedInAnnotation YES.* set `burned_in: skip`"):
        list_images(archive.settings(burned_in="error"))


def test_a_folder_of_which_nothing_is_left_says_why(archive):
    for number in range(10):
        write_dicom(archive.folder / f"scan{number}.dcm", PresentationIntentType="FOR PROCESSING")
    with pytest.raises(CohortError, match="no DICOM file of modality DX or CR to use. Left out: 10 of 10 .*FOR PROC"):
        list_images(archive.settings())


def test_how_images_were_shown_is_counted_in_the_notes(archive, tmp_path):
    for number in range(4):
        changes = {"PatientOrientation": ["R", "F"], "WindowCenter": [9, 2000], "WindowWidth": [0, 4000]}
        write_dicom(archive.folder / f"scan{number}.dcm", RAMP + number, **changes)
    notes = build(archive.settings(), tmp_path / "cohort").notes
    for note in (
        "6 of 10 images: shown by its own range of values.",
        "4 of 10 images: window 1 ignored, its width is below 1.",
        "4 of 10 images: shown by window 2.",
        "4 of 10 images: PatientOrientation is R\\F, the image was mirrored.",
    ):
        assert note in notes
    notes = build(archive.settings(voi="range"), tmp_path / "cohort").notes
    assert "10 of 10 images: shown by its own range of values." in notes


def test_a_file_that_only_calls_itself_dicom_is_named(archive):
    (archive.folder / "readme.txt").write_text("hello")
    list_images(archive.settings())
    (archive.folder / "broken.dcm").write_text("hello")
    with pytest.raises(CohortError, match="broken.dcm: not a DICOM file"):
        list_images(archive.settings())


def test_a_part_of_an_archive_can_be_used_on_request(archive, tmp_path):
    (archive.folder / "scan9.dcm").unlink()
    archive.table = archive.table.iloc[1:]
    (archive.folder / "broken.dcm").write_text("hello")
    with pytest.raises(CohortError, match="1 of 10 DICOM files cannot be used: .*broken.dcm: not a DICOM file"):
        list_images(archive.settings(unreadable="skip"))
    built = build(archive.settings(unreadable="skip", unreadable_limit=0.1), tmp_path / "cohort")
    assert len(built.table) == 8
    assert "Left out: 1 of 10 DICOM files (cannot be read)." in built.notes
    assert "Left out: 1 of 10 DICOM files (no row in the table)." in built.notes
    assert "Left out: 1 of 9 rows of the table (no DX or CR file in the folder)." in built.notes


def test_label_7_and_extra_columns_are_refused(archive):
    archive.table.loc[3, "atelectasis"] = 7
    with pytest.raises(CohortError, match="column 'atelectasis', row 4: label '7'"):
        list_images(archive.settings())
    archive.table["name"] = "Jane"
    with pytest.raises(CohortError, match="column 'name' does not belong here"):
        list_images(archive.settings())


def test_a_folder_without_radiographs_is_refused(archive, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CohortError, match="no DICOM file of modality DX or CR"):
        list_images(archive.settings(folder=tmp_path / "empty"))
