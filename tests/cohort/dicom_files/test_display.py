from pathlib import Path

import gdcm
import numpy as np
import pydicom
import pydicom.data
import pytest
from made_up_dicom import RAMP, lookup_item, write_dicom
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from helpers.cohort.dicom_files.display import DicomReader, read_image
from helpers.errors import ImageError

WINDOW = {"WindowCenter": 2048, "WindowWidth": 4096}
WINDOWED = np.clip((RAMP - 2047.5) / 4095 + 0.5, 0, 1)  # PS3.3 C.11.2.1.2.1


@pytest.fixture
def read(tmp_path):
    """Reads a made-up file; notes on the window are left out."""

    def reading(pixels=RAMP, reader=read_image, **changes):
        write_dicom(tmp_path / "a.dcm", pixels, **changes)
        image, facts = reader(tmp_path / "a.dcm")
        assert image.dtype == np.float32
        return image, [note for note in facts["notes"] if not note.startswith("shown by")]

    return reading


def test_without_a_window_the_whole_range_is_shown(read):
    image, notes = read()
    assert np.allclose(image, RAMP / RAMP.max(), atol=1e-6)
    assert notes == []


@pytest.mark.parametrize(("slope", "intercept"), [(2, -1000), (-1, 4095), (0.5, 0)])
def test_slope_and_intercept_come_before_the_window(read, slope, intercept):
    image, _ = read(RescaleSlope=slope, RescaleIntercept=intercept, WindowCenter=1000, WindowWidth=2000)
    expected = np.clip((RAMP.astype(float) * slope + intercept - 999.5) / 1999 + 0.5, 0, 1)
    assert np.allclose(image, expected, atol=1e-6)


def test_a_modality_table_of_12_bits_is_read(read):
    table = lookup_item((4096, 0, 12), (4095 - np.arange(4096)).astype("<u2").tobytes(), ModalityLUTType="US")
    image, _ = read(ModalityLUTSequence=[table], **WINDOW)
    assert np.allclose(image, np.clip((4095.0 - RAMP - 2047.5) / 4095 + 0.5, 0, 1), atol=1e-6)


def test_a_modality_step_that_cannot_be_is_refused(read):
    with pytest.raises(ImageError, match="a.dcm: RescaleSlope is 0"):
        read(RescaleSlope=0)
    with pytest.raises(ImageError, match="a.dcm: the modality LUT cannot be used: its LUTData has fewer"):
        read(ModalityLUTSequence=[lookup_item((4096, 0, 12), b"\0\0")])


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "told"),
    [
        ("MONOCHROME2", None, False, 0),
        ("MONOCHROME2", "IDENTITY", False, 0),
        ("MONOCHROME2", "INVERSE", True, 1),
        ("MONOCHROME1", None, True, 0),
        ("MONOCHROME1", "INVERSE", True, 0),
        ("MONOCHROME1", "IDENTITY", True, 1),
    ],
)
def test_an_image_is_inverted_once_or_not_at_all(read, photometric, shape, inverted, told):
    changes = {"PresentationLUTShape": shape} if shape else {}
    image, notes = read(PhotometricInterpretation=photometric, **changes, **WINDOW)
    assert np.allclose(image, 1 - WINDOWED if inverted else WINDOWED, atol=1e-6)
    assert len(notes) == told


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_out_of_the_range(read, photometric):
    padded = RAMP.copy()
    padded[:3] = 65535
    image, notes = read(
        padded, BitsStored=16, HighBit=15, PixelPaddingValue=65535, PhotometricInterpretation=photometric
    )
    part = (RAMP[3:] - RAMP[3:].min()) / np.ptp(RAMP[3:])
    assert np.all(image[:3] == 0)
    assert np.allclose(image[3:], 1 - part if photometric == "MONOCHROME1" else part, atol=1e-6)
    assert notes == ["PixelPaddingValue shown black and left out of the range"]


def test_padding_may_be_a_range_and_below_0(read):
    signed = RAMP.astype(np.int16) - 1000
    signed[0, :3] = (-2000, -1990, -1980)
    changes = {"BitsStored": 16, "HighBit": 15, "PixelRepresentation": 1, "PixelPaddingValue": -2000}
    image, _ = read(signed, PixelPaddingRangeLimit=-1980, **changes)
    assert np.allclose(image[1:], (signed[1:] + 970) / (signed.max() + 970), atol=1e-6)
    assert np.all(image[0, :3] == 0)


def test_a_shutter_hides_and_what_it_hides_counts_for_no_range(read):
    bright = RAMP // 2
    bright[0] = 4095
    edges = {"LeftVertical": 1, "RightVertical": 20, "UpperHorizontal": 2, "LowerHorizontal": 20}
    edges = {f"Shutter{name}Edge": place for name, place in edges.items()}
    image, notes = read(bright, ShutterShape="RECTANGULAR", **edges)
    assert np.all(image[0] == 0)
    assert image[1:].max() == 1.0 and image[1:].min() == 0.0
    assert notes == ["display shutter applied"]
    assert read(bright, ShutterShape="RECTANGULAR", ShutterPresentationValue=65535, **edges)[0][0].min() == 1.0


