"""Images by name in one file: read as they were written, and only whole ones are taken for whole."""

import errno
import json
import os

import numpy as np
import pytest

from helpers import pixels
from helpers.errors import DiskError, ImageError
from helpers.files import write_png
from helpers.pixels import ImageStore, PixelFile, place, place_of, read_image


def picture(number, size=8):
    """Noise that belongs to a number."""
    return np.random.default_rng(number).integers(0, 256, (size, size), dtype=np.uint8)


def filled(folder, names="abcd", key="key"):
    """A store with an image for every letter, ``picture(0)`` and so on."""
    store = ImageStore(folder)
    store.arrange(dict.fromkeys(names, key), 8)
    for number, name in enumerate(names):
        store.note({name: {"key": key, "sha256": store.put(name, picture(number)), "facts": {"number": number}}})
    store.finish()
    return store


def test_numpy_opens_the_file_and_tables_name_its_rows(tmp_path):
    filled(tmp_path)
    assert np.array_equal(np.load(tmp_path / "images.npy", mmap_mode="r")[2], picture(2))
    path = place(tmp_path / "images.npy", 2)
    assert place_of(path) == (tmp_path / "images.npy", 2)
    assert np.array_equal(np.rint(read_image(path) * 255), picture(2))


def test_a_picture_file_of_its_own_is_an_image_of_a_table_too(tmp_path):
    write_png(tmp_path / "one.png", picture(0) / 255)
    assert place_of(tmp_path / "one.png") is None
    assert np.array_equal(np.rint(read_image(tmp_path / "one.png") * 255), picture(0))


def test_rows_are_read_in_the_order_that_was_asked_for(tmp_path):
    file = filled(tmp_path).file
    assert np.array_equal(file[[3, 0, 3]], [picture(3), picture(0), picture(3)])
    assert file[[]].shape == (0, 8, 8)


@pytest.mark.parametrize("row", [4, -1])
def test_a_row_that_is_not_there_is_named(tmp_path, row):
    filled(tmp_path)
    with pytest.raises(ImageError, match=rf"images.npy#{row}: no such image"):
        PixelFile.open(tmp_path / "images.npy")[[row]]


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (lambda path: path.unlink(), "cannot be read as a file of images"),
        (lambda path: path.write_text("no numbers"), "cannot be read as a file of images"),
        (lambda path: np.save(path, np.zeros((2, 8, 8))), "holds float64 of shape"),
        (lambda path: np.save(path, np.zeros((2, 8, 9), np.uint8)), r"uint8 of shape \(2, 8, 9\)"),
    ],
)
def test_a_file_that_holds_no_images_is_named(tmp_path, harm, complaint):
    filled(tmp_path)
    harm(tmp_path / "images.npy")
    with pytest.raises(ImageError, match=complaint):
        read_image(place(tmp_path / "images.npy", 0))


def test_what_is_there_is_found_again_with_its_facts(tmp_path):
    filled(tmp_path)
    kept = ImageStore(tmp_path).arrange(dict.fromkeys("abcd", "key"), 8)
    assert [(name, record["row"], record["facts"]) for name, record in kept.items()] == [
        (name, number, {"number": number}) for number, name in enumerate("abcd")
    ]


def test_an_image_made_from_something_else_is_not_kept(tmp_path):
    filled(tmp_path)
    assert set(ImageStore(tmp_path).arrange({"a": "key", "b": "other", "c": "key", "d": "key"}, 8)) == set("acd")
    assert ImageStore(tmp_path).arrange(dict.fromkeys("abcd", "key"), 16) == {}


def test_rows_follow_the_names_when_some_come_and_go(tmp_path):
    filled(tmp_path)
    store = ImageStore(tmp_path)
    assert set(store.arrange(dict.fromkeys("dxb", "key"), 8)) == set("db")
    assert np.array_equal(store.file[[0, 1, 2]], [picture(3), np.zeros((8, 8)), picture(1)])


