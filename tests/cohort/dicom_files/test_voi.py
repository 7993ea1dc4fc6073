import numpy as np
import pydicom
import pytest
from made_up_dicom import RAMP, lookup_item, made_up_dicom
from pydicom.pixels import apply_windowing

from helpers.cohort.dicom_files.voi import shown
from helpers.errors import ImageError

VALUES = RAMP.astype(np.float32)  # 0 to 3990
FALLING = lookup_item((4096, 0, 10), (1023 - np.arange(4096) // 4).astype("<u2").tobytes(), LUTExplanation="Inverse")
WHOLE = VALUES / VALUES.max()


def show(voi=None, values=VALUES, **changes):
    notes = []
    return shown(values, np.ones(values.shape, bool), made_up_dicom("a", **changes), voi, notes), notes


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID", None])
@pytest.mark.parametrize(("centre", "width"), [(2048, 4096), (1500.5, 800), (300, 2), (-100, 6000)])
def test_windows_agree_with_pydicom(function, centre, width):
    changes = {"WindowCenter": centre, "WindowWidth": width} | ({"VOILUTFunction": function} if function else {})
    data = made_up_dicom("a", **changes)
    black, white = apply_windowing(np.array([-1e9, 1e9]), data)
    expected = (apply_windowing(VALUES, data) - black) / (white - black)
    image, notes = show(**changes)
    assert np.allclose(image, expected, atol=1e-6)
    assert notes == ["shown by window 1"]


def test_a_window_of_width_1_is_a_step():
    image, _ = show(WindowCenter=2000, WindowWidth=1)
    assert np.array_equal(image, (VALUES > 1999.5).astype(np.float32))


def test_a_blank_function_is_linear():
    assert np.array_equal(
        show(VOILUTFunction="", WindowCenter=2000, WindowWidth=900)[0], show(WindowCenter=2000, WindowWidth=900)[0]
    )


def test_a_lookup_table_comes_before_a_window():
    image, notes = show(VOILUTSequence=[FALLING], WindowCenter=2000, WindowWidth=900)
    assert np.allclose(image, (1023 - VALUES // 4) / 1023)
    assert notes == ["shown by VOI LUT 1"]


def test_a_table_of_8_bits_shows_its_entries_not_their_remainder_by_256():
    table = lookup_item((4096, 0, 8), (np.arange(4096) // 16).astype("<u2").tobytes())
    image, _ = show(VOILUTSequence=[table])
    assert np.allclose(image, (RAMP // 16) / 255)
    assert image.max() == pytest.approx(249 / 255)


def test_a_table_whose_bits_are_told_wrong_is_scaled_by_its_largest_entry_with_a_note():
    image, notes = show(VOILUTSequence=[lookup_item((4096, 0, 16), np.arange(4096, dtype="<u2").tobytes())])
    assert np.allclose(image, VALUES / 4095)
    assert "scaled by its largest entry" in notes[1]


@pytest.mark.parametrize("width", [0, -4096, 0.5])
def test_an_invalid_window_is_ignored_with_a_note(width):
    image, notes = show(WindowCenter=2048, WindowWidth=width)
    assert np.allclose(image, WHOLE)
    assert notes == ["window 1 ignored, its width is below 1", "shown by its own range of values"]


def test_a_function_that_the_standard_does_not_have_is_told():
    assert "VOILUTFunction" in show(VOILUTFunction="CUBIC", WindowCenter=2048, WindowWidth=4096)[1][0]


def test_a_broken_table_gives_way_to_the_window():
    image, notes = show(VOILUTSequence=[pydicom.Dataset()], WindowCenter=2048, WindowWidth=4096)
    assert np.allclose(image, (VALUES - 2047.5) / 4095 + 0.5, atol=1e-6)
    assert notes == ["VOI LUT 1 ignored, its LUTDescriptor is missing or has not three values", "shown by window 1"]


def test_a_window_that_hides_the_image_gives_way_to_the_next():
    image, notes = show(WindowCenter=[0, 2048], WindowWidth=[1, 4096], values=VALUES + 5)
    assert image.max() < 1
    assert notes == ["window 1 ignored, it shows every pixel at one gray level", "shown by window 2"]


def test_where_every_window_hides_the_image_they_are_named():
    with pytest.raises(ImageError, match=r"window 1 \(centre 0, width 1\) shows .* from 5 to 3995; set `voi: range`"):
        show(WindowCenter=0, WindowWidth=1, values=VALUES + 5)
    assert np.allclose(show("range", WindowCenter=0, WindowWidth=1, values=VALUES + 5)[0], WHOLE)


@pytest.mark.parametrize(("voi", "name"), [("window 2", "window 2"), ("lung", "window 2"), ("inverse", "VOI LUT 1")])
def test_another_view_is_asked_for_by_name_or_explanation(voi, name):
    several = {
        "WindowCenter": [2048, 600],
        "WindowWidth": [4096, 1500],
        "WindowCenterWidthExplanation": ["Bone", "Lung"],
    }
    assert show(voi, VOILUTSequence=[FALLING], **several)[1] == [f"shown by {name}"]


def test_a_view_that_the_file_has_not_gives_way_to_the_first_with_a_note():
    assert show("window 2", WindowCenter=2048, WindowWidth=4096)[1] == [
        "has no view 'window 2', which `voi` asks for",
        "shown by window 1",
    ]


def test_a_blank_image_is_called_blank_whatever_its_window():
    with pytest.raises(ImageError, match="blank: every pixel has the same value"):
        show(values=np.full((4, 4), 7.0), WindowCenter=0, WindowWidth=1)
