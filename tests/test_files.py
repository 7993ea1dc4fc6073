import errno
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from safetensors import SafetensorError

from helpers import files
from helpers.errors import DiskError, ImageError


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    files.write_text(path, "old")
    with pytest.raises(RuntimeError), files.atomic_write(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


FULL = (
    OSError(errno.ENOSPC, "No space left on device"),
    SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
    RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 41536 vs 41424"),
)


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_a_full_disk_is_said_in_words_and_nothing_half_written_stays(tmp_path, monkeypatch, error):
    def full(*_):
        raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskError, match="the disk is full"):
        files.write_text(tmp_path / "table.csv", "content")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_becomes_read_only_is_said_and_not_the_temporary_file(tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "replace", read_only)
    monkeypatch.setattr(type(tmp_path), "unlink", read_only)
    with pytest.raises(DiskError, match=r"table.csv: no permission to write here"):
        files.write_text(tmp_path / "table.csv", "content")


def test_other_faults_of_safetensors_are_not_taken_for_a_full_disk(tmp_path):
    with pytest.raises(SafetensorError), files.disk_errors(tmp_path):
        raise SafetensorError("Error while serializing: I/O error (os error 5)")


def test_the_digest_of_a_folder_changes_with_a_name_and_with_a_byte(tmp_path):
    (tmp_path / "a").write_text("1")
    digests = {files.sha256(tmp_path)}
    (tmp_path / "a").write_text("2")
    digests.add(files.sha256(tmp_path))
    (tmp_path / "a").rename(tmp_path / "b")
    digests.add(files.sha256(tmp_path))
    assert len(digests) == 3


@given(st.integers(1, 20), st.integers(1, 20))
def test_an_image_keeps_its_shape_and_its_levels(tmp_path_factory, height, width):
    path = tmp_path_factory.mktemp("image") / "image.png"
    image = np.random.default_rng(height * 100 + width).integers(0, 256, (height, width)) / 255.0
    files.write_png(path, image)
    np.testing.assert_allclose(files.read_gray(path), image, atol=1e-6)
    assert Image.open(path).info == {}


def test_sixteen_bit_colour_and_transparent_images_become_gray_in_zero_to_one(tmp_path):
    Image.fromarray(np.array([[0, 65535]], dtype=np.uint16)).save(tmp_path / "sixteen.png")
    assert files.read_gray(tmp_path / "sixteen.png").tolist() == [[0.0, 1.0]]
    Image.new("RGBA", (3, 2), (255, 255, 255, 0)).save(tmp_path / "clear.png")
    assert files.read_gray(tmp_path / "clear.png").tolist() == [[1.0] * 3] * 2
    Image.new("P", (2, 2)).save(tmp_path / "palette.png")
    assert files.read_gray(tmp_path / "palette.png").max() == 0.0


def test_images_that_cannot_be_read_are_named(tmp_path):
    good = tmp_path / "good.png"
    files.write_png(good, np.random.default_rng(0).random((40, 40)))
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "truncated.png").write_bytes(good.read_bytes()[:200])
    (tmp_path / "text.png").write_text("not an image")
    for name in ("empty.png", "truncated.png", "text.png", "missing.png"):
        with pytest.raises(ImageError, match=name):
            files.read_gray(tmp_path / name)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_stands_upright_by_its_exif_orientation(tmp_path, orientation):
    upright = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
    stored = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.T}
    stored |= {6: np.rot90(upright), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1)}
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(stored[orientation])).save(tmp_path / "a.png", exif=exif)
    assert np.allclose(files.read_gray(tmp_path / "a.png") * 255, upright)