def test_images_that_are_alike_do_not_move(tmp_path):
    store = ImageStore(tmp_path)
    store.arrange(dict.fromkeys("ab", "key"), 8)
    for name in "ab":
        store.note({name: {"key": "key", "sha256": store.put(name, picture(0)), "facts": {}}})
    written = (tmp_path / "images.npy").stat().st_ino
    assert len(ImageStore(tmp_path).arrange(dict.fromkeys("ab", "key"), 8)) == 2
    assert (tmp_path / "images.npy").stat().st_ino == written


def flip_a_pixel(folder):
    """Change the second image, as a bad disk does."""
    levels = np.load(folder / "images.npy", mmap_mode="r+")
    levels[1, 0, 0] ^= 1


@pytest.mark.parametrize(
    ("harm", "kept"),
    [
        (flip_a_pixel, "acd"),
        (lambda folder: os.truncate(folder / "images.npy", (folder / "images.npy").stat().st_size - 10), "abc"),
        (lambda folder: os.truncate(folder / "images.jsonl", (folder / "images.jsonl").stat().st_size - 10), "abc"),
        (lambda folder: (folder / "images.npy").unlink(), ""),
        (lambda folder: (folder / "images.jsonl").write_text("{}\n[]\n\x00\n"), ""),
    ],
    ids=["pixel", "pixels cut off", "line cut off", "pixels lost", "index damaged"],
)
def test_only_whole_images_are_kept_and_the_others_can_be_put(tmp_path, harm, kept):
    filled(tmp_path)
    harm(tmp_path)
    store = ImageStore(tmp_path)
    assert set(store.arrange(dict.fromkeys("abcd", "key"), 8)) == set(kept)
    for number, name in enumerate("abcd"):
        if name not in kept:
            store.note({name: {"key": "key", "sha256": store.put(name, picture(number)), "facts": {}}})
    store.finish()
    assert np.array_equal(store.file[range(4)], [picture(number) for number in range(4)])
    assert [json.loads(line)["image_id"] for line in store.index.read_text().splitlines()] == list("abcd")


def test_an_image_of_which_nothing_was_noted_counts_for_nothing(tmp_path):
    store = ImageStore(tmp_path)
    store.arrange({"a": "key"}, 8)
    store.put("a", picture(0))
    assert ImageStore(tmp_path).arrange({"a": "key"}, 8) == {}


@pytest.mark.parametrize("written", ["images.npy", "images.jsonl"])
def test_stopped_between_pixels_and_index_nothing_is_lost(tmp_path, monkeypatch, written):
    """The two files cannot change at the same moment; either may be the older one."""
    filled(tmp_path)
    before = (tmp_path / written).read_bytes()
    ImageStore(tmp_path).arrange(dict.fromkeys("dcba", "key"), 8)
    (tmp_path / written).write_bytes(before)
    assert set(ImageStore(tmp_path).arrange(dict.fromkeys("dcba", "key"), 8)) == set("abcd")


def test_what_an_earlier_attempt_left_is_removed(tmp_path):
    filled(tmp_path)
    (tmp_path / ".images-half.npy").write_bytes(b"half")
    ImageStore(tmp_path).arrange({"a": "key"}, 8)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images.jsonl", "images.npy"]


def test_without_a_size_the_first_image_gives_it_and_others_must_have_it(tmp_path):
    store = ImageStore(tmp_path)
    assert store.arrange({"a": "key", "b": "key"}) == {}
    store.put("a", picture(0, size=16))
    with pytest.raises(ImageError, match="images.npy#1: 8 x 8 pixels where 16 x 16 are needed"):
        store.put("b", picture(1))


def test_damaged_images_are_named(tmp_path):
    store = filled(tmp_path)
    assert store.damaged() == []
    flip_a_pixel(tmp_path)
    assert store.damaged() == ["b"]


def test_a_disk_without_room_says_so_before_anything_is_made(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(pixels.os, "posix_fallocate", full, raising=False)
    with pytest.raises(DiskError, match="images.npy: the disk is full"):
        ImageStore(tmp_path).arrange({"a": "key"}, 8)
    assert not any(tmp_path.iterdir())
