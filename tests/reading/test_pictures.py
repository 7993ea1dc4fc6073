"""Display images reach the widget as plain 8-bit gray, or not at all."""

import numpy as np
import pytest
from PIL import Image

from helpers.errors import ImageError, TableError
from helpers.raw_tables import read_raw
from helpers.reading import pictures as module
from helpers.reading.pictures import Pictures


@pytest.fixture
def folder(run):
    return run.stage_folder("06_study_plan")


def test_pixels_are_those_of_the_file(folder):
    row = read_raw(folder / "display.csv").iloc[0]
    pixels = Pictures(folder).pixels(row.image_id)
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, np.asarray(Image.open(folder / row.file)))


def test_an_image_outside_the_display_table_is_refused(folder):
    with pytest.raises(ImageError, match="'stranger' is not in display.csv"):
        Pictures(folder).pixels("stranger")


def test_16_bit_gray_keeps_its_depth_with_the_low_byte_first(folder):
    row = read_raw(folder / "display.csv").iloc[0]
    levels = np.arange(32 * 32, dtype=np.uint16).reshape(32, 32) * 64
    Image.fromarray(levels).save(folder / row.file)
    pixels = Pictures(folder).pixels(row.image_id)
    assert pixels.tobytes() == levels.astype("<u2").tobytes()


def test_only_gray_is_shown(folder):
    row = read_raw(folder / "display.csv").iloc[0]
    Image.new("RGB", (32, 32)).save(folder / row.file)
    with pytest.raises(ImageError, match="gray of 8 or 16 bits"):
        Pictures(folder).pixels(row.image_id)


def test_a_damaged_or_missing_file_is_named(folder):
    table = read_raw(folder / "display.csv")
    (folder / table.file[0]).write_bytes((folder / table.file[0]).read_bytes()[:60])
    (folder / table.file[1]).unlink()
    for row in table.iloc[:2].itertuples():
        with pytest.raises(ImageError, match=row.file):
            Pictures(folder).pixels(row.image_id)


def test_a_table_without_its_columns_is_refused(folder):
    (folder / "display.csv").write_text("image_id,path\na,b\n")
    with pytest.raises(TableError, match="column 'file' is missing"):
        Pictures(folder)


def test_pixels_are_kept_for_the_next_reader_as_far_as_there_is_room(folder, monkeypatch):
    first, second = read_raw(folder / "display.csv").iloc[:2].itertuples()
    pictures = Pictures(folder)
    monkeypatch.setattr(module, "KEPT_BYTES", 32 * 32)
    before = pictures.pixels(first.image_id)
    assert pictures.pixels(first.image_id) is before
    pictures.pixels(second.image_id)
    again = pictures.pixels(first.image_id)
    assert again is not before and np.array_equal(again, before)
