import json

import numpy as np
import pytest
import torch

from helpers.errors import CheckpointError, ParameterError, SampleError
from helpers.generators.enlarging.enlarger import Enlarged, Enlarger, EnlargerShape, enlarged, load, reduced, save
from helpers.generators.image_generator import ImageGenerator


class Small(ImageGenerator):
    """Draws gray images that tell their seed."""

    sha256, findings, templates = "small", ("pleural_effusion",), ()

    def __init__(self, size: int = 8):
        self.size = size

    def sample(self, condition, seeds, level=1.0):
        return np.stack([np.full((self.size, self.size), level * (seed % 7) / 8, dtype=np.float32) for seed in seeds])

    def walk(self, ends, seed, shares, **options):
        return self.sample(ends[0], [seed] * len(shares), **options)


def test_before_training_it_enlarges_and_adds_nothing():
    images, noise = torch.rand(2, 1, 8, 8), torch.randn(2, 1, 8, 8)
    made = Enlarger(EnlargerShape(size=8, factor=4))(images, noise)
    torch.testing.assert_close(made, enlarged(images, 4))
    assert made.shape == (2, 1, 32, 32)


def test_what_is_enlarged_from_its_reduction_keeps_its_means():
    flat = torch.full((1, 1, 16, 16), 0.25)
    torch.testing.assert_close(enlarged(reduced(flat, 4), 4), flat)


def test_details_depend_on_the_noise(enlarger):
    images = torch.zeros(1, 1, 8, 8)
    first, second = (enlarger(images, torch.full_like(images, level)) for level in (-1.0, 1.0))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"factor": 0}, {"width": 0}, {"blocks": 0}])
def test_a_shape_without_room_is_refused(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        EnlargerShape(**{"size": 8, "factor": 4} | wrong)


def test_a_saved_one_comes_back_to_the_bit(enlarger, tmp_path):
    save(tmp_path, enlarger, {"images_seen": 7})
    found = load(tmp_path)
    images, noise = torch.rand(1, 1, 8, 8), torch.randn(1, 1, 8, 8)
    assert torch.equal(found(images, noise), enlarger(images, noise))
    assert json.loads((tmp_path / "model.json").read_text())["images_seen"] == 7


def test_what_is_missing_damaged_or_foreign_is_named(enlarger, tmp_path):
    with pytest.raises(CheckpointError, match=r"model\.safetensors: missing; run notebooks/02_train_enlarger"):
        load(tmp_path)
    save(tmp_path, enlarger, {})
    whole = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[:-9])
    with pytest.raises(CheckpointError, match="SHA-256 is not the one"):
        load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(whole)
    described = json.loads((tmp_path / "model.json").read_text())
    for other in ({"size": 8, "factor": 2, "width": 4, "blocks": 1}, {"size": 8}, {"size": "eight", "factor": 4}):
        (tmp_path / "model.json").write_text(json.dumps(described | {"shape": other}))
        with pytest.raises(CheckpointError, match="no enlarger of this software"):
            load(tmp_path)


def test_an_enlarged_generator_is_asked_as_the_small_one_is(enlarger):
    whole = Enlarged(Small(), enlarger)
    images = whole.sample(np.array([1], dtype=np.int8), [3, 4], level=0.5)
    assert images.shape == (2, 32, 32) and images.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 1
    assert whole.findings == ("pleural_effusion",)
    assert whole.modules == (Small.__module__, Enlarged.__module__)


def test_an_image_is_the_same_whatever_is_asked_for_with_it(enlarger):
    whole, condition = Enlarged(Small(), enlarger), np.array([1], dtype=np.int8)
    together, alone = whole.sample(condition, [3, 4, 11]), whole.sample(condition, [4])
    assert np.array_equal(together[1], alone[0])
    assert not np.array_equal(together[1], together[2])  # as small images these are equal: details come from the seed


def test_a_walk_keeps_its_details(enlarger):
    ends = (np.array([0], dtype=np.int8), np.array([1], dtype=np.int8))
    walked = Enlarged(Small(), enlarger).walk(ends, 4, [0, 1])
    assert np.array_equal(walked[0], walked[1])


def test_its_digest_is_of_both(enlarger):
    first, other = Small(), Small()
    other.sha256 = "other"
    untrained = Enlarger(enlarger.shape)
    digests = {Enlarged(*pair).sha256 for pair in ((first, enlarger), (other, enlarger), (first, untrained))}
    assert len(digests) == 3
    assert Enlarged(first, enlarger).sha256 in digests


def test_images_of_another_size_are_refused(enlarger):
    with pytest.raises(SampleError, match="draws 16 x 16 pixels, and its enlarger takes 8 x 8"):
        Enlarged(Small(16), enlarger).sample(np.array([1], dtype=np.int8), [1])
