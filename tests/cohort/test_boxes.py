import numpy as np
import pandas as pd
import pytest

from helpers.cohort.boxes import as_shown, of_images
from helpers.cohort.preprocess import preprocess

NAMES = {"lung_opacity": ("Opacity", "Infiltration"), "edema": ("Infiltration",)}


def drawn(columns, rows, left, top, width, height, name="Opacity"):
    place = {"columns": columns, "rows": rows, "left": left, "top": top, "width": width, "height": height}
    return pd.DataFrame([{"image_id": "a", "name": name, "annotator": "R1", **place}])


def test_boxes_are_centres_and_sides_as_fractions_of_the_image():
    box = of_images(drawn(100, 200, 10, 50, 20, 100), NAMES).iloc[0]
    assert box[["finding", "x", "y", "width", "height", "annotator"]].tolist() == [
        "lung_opacity",
        0.2,
        0.5,
        0.2,
        0.5,
        "R1",
    ]


def test_a_name_of_two_findings_gives_each_a_box_and_other_names_none():
    assert of_images(drawn(9, 9, 1, 1, 1, 1, "Infiltration"), NAMES)["finding"].tolist() == ["lung_opacity", "edema"]
    assert of_images(drawn(9, 9, 1, 1, 1, 1, "Mass"), NAMES).empty


@pytest.mark.parametrize("fit", ["pad", "resize", "crop"])
@pytest.mark.parametrize(("columns", "rows"), [(60, 100), (100, 60), (80, 80)])
def test_a_box_lies_where_the_shown_image_has_what_it_was_drawn_around(fit, columns, rows):
    image = np.zeros((rows, columns))
    image[rows // 2 : rows // 2 + 20, 24:40] = 1
    shown = as_shown(of_images(drawn(columns, rows, 24, rows // 2, 16, 20), NAMES), fit).iloc[0]
    down, across = np.nonzero(preprocess(image, 200, fit) > 0.5)
    sides = (np.ptp(across) + 1) / 200, (np.ptp(down) + 1) / 200
    centre = (across.min() + across.max() + 1) / 400, (down.min() + down.max() + 1) / 400
    assert shown[["x", "y"]].tolist() == pytest.approx(centre, abs=0.006)
    assert shown[["width", "height"]].tolist() == pytest.approx(sides, abs=0.011)


def test_what_a_crop_cuts_off_is_not_in_a_box():
    boxes = pd.concat([of_images(drawn(100, 50, 0, 0, 30, 50), NAMES), of_images(drawn(100, 50, 0, 0, 20, 50), NAMES)])
    shown = as_shown(boxes, "crop")
    assert shown[["x", "width"]].to_numpy().tolist() == [[pytest.approx(0.05), pytest.approx(0.1)]]