@pytest.mark.parametrize(("low", "high"), [(-5, 100), (0, 65536)])
def test_values_that_16_bits_cannot_hold_are_refused(tmp_path, low, high):
    Image.fromarray(np.array([[low, high]], dtype=np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(ImageError, match=f"a.tif: values go from {low} to {high}; gray of 16 bits"):
        files.read_gray(tmp_path / "a.tif")


@pytest.mark.parametrize("name", ["two.tiff", "two.gif", "two.png", "two.webp"])
def test_a_file_of_several_images_is_refused(tmp_path, name):
    pages = [Image.new("L", (4, 4), level) for level in (10, 200)]
    pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    with pytest.raises(ImageError, match=f"{name}: holds 2 images"):
        files.read_gray(tmp_path / name)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_tiff_whose_white_is_zero_is_shown_as_it_is_meant(tmp_path, kind):
    most, path = np.iinfo(kind).max, tmp_path / "a.tif"
    Image.fromarray(np.array([[0, most // 4, most]], dtype=kind)).save(path)
    entry = bytes([6, 1, 3, 0, 1, 0, 0, 0])  # PhotometricInterpretation, of which 1 says that black is zero
    assert path.read_bytes().count(entry + b"\x01") == 1
    path.write_bytes(path.read_bytes().replace(entry + b"\x01", entry + b"\x00"))
    assert files.read_gray(path) == pytest.approx(np.array([[1, 0.75, 0]]), abs=0.01)


def test_an_image_of_too_many_pixels_is_named_and_read_where_the_user_trusts_it(tmp_path, monkeypatch):
    Image.new("L", (1000, 1000), 7).save(tmp_path / "large.png")
    with pytest.raises(ImageError, match="large.png: larger than 0.9 million pixels .* raise `max_megapixels` if"):
        files.read_gray(tmp_path / "large.png", max_megapixels=0.9)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 400_000)
    with pytest.raises(ImageError, match="large.png: larger than 178 million pixels"):  # by Pillow's own limit
        files.read_gray(tmp_path / "large.png")
    assert files.read_gray(tmp_path / "large.png", max_megapixels=200).shape == (1000, 1000)


def test_a_link_that_leads_nowhere_and_a_name_that_is_too_long_are_named(tmp_path):
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(ImageError, match="a.png: a link that leads nowhere"):
        files.read_gray(tmp_path / "a.png")
    with pytest.raises(ImageError, match="x.png: cannot be read as an image .*too long"):
        files.read_gray(tmp_path / f"{'x' * 300}.png")


def test_a_file_with_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / f"{'x' * 250}.txt"
    files.write_text(path, "content")
    assert path.read_text() == "content"


def test_files_of_a_folder_leave_out_hidden_names_and_follow_links_once(tmp_path):
    folder, elsewhere = tmp_path / "images", tmp_path / "elsewhere"
    for path in ("images/b.png", "images/._b.png", "images/.DS_Store", "images/.cache/c.png", "elsewhere/a.png"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("1")
    (folder / "link").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(folder)
    (folder / "dead.png").symlink_to(tmp_path / "gone")
    found = [str(path.relative_to(folder)) for path in files.files_in(folder)]
    assert found == ["b.png", "dead.png", "link/a.png"]
    assert files.stamp(folder) == files.stamp(folder)
    with pytest.raises(ImageError, match="gone: this folder cannot be read"):
        list(files.files_in(tmp_path / "gone"))


def test_the_stamp_of_a_folder_tells_every_change_of_its_files_without_opening_them(tmp_path):
    inside = tmp_path / "study" / "p1"
    inside.mkdir(parents=True)
    for name in ("a.png", "b.png"):
        (inside / name).write_text("1")
    (inside / "nowhere").symlink_to(tmp_path / "gone")
    stamps = [files.stamp(tmp_path), files.stamp(tmp_path)]
    assert stamps[0] == stamps[1]
    os.utime(inside / "a.png", ns=(1, 1))
    stamps.append(files.stamp(tmp_path))
    (inside / "a.png").write_text("22")
    os.utime(inside / "a.png", ns=(1, 1))
    stamps.append(files.stamp(tmp_path))
    (inside / "b.png").rename(tmp_path / "b.png")
    stamps.append(files.stamp(tmp_path))
    assert len(set(stamps)) == 4


def test_the_digest_of_a_large_file_is_computed_once_until_it_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGE", 10)
    opened, digest = [], files._digest
    monkeypatch.setattr(files, "_digest", lambda path: opened.append(path.name) or digest(path))
    (tmp_path / "large").write_bytes(b"twenty bytes of this")
    first = files.sha256(tmp_path / "large")
    assert files.sha256(tmp_path / "large") == first and opened == ["large"]
    (tmp_path / "large").write_bytes(b"twenty bytes of that")
    os.utime(tmp_path / "large", ns=(1, 1))
    assert files.sha256(tmp_path / "large") != first


def test_a_jpeg_file_is_decoded_smaller_but_never_below_what_is_needed(tmp_path):
    y, x = np.mgrid[:200, :320]
    Image.fromarray((128 + 100 * np.sin(x / 40) * np.cos(y / 30)).astype(np.uint8)).save(tmp_path / "a.jpg", quality=95)
    Image.open(tmp_path / "a.jpg").save(tmp_path / "a.png")
    shapes = {least: files.read_gray(tmp_path / "a.jpg", least).shape for least in (None, 300, 101, 100, 50, 10)}
    full = (200, 320)
    assert shapes == {None: full, 300: full, 101: full, 100: (100, 160), 50: (50, 80), 10: (25, 40)}
    assert files.read_gray(tmp_path / "a.png", 10).shape == full
    half = files.read_gray(tmp_path / "a.jpg").reshape(100, 2, 160, 2).mean(axis=(1, 3))
    assert np.abs(files.read_gray(tmp_path / "a.jpg", 100) - half).max() < 2 / 255
