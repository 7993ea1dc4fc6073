"""What a DICOM header says before any pixel is decoded, and what is refused for it."""

import pydicom
import pytest
from made_up_dicom import made_up_dicom

from helpers.cohort.dicom_files import reading
from helpers.errors import ImageError


def saved(folder, **changes):
    path = folder / "scan.dcm"
    made_up_dicom("scan", **changes).save_as(path)
    return path


@pytest.mark.parametrize("content", [b"", b"an image", b"\0" * 128 + b"PNG!"])
def test_what_is_no_dicom_file_is_named(tmp_path, content):
    (tmp_path / "scan.dcm").write_bytes(content)
    with pytest.raises(ImageError, match=r"scan\.dcm: not a DICOM file"):
        reading.read_dataset(tmp_path / "scan.dcm")


def test_a_file_that_is_not_there_and_a_link_to_none_are_told_apart(tmp_path):
    with pytest.raises(ImageError, match="gone.dcm: no such file"):
        reading.read_dataset(tmp_path / "gone.dcm")
    (tmp_path / "link.dcm").symlink_to(tmp_path / "gone.dcm")
    with pytest.raises(ImageError, match="link.dcm: a link that leads nowhere"):
        reading.read_dataset(tmp_path / "link.dcm")


def test_text_is_the_first_value_in_capitals():
    data = pydicom.Dataset()
    data.PatientOrientation, data.ViewPosition = ["l", "F"], " pa "
    assert [reading.text(data, name) for name in ("PatientOrientation", "ViewPosition", "Modality")] == ["L", "PA", ""]


def test_numbers_are_all_values_and_none_where_there_is_none():
    data = pydicom.Dataset()
    data.WindowCenter = ["40", "50.5"]
    assert reading.numbers(data, "WindowCenter") == [40, 50.5]
    assert reading.numbers(data, "WindowWidth") == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"PresentationIntentType": "FOR PROCESSING"}, reading.FOR_PROCESSING),
        ({"BurnedInAnnotation": "YES"}, reading.BURNED_IN),
        ({"PhotometricInterpretation": "RGB"}, "not one gray image"),
        ({"NumberOfFrames": 2}, "2 frames"),
        ({"Rows": 0}, "has no pixels"),
        ({"Rows": 20000, "Columns": 20000}, "more than 178 million"),
        ({"Rows": 2000, "Columns": 2000}, "is truncated"),
    ],
)
def test_a_header_alone_tells_whether_readers_may_see_an_image(tmp_path, changes, why):
    path = saved(tmp_path, **changes)
    data = reading.read_dataset(path)
    if why is None:
        reading.check_header(path, data, 178)
    else:
        with pytest.raises(ImageError, match=f"scan.dcm: .*{why}"):
            reading.check_header(path, data, 178)
