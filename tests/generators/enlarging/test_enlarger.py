import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch.nn import functional

from helpers.errors import CheckpointError, ParameterError, SampleError
from helpers.generators.enlarging.enlarger import Enlarged, Enlarger, EnlargerShape, enlarged, load, reduced, save
from helpers.generators.image_generator import ImageGenerator

SHAPE = EnlargerShape(size=8, factor=4, fold=2, width=8, blocks=1)


class Small(ImageGenerator):
    """Draws gray images that tell their seed."""

    sha256, findings, templates = "small", ("pleural_effusion",), ()

    def __init__(self, size: int = 8):
        self.size = size

    def sample(self, condition, seeds, level=1.0):
        return np.stack([np.full((self.size, self.size), level * (seed % 7) / 8, dtype=np.float32) for seed in seeds])

    def walk(self, ends, seed, shares, **options):
        return self.sample(ends[0], [seed] * len(shares), **options)


@pytest.mark.parametrize(("factor", "fold"), [(1, 4), (2, 2), (4, 2), (4, 4), (8, 2)])
def test_its_encoder_takes_means_and_folds(factor, fold):
    shape = EnlargerShape(size=8, factor=factor, fold=fold, width=8, blocks=1)
    images = torch.rand(2, 1, 8 * factor, 8 * factor) * 2 - 1
    (latents,) = Enlarger(shape).autoencoder.encode(images, return_dict=False)
    wanted = functional.pixel_unshuffle(reduced(images, factor), fold)
    torch.testing.assert_close(latents, wanted, atol=1e-6, rtol=0)


def test_it_enlarges_a_small_image_as_its_autoencoder_decodes_the_folded_one(enlarger):
    images = torch.rand(2, 1, 8, 8) * 2 - 1
    made = enlarger(images)
    assert made.shape == (2, 1, 32, 32)
    assert torch.equal(made, enlarger.autoencoder.decode(functional.pixel_unshuffle(images, 2)).sample)


def test_only_the_decoder_learns():
    learning = {name for name, weights in Enlarger(SHAPE).named_parameters() if weights.requires_grad}
    assert learning and all(name.startswith("autoencoder.decoder.") for name in learning)


def test_what_is_enlarged_from_its_reduction_keeps_its_means():
    flat = torch.full((1, 1, 16, 16), 0.25)
    torch.testing.assert_close(enlarged(reduced(flat, 4), 4), flat)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": 0}, "size"),
        ({"factor": 0}, "factor"),
        ({"width": 0}, "width"),
        ({"blocks": 0}, "blocks"),
        ({"factor": 3}, "factor = 3: must be a power of 2"),
        ({"fold": 1}, "fold = 1, width = 32: fold must be 2 or more"),
        ({"width": 12}, "width = 12: .* a multiple of 8"),
        ({"fold": 8, "width": 8}, "width = 8: .* a multiple of 16"),
        ({"fold": 6}, "fold = 6: must be a power of 2"),
        ({"size": 10}, "drawn_size = 10: must be a multiple of fold = 4"),
    ],
)
def test_a_shape_that_cannot_be_built_is_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        EnlargerShape(**{"size": 8, "factor": 4} | wrong)


def test_a_saved_one_comes_back_to_the_bit(enlarger, tmp_path):
    save(tmp_path, enlarger, {"images_seen": 7})
    found = load(tmp_path)
    images = torch.rand(1, 1, 8, 8)
    assert torch.equal(found(images), enlarger(images))
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
    right = asdict(SHAPE)
    for other in (right | {"factor": 2}, {"size": 8}, right | {"size": "eight"}):
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
    assert not np.array_equal(together[0], together[1])


def test_a_walk_is_enlarged_and_one_that_there_is_not_stays_none(enlarger, monkeypatch):
    ends, small = (np.array([0], dtype=np.int8), np.array([1], dtype=np.int8)), Small()
    walked = Enlarged(small, enlarger).walk(ends, 4, [0, 1])
    assert np.array_equal(walked[0], Enlarged(small, enlarger).sample(ends[0], [4])[0])
    monkeypatch.setattr(small, "walk", lambda *_, **__: None)
    assert Enlarged(small, enlarger).walk(ends, 4, [0, 1]) is None


def test_its_digest_is_of_both(enlarger):
    first, other = Small(), Small()
    other.sha256 = "other"
    others = Enlarger(enlarger.shape)
    digests = {Enlarged(*pair).sha256 for pair in ((first, enlarger), (other, enlarger), (first, others))}
    assert len(digests) == 3
    assert Enlarged(first, enlarger).sha256 in digests


def test_images_of_another_size_are_refused(enlarger):
    with pytest.raises(SampleError, match="draws 16 x 16 pixels, and its enlarger takes 8 x 8"):
        Enlarged(Small(16), enlarger).sample(np.array([1], dtype=np.int8), [1])
