import json

import numpy as np
from PIL import Image

from helpers.cohort.preprocess import read_file
from helpers.cohort.recipe import Recipe
from helpers.files import sha256


def test_an_image_is_written_and_recorded_with_its_key_digest_and_facts_and_a_bad_one_is_complained_of(tmp_path):
    def read(source):
        return read_file(source)[0], {"side": "left"}

    ramp = np.arange(400, dtype=np.uint32).reshape(20, 20) % 256
    Image.fromarray(ramp.astype(np.uint8)).save(tmp_path / "chest.png")
    recipe = Recipe(read, 16, "pad", None, tmp_path / "out")
    tasks = [("one", str(tmp_path / "chest.png"), "key"), ("two", str(tmp_path / "nowhere.png"), "other")]
    count, records, complaints = recipe.make_many(tasks)
    written = tmp_path / "out" / "images" / "one.png"
    assert (count, complaints) == (2, [f"{tmp_path / 'nowhere.png'}: no such image"])
    assert records == {"one": {"key": "key", "sha256": sha256(written), "facts": {"side": "left"}}}
    assert [json.loads(path.read_text()) for path in (tmp_path / "out" / ".made").iterdir()] == [records]
