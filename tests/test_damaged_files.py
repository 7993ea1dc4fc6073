"""Whatever has happened to a params file, an image, weights or a store of images: read, or said in a StudyError."""

import contextlib

import numpy as np
import pytest
import torch
import yaml
from damage import DAMAGES, damaged
from hypothesis import HealthCheck, given, settings
from PIL import Image

from helpers.chain import checked_params
from helpers.errors import StudyError
from helpers.files import read_gray
from helpers.findings import ORIGINAL, Findings
from helpers.generators import described_weights
from helpers.grid import read_grid
from helpers.pixels import INDEX, PIXELS, ImageStore, read_image
from helpers.runs import NOTEBOOKS

GRAY = np.arange(20 * 24, dtype=np.uint8).reshape(20, 24)


def params(folder):
    text = (NOTEBOOKS / "params" / "test.yaml").read_text()
    (folder / "study.yaml").write_text(text)
    return folder / "study.yaml", checked_params


def grid(folder):
    said = {"params": "notebooks/params/test.yaml", "grid": {"04_sample.guidance": [1.0, 3.0], "seed": [1, 2]}}
    (folder / "grid.yaml").write_text(yaml.safe_dump(said))
    return folder / "grid.yaml", read_grid


def findings(folder):
    ORIGINAL.write(folder / "findings.json")
    return folder / "findings.json", Findings.read


def picture(ending):
    def write(folder):
        Image.fromarray(GRAY).save(folder / f"image.{ending}")
        return folder / f"image.{ending}", read_gray

    return write


def weights(part):
    def write(folder):
        described_weights.write(folder, {"layer": torch.zeros(3, 4)}, {"width": 4})

        def read(_):
            with described_weights.reading(folder, "GAN", "02_train_gan") as (description, tensors):
                return tensors["layer"].reshape(3, description["width"])

        return folder / part, read

    return write


def images(part):
    def write(folder):
        store = ImageStore(folder)
        store.arrange(dict.fromkeys("abcd", "key"), size=16)
        noted = {name: store.put(name, np.full((16, 16), place, np.uint8)) for place, name in enumerate("abcd")}
        store.note({name: {"key": "key", "sha256": digest, "facts": {}} for name, digest in noted.items()})
        store.finish()

        def read(_):
            rows = ImageStore(folder).whole(dict.fromkeys("abcd", "key"))
            for name, row in rows.items():
                assert (read_image(f"{folder / PIXELS}#{row}") * 255 == "abcd".index(name)).all()

        return folder / part, read

    return write


FILES = {
    "params": params,
    "grid": grid,
    "findings": findings,
    **{f"image.{ending}": picture(ending) for ending in ("png", "jpg", "tiff", "bmp")},
    **{part: weights(part) for part in (described_weights.WEIGHTS, described_weights.DESCRIPTION)},
    **{part: images(part) for part in (PIXELS, INDEX)},
}


@pytest.fixture(scope="module", params=FILES)
def file(request, tmp_path_factory):
    """A sound file, and what reads it."""
    return FILES[request.param](tmp_path_factory.mktemp("files"))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(DAMAGES)
def test_damaged_it_is_read_or_the_error_says_so(file, damage):
    path, read = file
    with damaged(path, damage), contextlib.suppress(StudyError):
        read(path)


def test_a_date_that_there_is_not_is_no_yaml(tmp_path):
    (tmp_path / "study.yaml").write_text("01_cohort: {seed: 2026-13-45}\n")
    with pytest.raises(StudyError, match="is not valid YAML"):
        checked_params(tmp_path / "study.yaml")
