import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.cohort.build import build
from helpers.cohort.folder import list_images
from helpers.cohort.images import source_keys, write_images
from helpers.cohort.phantom_cohort import list_images as list_phantoms
from helpers.cohort.settings import Settings
from helpers.errors import DiskError, ImageError
from helpers.files import sha256


def written(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "images").iterdir()}


def test_every_row_becomes_an_8_bit_gray_square_without_metadata(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    with Image.open(tmp_path / "out" / "images" / "chest3.png") as image:
        assert (image.mode, image.size, image.info) == ("L", (16, 16), {})
    assert len(written(tmp_path / "out")) == 10


@pytest.mark.parametrize("threads", [False, True])
def test_the_number_of_workers_does_not_change_a_byte(own_data, tmp_path, threads):
    listing = list_images(own_data.settings())
    object.__setattr__(listing, "threads", threads)
    for workers in (1, 2):
        write_images(listing, own_data.settings(workers=workers), tmp_path / f"out{workers}")
    assert sha256(tmp_path / "out1" / "images") == sha256(tmp_path / "out2" / "images")


def test_a_second_attempt_redoes_nothing(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    before = written(tmp_path / "out")
    _, reused = write_images(list_images(settings), settings, tmp_path / "out")
    assert reused == 10
    assert written(tmp_path / "out") == before


def test_a_lost_a_harmed_and_a_changed_image_are_redone_and_no_other(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    before = written(tmp_path / "out")
    (tmp_path / "out" / "images" / "chest1.png").unlink()
    (tmp_path / "out" / "images" / "chest2.png").write_bytes(b"half")
    Image.fromarray(np.eye(24, dtype=np.uint8) * 200).save(own_data.folder / "pictures" / "chest3.png")
    _, reused = write_images(list_images(settings), settings, tmp_path / "out")
    after = written(tmp_path / "out")
    assert reused == 7
    assert {name for name in after if after[name] != before[name]} == {"chest1.png", "chest2.png", "chest3.png"}


def test_other_parameters_redo_everything(own_data):
    listing = list_images(own_data.settings())
    keys = [source_keys(listing, own_data.settings(**change))["chest0"] for change in ({}, {"size": 32})]
    keys += [source_keys(listing, own_data.settings(**c))["chest0"] for c in ({"fit": "crop"}, {"window": (1.0, 99.0)})]
    assert len(set(keys)) == 4
    assert source_keys(listing, own_data.settings(workers=2))["chest0"] == keys[0]


@pytest.mark.parametrize("module", ["cohort/recipe.py", "cohort/preprocess.py", "files.py"])
def test_edited_code_redoes_everything(own_data, tmp_path, edit, module):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    edit(module)
    assert write_images(list_images(settings), settings, tmp_path / "out")[1] == 0


def test_code_that_makes_no_pixel_redoes_nothing(own_data, edit):
    before = source_keys(list_images(own_data.settings()), own_data.settings())
    for module in ("cohort/folder.py", "cohort/dicom.py", "cohort/phantom/bones.py", "cohort/splits.py", "tables.py"):
        edit(module)
    assert source_keys(list_images(own_data.settings()), own_data.settings()) == before


@pytest.mark.parametrize("change", [{"seed": 2}, {"equalization": 1.0}, {"edited": "cohort/phantom/bones.py"}])
def test_phantoms_of_another_seed_look_or_code_are_drawn_again(edit, change):
    settings = Settings(kind="phantom", images=3, size=32)
    before = source_keys(list_phantoms(settings), settings)
    if "edited" in change:
        edit(change["edited"])
    else:
        settings = replace(settings, **change)
    assert not set(source_keys(list_phantoms(settings), settings).values()) & set(before.values())


def test_pictures_of_an_earlier_cohort_are_removed(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    own_data.table = own_data.table.iloc[:6]
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    assert set(written(tmp_path / "out")) == {f"chest{number}.png" for number in range(6)}


def test_a_damaged_record_costs_time_but_nothing_else(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    (tmp_path / "out" / ".made" / "all.json").write_text('{"chest1": ')
    _, reused = write_images(list_images(settings), settings, tmp_path / "out")
    assert reused == 0
    assert len(json.loads((tmp_path / "out" / ".made" / "all.json").read_text())) == 10


def test_up_to_five_bad_files_are_named_after_the_good_ones_are_done(own_data, tmp_path):
    for number in range(7):
        (own_data.folder / "pictures" / f"chest{number}.png").write_bytes(b"")
    settings = own_data.settings()
    with pytest.raises(ImageError, match="7 of 10 images cannot be used: .*chest0.png: the file is empty") as caught:
        write_images(list_images(settings), settings, tmp_path / "out")
    assert str(caught.value).count("the file is empty") == 5
    assert str(caught.value).endswith("and 2 more")
    assert set(written(tmp_path / "out")) == {"chest7.png", "chest8.png", "chest9.png"}


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:200]), "cannot be read as an image"),
        (lambda path: path.write_text("not an image"), "cannot be read as an image"),
        (lambda path: path.unlink(), "no such image"),
        (lambda path: Image.new("L", (20, 20), 7).save(path), "blank: every pixel has the same value"),
    ],
    ids=["truncated", "text", "missing", "blank"],
)
def test_a_bad_image_stops_the_cohort_and_is_named(own_data, tmp_path, harm, complaint):
    harm(own_data.folder / "pictures" / "chest4.png")
    with pytest.raises(ImageError, match=f"chest4.png: {complaint}"):
        build(own_data.settings(), tmp_path / "cohort")
    assert not (tmp_path / "cohort" / "cohort.csv").exists()


def test_16_bit_rgba_and_non_square_images_are_read_as_what_they_show(own_data, tmp_path):
    y, x = np.mgrid[:32, :32]
    ramp = (x * 8).astype(np.uint8)
    pictures = own_data.folder / "pictures"
    Image.fromarray(ramp).save(pictures / "chest0.png")
    Image.fromarray(ramp.astype(np.uint16) * 257).save(pictures / "chest1.png")
    Image.fromarray(np.dstack([ramp, ramp, ramp, 255 - ramp])).save(pictures / "chest2.png")
    Image.fromarray(ramp[:16]).save(pictures / "chest3.png")
    settings = own_data.settings(size=32)
    write_images(list_images(settings), settings, tmp_path / "out")
    eight, sixteen, rgba, wide = (
        np.asarray(Image.open(tmp_path / "out" / "images" / f"chest{number}.png")) for number in range(4)
    )
    assert np.array_equal(eight, ramp)
    assert np.array_equal(sixteen, ramp)
    assert np.array_equal(rgba, ramp)
    assert np.array_equal(wide[8:24], ramp[:16])
    assert wide[:8].max() == wide[24:].max() == 0


def test_a_full_disk_is_told_at_once(own_data, tmp_path, monkeypatch):
    def full(*_, **__):
        raise DiskError("the disk is full")

    monkeypatch.setattr("helpers.cohort.recipe.write_png", full)
    with pytest.raises(DiskError, match="full"):
        build(own_data.settings(), tmp_path / "cohort")
    assert not (tmp_path / "cohort" / "cohort.csv").exists()
