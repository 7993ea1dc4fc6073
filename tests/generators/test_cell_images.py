"""A source's images follow from seed, source, cell and number; output that is no image is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import SampleError
from helpers.findings import ORIGINAL, Findings
from helpers.generators.cell_images import check, image_rows, image_seed, make
from helpers.generators.image_generator import ImageGenerator

CELLS = ORIGINAL.cells

ONE = Findings.from_section(["atelectasis"])
ROWS = {"findings": ONE, "per_cell": 5, "seed": 1, "guidance": None}


class Told(ImageGenerator):
    """Two templates, and noise in which the template is the brightness."""

    sha256, templates = "a" * 64, ("short", "long")

    def prompt(self, condition, template):
        return f"{template} {condition[0]}"

    def sample(self, condition, seeds, template, scale=1.0):
        images = [np.random.default_rng(seed).random((8, 8)) for seed in seeds]
        return np.float32(images) * scale * (0.5 if template == "short" else 1)


class Stock(ImageGenerator):
    """Three images of every cell."""

    sha256 = "b" * 64

    def available(self, condition):
        return 3

    def sample(self, condition, seeds):
        return np.float32([np.eye(8) * (seed + 1) / 8 for seed in seeds])


@given(st.sampled_from(CELLS), st.integers(0, 99_999), st.sampled_from(["gan", "diffusion"]))
def test_seeds_fit_a_table_and_differ(cell, index, source):
    seed = image_seed(1, source, cell, index)
    assert 0 <= seed < 2**48 and seed == image_seed(1, source, cell, index)
    others = [(2, source, cell, index), (1, source + "2", cell, index), (1, source, cell, index + 1)]
    assert seed not in [image_seed(*other) for other in others]


def test_templates_take_turns_in_every_cell():
    rows = image_rows(Told(), "words", **ROWS)
    assert [row["template"] for row in rows] == ["short", "long", "short", "long", "short"] * 2
    assert rows[6]["prompt"] == "long 0" and rows[6]["image_id"] == "words-atelectasis_absent-00001"


def test_a_stock_has_rows_for_what_it_has_and_no_seeds():
    rows = image_rows(Stock(), "mine", **ROWS)
    assert len(rows) == 6 and {row["seed"] for row in rows} == {None}


def test_rows_say_where_in_the_file_of_a_source_its_images_lie():
    paths = [row["path"] for row in image_rows(Told(), "words", **ROWS)]
    assert paths == [f"samples/words/images.npy#{number}" for number in range(10)]


def test_images_follow_from_the_seeds_of_their_rows():
    rows = [row for row in image_rows(Told(), "words", **ROWS) if row["template"] == "long"][:2]
    made = make(Told(), rows, ONE, {"scale": 0.5})
    expected = np.random.default_rng(rows[1]["seed"]).random((8, 8)) * 0.5
    assert made.dtype == np.uint8 and np.abs(made[1] / 255 - expected).max() < 1 / 255


def test_images_of_a_stock_are_taken_by_number():
    rows = image_rows(Stock(), "mine", **ROWS)[1:3]
    assert [round(image.max() / 255 * 8) for image in make(Stock(), rows, ONE, {})] == [2, 3]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((2, 8, 8), 0.5), "blank"),
        (np.full((2, 8, 8), np.nan), "not numbers"),
        (np.random.default_rng(0).random((2, 8, 8)) * 2, "not in 0..1"),
        (np.random.default_rng(0).random((2, 8, 9)), "shape"),
        (np.random.default_rng(0).random((1, 8, 8)), "shape"),
    ],
)
def test_output_that_is_no_image_is_refused(images, message):
    with pytest.raises(SampleError, match=f"gan.*{message}"):
        check(images, 2, "gan, AT present")
