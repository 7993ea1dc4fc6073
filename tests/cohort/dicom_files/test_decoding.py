from pathlib import Path

import pydicom.data
import pytest

from helpers.cohort.dicom_files.decoding import stored_pixels
from helpers.cohort.dicom_files.reading import read_dataset
from helpers.errors import ImageError

FOLDER = Path(pydicom.data.__file__).parent / "test_files"


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_12_bits_of_lossy_jpeg_have_the_values_that_pydicom_publishes(name):
    """tests/pixels/pixels_reference.py of pydicom 3, decoded there by libjpeg."""
    pixels = stored_pixels(FOLDER / name, read_dataset(FOLDER / name))
    assert (pixels.shape, pixels.dtype) == ((1024, 256), "uint16")
    assert (pixels[420, 140], pixels[230, 120]) == (244, 95)


def test_damaged_pixels_of_12_bits_are_named(tmp_path):
    path = tmp_path / "half.dcm"
    data = read_dataset(FOLDER / "JPGExtended.dcm")
    data.PixelData = pydicom.encaps.encapsulate([bytes(1000)])
    data.save_as(path)
    with pytest.raises(
        ImageError, match=r"half.dcm: its pixels \(JPEG Extended .* cannot be decoded \(ValueError: GDCM"
    ):
        stored_pixels(path, data)
