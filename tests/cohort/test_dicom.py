import numpy as np
import pandas as pd
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from helpers.cohort.build import build
from helpers.cohort.dicom import age_in_years, list_images, read_image
from helpers.cohort.settings import Settings
from helpers.errors import CohortError, ImageError
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names


def write_dicom(path, pixels, **changes):
    """A DX file with the attributes that identify a patient; ``changes`` set or (None) remove attributes."""
    data = pydicom.Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[path.name])
    data.PatientName, data.PatientID, data.PatientBirthDate = "Doe^Jane", f"MRN{path.stem}", "19600101"
    data.StudyDate, data.AccessionNumber, data.InstitutionName = "20240102", "ACC77", "General Hospital"
    data.Modality, data.ViewPosition, data.PatientAge, data.PatientSex = "DX", "PA", "045Y", "F"
    data.Rows, data.Columns = pixels.shape[:2]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = pixels.astype("<u2").tobytes()
    for name, value in changes.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return data


@pytest.fixture
def pixels():
    return np.arange(400, dtype=np.uint16).reshape(20, 20) * 10


class Archive:
    """Ten DICOM files with a table of labels by file name."""

    def __init__(self, folder, pixels):
        self.folder, self.path, self.uids = folder / "dicom", folder / "labels.csv", []
        self.folder.mkdir()
        for number in range(10):
            self.uids.append(str(write_dicom(self.folder / f"scan{number}.dcm", pixels + number).SOPInstanceUID))
        self.table = pd.DataFrame({"image": [f"scan{number}" for number in range(10)]})
        for name in NAMES:
            self.table[name] = [number % 2 for number in range(10)]

    def settings(self, **changes):
        self.table.to_csv(self.path, index=False)
        values = {"kind": "dicom", "folder": self.folder, "table": self.path, "size": 16, "workers": 1}
        return Settings(**(values | changes))


@pytest.fixture
def archive(tmp_path, pixels):
    return Archive(tmp_path, pixels)


def test_nothing_that_identifies_a_patient_leaves_the_files(archive, tmp_path):
    build(archive.settings(), tmp_path / "cohort")
    written = [path for path in (tmp_path / "cohort").rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() + path.name.encode() for path in written)
    assert len(written) >= 13
    for secret in ("Doe", "Jane", "MRN", "19600101", "20240102", "ACC77", "Hospital", "scan3", *archive.uids):
        assert secret.encode() not in content


def test_pseudonyms_keep_images_of_one_patient_together(archive, pixels):
    write_dicom(archive.folder / "again.dcm", pixels + 99, PatientID="MRNscan0")
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


def test_without_a_window_the_whole_range_is_shown(tmp_path, pixels):
    write_dicom(tmp_path / "a.dcm", pixels)
    image, facts = read_image(tmp_path / "a.dcm")
    assert np.allclose(image, pixels / pixels.max(), atol=1e-6)
    assert facts == {}


def test_rescale_comes_before_the_window(tmp_path, pixels):
    window = {"RescaleSlope": 2, "RescaleIntercept": -1000, "WindowCenter": 1000, "WindowWidth": 2000}
    write_dicom(tmp_path / "a.dcm", pixels, **window)
    image, _ = read_image(tmp_path / "a.dcm")
    values = pixels * 2.0 - 1000
    expected = np.clip((values - 999.5) / 1999 + 0.5, 0, 1)  # DICOM PS3.3 C.11.2.1.2.1
    assert np.allclose(image, expected, atol=1e-3)


def test_a_voi_lookup_table_is_applied(tmp_path, pixels):
    table = pydicom.Dataset()
    table.add_new("LUTDescriptor", "US", [4096, 0, 10])
    table.add_new("LUTData", "OW", (1023 - np.arange(4096) // 4).astype("<u2").tobytes())
    write_dicom(tmp_path / "a.dcm", pixels, VOILUTSequence=[table])
    image, _ = read_image(tmp_path / "a.dcm")
    assert np.allclose(image, (1023 - pixels // 4) / 1023, atol=1e-6)


def test_monochrome1_is_inverted(tmp_path, pixels):
    write_dicom(tmp_path / "a.dcm", pixels)
    write_dicom(tmp_path / "b.dcm", pixels, PhotometricInterpretation="MONOCHROME1")
    assert np.allclose(read_image(tmp_path / "a.dcm")[0], 1 - read_image(tmp_path / "b.dcm")[0])


def test_a_truncated_file_is_named(tmp_path, pixels):
    path = tmp_path / "a.dcm"
    write_dicom(path, pixels)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ImageError, match="a.dcm: cannot be read as DICOM"):
        read_image(path)


def test_colour_is_refused(tmp_path):
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    write_dicom(tmp_path / "a.dcm", np.zeros((8, 8, 3)), **colour)
    with pytest.raises(ImageError, match=r"RGB \(8, 8, 3\) is not one gray image"):
        read_image(tmp_path / "a.dcm")


def test_lateral_images_and_other_modalities_are_left_out(archive, pixels, tmp_path):
    write_dicom(archive.folder / "side.dcm", pixels, ViewPosition="LL")
    write_dicom(archive.folder / "tomography.dcm", pixels, Modality="CT")
    archive.table.loc[10] = ["side", 1, 1, 1, 1]
    built = build(archive.settings(), tmp_path / "cohort")
    assert len(built.table) == 10
    assert "Left out for their view: 1 of 11 images." in built.notes


@pytest.mark.parametrize(
    ("text", "years"), [("045Y", 45), ("006M", 0.5), ("095Y", 90), ("", None), ("45", None), ("0ABY", None)]
)
def test_ages_are_years_and_never_above_90(text, years):
    assert age_in_years(text) == years


def test_one_image_in_two_files_is_refused(archive, pixels):
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


def test_a_missing_patient_id_is_refused(archive, pixels):
    write_dicom(archive.folder / "scan2.dcm", pixels, PatientID="")
    with pytest.raises(CohortError, match="scan2.dcm: PatientID is blank"):
        list_images(archive.settings())


def test_a_file_that_only_calls_itself_dicom_is_named(archive):
    (archive.folder / "readme.txt").write_text("hello")
    list_images(archive.settings())
    (archive.folder / "broken.dcm").write_text("hello")
    with pytest.raises(CohortError, match="broken.dcm: not a DICOM file"):
        list_images(archive.settings())


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
