from pathlib import Path

import pydicom.data
import pytest

from helpers.cohort.dicom_files.display import read_image
from helpers.cohort.dicom_files.headers import header_row
from helpers.cohort.dicom_files.reading import read_dataset
from helpers.errors import ImageError

PUBLIC = sorted(Path(pydicom.data.__file__).parent.glob("*_files/*.dcm"))
# What becomes of the test files of pydicom, which are CT, colour, plans and damaged files as well as gray images
REFUSALS = ("has no pixels", "is not one gray image", "is truncated", "cannot be decoded", "not a DICOM file")
REFUSALS += ("is not a number", "at one gray level")
GRAY = ("CT_small", "J2K_pixelrep_mismatch", "JPEG2000", "JPEGLSNearLossless_08", "MR_small_RLE", "MR_small_padded")


def fate(path: Path) -> str:
    try:
        header_row(path, read_dataset(path, stop_before_pixels=True))
        read_image(path)
    except ImageError as error:
        assert str(error).startswith(f"{path}: ")
        return next((sign for sign in REFUSALS if sign in str(error)), str(error))
    return "shown"


@pytest.mark.filterwarnings("ignore")
def test_every_test_file_of_pydicom_is_shown_or_refused_by_its_name():
    fates = {path.stem: fate(path) for path in PUBLIC}
    assert set(fates.values()) <= {"shown", *REFUSALS}
    assert {fates[name] for name in GRAY} == {"shown"}
