"""Every class of generator answers whatever the interface asks; one that cannot do a thing says so with None."""

import numpy as np
import pytest

from helpers.findings import ORIGINAL
from helpers.generators.external import External
from helpers.generators.gan import Gan
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.text_to_image import TextToImage

CELLS = ORIGINAL.cells
condition = ORIGINAL.condition

PRESENT, ABSENT = condition(CELLS[0]), condition(CELLS[1])


class Plain(ImageGenerator):
    """Can do what every generator must, and no more."""

    sha256 = ""

    def sample(self, condition, seeds):
        return np.zeros((len(seeds), 4, 4), np.float32)


def test_a_generator_that_only_samples_has_no_words_no_stock_and_no_way_between_conditions():
    plain = Plain()
    assert plain.templates == () and plain.prompt(PRESENT) is None
    assert plain.available(PRESENT) is None and plain.walk((ABSENT, PRESENT), 1, [0, 1]) is None


def test_a_generator_that_cannot_sample_is_none():
    with pytest.raises(TypeError, match="sample"):
        ImageGenerator()


@pytest.mark.parametrize(
    ("kind", "abilities"),
    [
        (Gan, {"walk"}),
        (TextToImage, {"prompt", "walk"}),
        (External, {"available"}),
    ],
)
def test_each_class_has_its_abilities_and_no_others(kind, abilities):
    assert issubclass(kind, ImageGenerator)
    able = {
        name for name in ("prompt", "available", "walk") if getattr(kind, name) is not getattr(ImageGenerator, name)
    }
    assert able == abilities
