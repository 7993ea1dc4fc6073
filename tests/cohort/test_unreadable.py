"""Images that cannot be used are found by their headers, listed, and left out only as far as the user allows."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers.cohort.folder import list_images
from helpers.cohort.preprocess import read_file
from helpers.cohort.unreadable import judge, keep_present, look_at_all
from helpers.errors import CohortError, ImageError

COMPLAINTS = {f"i{number}": f"i{number}.png: bad" for number in range(3)}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no such image"), (b"", "the file is empty"), (b"no image", "cannot be read as an image")],
)
def test_a_header_tells_what_is_no_image(tmp_path, content, complaint):
    if content is not None:
        (tmp_path / "chest.png").write_bytes(content)
    with pytest.raises(ImageError, match=f"chest.png: {complaint}"):
        read_file.check(str(tmp_path / "chest.png"))


def test_no_pixel_is_read_for_it(tmp_path):
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(tmp_path / "chest.jpg")
    whole = (tmp_path / "chest.jpg").read_bytes()
    (tmp_path / "chest.jpg").write_bytes(whole[: len(whole) - 20])
    read_file.check(str(tmp_path / "chest.jpg"))


def test_all_are_looked_at(own_data):
    for number in (2, 5):
        (own_data.folder / "pictures" / f"chest{number}.png").write_bytes(b"")
    listing = list_images(own_data.settings())
    sources = dict(zip(listing.table["image_id"], listing.table["source"], strict=True))
    assert set(look_at_all(listing, sources)) == {"chest2", "chest5"}


def test_images_that_are_not_there_are_left_out_on_request_only(own_data):
    (own_data.folder / "pictures" / "chest3.png").unlink()
    left = keep_present(list_images(own_data.settings()), own_data.settings(unreadable="skip"))
    assert "chest3" not in set(left.table["image_id"]) and len(left.table) == 9
    assert len(keep_present(list_images(own_data.settings()), own_data.settings()).table) == 10


def test_a_folder_without_any_of_the_images_is_a_mistake(own_data):
    for path in (own_data.folder / "pictures").iterdir():
        path.unlink()
    with pytest.raises(CohortError, match="chest0.png: no such image, nor any other that the table names"):
        keep_present(list_images(own_data.settings()), own_data.settings(unreadable="skip"))


def test_up_to_the_limit_they_are_left_out_with_a_note(own_data, tmp_path):
    settings = own_data.settings(unreadable="skip", unreadable_limit=0.03)
    note = judge(COMPLAINTS, 100, settings, tmp_path)
    assert note == "Left out because they cannot be used: 3 of 100 images; unreadable.csv says why."
    assert pd.read_csv(tmp_path / "unreadable.csv").to_dict("list") == {
        "image_id": ["i0", "i1", "i2"],
        "problem": list(COMPLAINTS.values()),
    }


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "3 of 100 images cannot be used: i0.png: bad; i1"),
        ({"unreadable": "skip"}, r"3 of 100 images cannot be used \(more than unreadable_limit = 0.01\): i0.png"),
    ],
)
def test_above_the_limit_or_without_leave_they_stop_the_cohort(own_data, tmp_path, settings, complaint):
    with pytest.raises(ImageError, match=complaint):
        judge(COMPLAINTS, 100, own_data.settings(**settings), tmp_path)
    assert len(pd.read_csv(tmp_path / "unreadable.csv")) == 3


def test_without_complaints_no_list_is_left(own_data, tmp_path):
    (tmp_path / "unreadable.csv").write_text("of an earlier attempt")
    assert judge({}, 100, own_data.settings(), tmp_path) is None
    assert not (tmp_path / "unreadable.csv").exists()