def test_orientation_and_pixel_shape_are_made_right(read):
    image, notes = read(PatientOrientation=["R", "F"], ImagerPixelSpacing=[0.2, 0.1], **WINDOW)
    assert image.shape == (40, 20)
    assert np.allclose(image[20, 2:-2], WINDOWED[:, ::-1][9:11].mean(0)[2:-2], atol=0.02)
    assert len(notes) == 2


def test_bits_that_contradict_each_other_are_told(read):
    assert read(HighBit=15)[1] == ["HighBit is not one less than BitsStored, check the picture"]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_other_encodings_show_the_same(read, syntax):
    table = lookup_item((4096, 0, 10), [int(entry) for entry in np.arange(4096) // 4], "US")
    image, _ = read(syntax=syntax, VOILUTSequence=[table])
    assert np.allclose(image, (RAMP // 4) / 1023, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"PresentationIntentType": "FOR PROCESSING"}, "FOR PROCESSING, raw detector data"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.1.1.1"}, "FOR PROCESSING, raw detector data"),
        ({"BurnedInAnnotation": "YES"}, "BurnedInAnnotation YES, the picture may contain names"),
        ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, r"is not one gray image \(RGB, 1 frame\)"),
        ({"NumberOfFrames": 2}, r"is not one gray image \(MONOCHROME2, 2 frames\)"),
        ({"Rows": 40}, "is truncated, its pixels alone are 1,600 bytes"),
        ({"PixelData": None, "Rows": None}, "has no pixels"),
        ({"BitsStored": None}, "its pixels .* cannot be decoded"),
        ({"PixelPaddingValue": 5, "PixelPaddingRangeLimit": 4095}, None),
    ],
)
def test_what_cannot_be_shown_is_named_with_its_file(read, changes, complaint):
    with pytest.raises(ImageError, match=f"a.dcm: {complaint or 'padding or shutter hide'}"):
        read(RAMP + 10 if complaint is None else RAMP, **changes)


@pytest.mark.filterwarnings("ignore")
def test_whatever_bytes_change_a_file_is_read_or_named(tmp_path):
    table = lookup_item((256, 0, 8), bytes(range(256)), LUTExplanation="any")
    changes = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [9, 9], "RadiusOfCircularShutter": 8}
    changes |= {"PatientOrientation": ["R", "F"], "PixelSpacing": [0.2, 0.1], "PixelPaddingValue": 0}
    write_dicom(tmp_path / "a.dcm", VOILUTSequence=[table], ModalityLUTSequence=[table], **WINDOW, **changes)
    whole, dice = (tmp_path / "a.dcm").read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        bytes_now = bytearray(whole)
        for place in dice.integers(132, len(whole) - 800, 4):
            bytes_now[place] = dice.integers(256)
        (tmp_path / "a.dcm").write_bytes(bytes_now)
        try:
            assert read_image(tmp_path / "a.dcm")[0].ndim == 2
        except ImageError as error:
            assert "a.dcm: " in str(error)


def test_a_truncated_file_and_a_large_one_are_named(tmp_path, read):
    path = tmp_path / "b.dcm"
    write_dicom(path)
    with pytest.raises(ImageError, match="b.dcm: 20 x 20 pixels are more than 0.0003 million; raise `max_megapixels`"):
        DicomReader(max_megapixels=0.0003)(path)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ImageError, match="b.dcm: its pixels .* cannot be decoded"):
        read_image(path)


@pytest.mark.parametrize(
    "syntax", ["JPEGLosslessProcess14", "JPEGLosslessProcess14_1", "JPEGLSLossless", "JPEG2000Lossless"]
)
def test_compressed_pixels_are_the_same(tmp_path, syntax):
    write_dicom(tmp_path / "a.dcm", **WINDOW)
    plain = gdcm.ImageReader()
    plain.SetFileName(str(tmp_path / "a.dcm"))
    assert plain.Read()
    change, writer = gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(plain.GetImage())
    assert change.Change()
    writer.SetFileName(str(tmp_path / "b.dcm"))
    writer.SetFile(plain.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    assert np.allclose(read_image(tmp_path / "b.dcm")[0], WINDOWED, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["MR_small_RLE", "MR_small_jpeg_ls_lossless", "MR_small_jp2klossless", "MR_small_bigendian"]
)
def test_files_of_pydicom_are_the_same_in_every_encoding(name):
    folder = Path(pydicom.data.__file__).parent / "test_files"
    assert np.array_equal(read_image(folder / f"{name}.dcm")[0], read_image(folder / "MR_small.dcm")[0])
