import numpy as np
import pytest
from made_up_dicom import made_up_dicom

from helpers.cohort.dicom_files.geometry import directions, open_shutter, square_pixels, upright
from helpers.errors import ImageError

# A chest: head above, the patient's right side (on the viewer's left) dark, the left side bright
CHEST = np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7]], dtype=np.float32)


@pytest.mark.parametrize(
    ("orientation", "stored", "note"),
    [
        (["L", "F"], CHEST, None),
        (["R", "F"], CHEST[:, ::-1], "mirrored"),
        (["R", "H"], CHEST[::-1, ::-1], "turned"),
        (["L", "H"], CHEST[::-1], "turned"),
        (["F", "L"], CHEST.T, "turned"),
        (["F", "R"], CHEST[:, ::-1].T, "turned"),
        (["H", "L"], CHEST[::-1].T, "turned"),
        (["LH", "FL"], CHEST, None),
        (["A", "F"], CHEST, None),
        (["L", "R"], CHEST, None),
        ("", CHEST, None),
    ],
)
def test_a_frontal_image_is_turned_as_it_is_hung(orientation, stored, note):
    notes = []
    assert np.array_equal(upright(stored, made_up_dicom("a", PatientOrientation=orientation), notes), CHEST)
    assert len(notes) == (note is not None)
    assert note is None or f"the image was {note}" in notes[0]


def test_directions_are_the_first_letters_of_two_axes():
    assert directions(made_up_dicom("a", PatientOrientation=["LH", "F"])) == "LF"
    for unknown in (["L", "R"], ["X", "F"], "L", ""):
        assert directions(made_up_dicom("a", PatientOrientation=unknown)) == ""


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.1]}, (40, 20)),
        ({"PixelSpacing": [0.1, 0.2]}, (20, 40)),
        ({"PixelAspectRatio": [3, 2]}, (30, 20)),
        ({"PixelSpacing": [0.1, 0.1], "PixelAspectRatio": [3, 2]}, (20, 20)),
        ({"PixelSpacing": [0, 0], "ImagerPixelSpacing": [0.2, 0.1]}, (40, 20)),
        ({"PixelSpacing": [0.143, 0.1431]}, (20, 20)),
    ],
)
def test_pixels_become_square_by_stretching_their_shorter_side(changes, shape):
    notes, image = [], np.tile(np.linspace(0, 1, 20, dtype=np.float32), (20, 1))
    squared = square_pixels(image, made_up_dicom("a", **changes), notes)
    assert squared.shape == shape
    assert len(notes) == (shape != (20, 20))
    assert np.allclose(np.sort(squared[0]), squared[0], atol=1e-3)


def test_pixels_that_cannot_be_are_refused():
    with pytest.raises(ImageError, match="PixelSpacing says that pixels are 5 high and 0.1 wide"):
        square_pixels(CHEST, made_up_dicom("a", PixelSpacing=[5, 0.1]), [])


RECTANGLE = {
    "ShutterLeftVerticalEdge": 2,
    "ShutterRightVerticalEdge": 4,
    "ShutterUpperHorizontalEdge": 3,
    "ShutterLowerHorizontalEdge": 5,
}
CIRCLE = {"CenterOfCircularShutter": [4, 3], "RadiusOfCircularShutter": 1}
POLYGON = {"VerticesOfThePolygonalShutter": [3, 2, 3, 4, 5, 4, 5, 2]}  # row\column pairs
SQUARE = [(row, column) for row in (2, 3, 4) for column in (1, 2, 3)]


@pytest.mark.parametrize(
    ("shape", "places"),
    [
        ({"ShutterShape": "RECTANGULAR"} | RECTANGLE, SQUARE),
        ({"ShutterShape": "POLYGONAL"} | POLYGON, SQUARE),
        ({"ShutterShape": "CIRCULAR"} | CIRCLE, [(2, 2), (3, 1), (3, 2), (3, 3), (4, 2)]),
        (
            {"ShutterShape": ["RECTANGULAR", "CIRCULAR"]} | RECTANGLE | CIRCLE,
            [(2, 2), (3, 1), (3, 2), (3, 3), (4, 2)],
        ),
    ],
)
def test_a_shutter_leaves_open_what_all_its_shapes_do_rows_and_columns_counted_from_1(shape, places):
    inside = open_shutter(made_up_dicom("a", **shape), (7, 6))
    assert list(zip(*map(np.ndarray.tolist, np.nonzero(inside)), strict=True)) == places


def test_without_a_shutter_all_is_open_and_one_without_edges_is_refused():
    assert open_shutter(made_up_dicom("a"), (3, 4)).all()
    with pytest.raises(ImageError, match="ShutterLeftVerticalEdge of the shutter has 0 values"):
        open_shutter(made_up_dicom("a", ShutterShape="RECTANGULAR"), (3, 4))
