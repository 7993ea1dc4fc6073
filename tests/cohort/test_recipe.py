import hashlib

import numpy as np
import pytest
from PIL import Image

from helpers.cohort.preprocess import read_file
from helpers.cohort.recipe import Recipe
from helpers.pixels import PixelFile


def test_an_image_is_written_and_recorded_with_its_key_digest_and_facts_and_a_bad_one_is_complained_of(tmp_path):
    def read(source):
        return read_file(source)[0], {"side": "left"}

    ramp = np.arange(400, dtype=np.uint32).reshape(20, 20) % 256
    Image.fromarray(ramp.astype(np.uint8)).save(tmp_path / "chest.png")
    file = PixelFile.create(tmp_path / "images.npy", 2, 16)
    tasks = [("one", 1, str(tmp_path / "chest.png"), "key"), ("two", 0, str(tmp_path / "nowhere.png"), "other")]
    count, records, complaints = Recipe(read, 16, "pad", None, file).make_many(tasks)
    assert (count, complaints) == (2, {"two": f"{tmp_path / 'nowhere.png'}: no such image"})
    digest = hashlib.sha256(np.load(tmp_path / "images.npy")[1]).hexdigest()
    assert records == {"one": {"key": "key", "sha256": digest, "facts": {"side": "left"}}}
    assert not np.load(tmp_path / "images.npy")[0].any()


@pytest.mark.parametrize(("window", "alike"), [(None, False), ((0, 100), True)])
def test_a_jpeg_file_is_decoded_no_finer_than_needed_unless_percentiles_of_all_pixels_are_wanted(
    tmp_path, window, alike
):
    dice = np.random.default_rng(0)
    Image.fromarray(dice.integers(0, 256, (256, 200), dtype=np.uint8)).save(tmp_path / "chest.jpg")
    file = PixelFile.create(tmp_path / "images.npy", 2, 16)
    for row, read in enumerate((read_file, lambda source: read_file(source))):
        Recipe(read, 16, "pad", window, file).make(row, str(tmp_path / "chest.jpg"))
    scaled, full = np.load(tmp_path / "images.npy").astype(int)
    assert np.array_equal(scaled, full) == alike
    assert np.abs(scaled - full).max() < 12  # of noise, the worst case
