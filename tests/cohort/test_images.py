import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers import pixels as pixel_files
from helpers.cohort import images
from helpers.cohort.build import build
from helpers.cohort.folder import list_images
from helpers.cohort.images import source_keys, write_images
from helpers.cohort.phantom_cohort import list_images as list_phantoms
from helpers.cohort.recipe import Recipe
from helpers.cohort.settings import Settings
from helpers.errors import DiskError, ImageError
from helpers.files import sha256
from helpers.pixels import ImageStore


def stored(folder) -> dict[str, np.ndarray]:
    """What is in a folder's store, by image_id."""
    records = ImageStore(folder).records()
    rows = np.load(folder / "images.npy")
    return {name: rows[record["row"]] for name, record in records.items()}


def made_anew(monkeypatch) -> list[str]:
    """Sources of the images that are made from now on."""
    made, make = [], Recipe.make
    monkeypatch.setattr(
        Recipe, "make", lambda self, row, source: made.append(Path(source).stem) or make(self, row, source)
    )
    return made


def test_every_row_becomes_an_8_bit_gray_square_in_the_order_of_the_table(own_data, tmp_path):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    assert list(stored(tmp_path / "out")) == [f"chest{number}" for number in range(10)]
    assert np.load(tmp_path / "out" / "images.npy").shape == (10, 16, 16)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["images.jsonl", "images.npy"]


@pytest.mark.parametrize("threads", [False, True])
def test_the_number_of_workers_does_not_change_a_byte(own_data, tmp_path, threads):
    listing = list_images(own_data.settings())
    object.__setattr__(listing, "threads", threads)
    for workers in (1, 2):
        write_images(listing, own_data.settings(workers=workers), tmp_path / f"out{workers}")
    assert sha256(tmp_path / "out1" / "images.npy") == sha256(tmp_path / "out2" / "images.npy")


def test_a_second_attempt_redoes_nothing(own_data, tmp_path, monkeypatch):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    made = made_anew(monkeypatch)
    assert write_images(list_images(settings), settings, tmp_path / "out").reused == 10
    assert made == []


def test_a_harmed_and_a_changed_image_are_redone_and_no_other(own_data, tmp_path, monkeypatch):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    before = stored(tmp_path / "out")
    np.load(tmp_path / "out" / "images.npy", mmap_mode="r+")[2] = 7
    Image.fromarray(np.eye(24, dtype=np.uint8) * 200).save(own_data.folder / "pictures" / "chest3.png")
    made = made_anew(monkeypatch)
    assert write_images(list_images(settings), settings, tmp_path / "out").reused == 8
    assert made == ["chest2", "chest3"]
    after = stored(tmp_path / "out")
    assert [name for name in after if not np.array_equal(after[name], before[name])] == ["chest3"]


def test_killed_at_any_moment_nothing_noted_is_made_twice_and_the_end_is_the_same(own_data, tmp_path):
    """A process of its own is killed, which no program can prevent or notice, and another goes on."""
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "whole")
    for moment in (1, 4, 10):
        folder = tmp_path / f"killed{moment}"
        process = multiprocessing.get_context("fork").Process(target=_killed_after, args=(moment, settings, folder))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert write_images(list_images(settings), settings, folder).reused == moment - 1
        assert sha256(folder) == sha256(tmp_path / "whole")


def _killed_after(count, settings, folder):
    """Prepare images one at a time, and be killed when the pixels of number ``count`` are half written."""
    write, written = pixel_files.write_at, []

    def half(file, pixels, offset):
        written.append(offset)
        if len(written) == count:
            write(file, pixels[: len(pixels) // 2], offset)
            os.kill(os.getpid(), signal.SIGKILL)
        return write(file, pixels, offset)

    images.CHUNK, pixel_files.write_at = 1, half
    write_images(list_images(settings), settings, folder)


def test_other_parameters_redo_everything(own_data):
    listing = list_images(own_data.settings())
    keys = [source_keys(listing, own_data.settings(**change))["chest0"] for change in ({}, {"size": 32})]
    keys += [source_keys(listing, own_data.settings(**c))["chest0"] for c in ({"fit": "crop"}, {"window": (1.0, 99.0)})]
    assert len(set(keys)) == 4
    assert source_keys(listing, own_data.settings(workers=2))["chest0"] == keys[0]


@pytest.mark.parametrize("module", ["cohort/recipe.py", "cohort/preprocess.py", "files.py", "pixels.py"])
def test_edited_code_redoes_everything(own_data, tmp_path, edit, module):
    settings = own_data.settings()
    write_images(list_images(settings), settings, tmp_path / "out")
    edit(module)
    assert write_images(list_images(settings), settings, tmp_path / "out").reused == 0


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
    assert list(stored(tmp_path / "out")) == [f"chest{number}" for number in range(6)]
    assert len(np.load(tmp_path / "out" / "images.npy")) == 6


def test_files_that_are_no_images_are_named_before_any_is_made(own_data, tmp_path, monkeypatch):
    for number in range(7):
        (own_data.folder / "pictures" / f"chest{number}.png").write_bytes(b"")
    settings, made = own_data.settings(), made_anew(monkeypatch)
    with pytest.raises(ImageError, match="7 of 10 images cannot be used: .*chest0.png: the file is empty") as caught:
        write_images(list_images(settings), settings, tmp_path / "out")
    assert str(caught.value).count("the file is empty") == 5
    assert str(caught.value).endswith(f"and 2 more, listed in {tmp_path / 'out' / 'unreadable.csv'}")
    assert made == [] and len(pd.read_csv(tmp_path / "out" / "unreadable.csv")) == 7


def test_bad_pixels_are_named_after_the_good_images_are_done(own_data, tmp_path):
    path = own_data.folder / "pictures" / "chest4.png"
    path.write_bytes(path.read_bytes()[:200])
    settings = own_data.settings()
    with pytest.raises(ImageError, match="1 of 10 images cannot be used: .*chest4.png: cannot be read as an image"):
        write_images(list_images(settings), settings, tmp_path / "out")
    assert len(stored(tmp_path / "out")) == 9
    Image.fromarray(np.eye(24, dtype=np.uint8) * 200).save(path)
    assert write_images(list_images(settings), settings, tmp_path / "out").reused == 9
    assert not (tmp_path / "out" / "unreadable.csv").exists()


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
    eight, sixteen, rgba, wide = (stored(tmp_path / "out")[f"chest{number}"] for number in range(4))
    assert np.array_equal(eight, ramp)
    assert np.array_equal(sixteen, ramp)
    assert np.array_equal(rgba, ramp)
    assert np.array_equal(wide[8:24], ramp[:16])
    assert wide[:8].max() == wide[24:].max() == 0


def test_a_full_disk_is_told_at_once(own_data, tmp_path, monkeypatch):
    def full(*_, **__):
        raise DiskError("the disk is full")

    monkeypatch.setattr("helpers.pixels.PixelFile.write", full)
    with pytest.raises(DiskError, match="full"):
        build(own_data.settings(), tmp_path / "cohort")
    assert not (tmp_path / "cohort" / "cohort.csv").exists()
