"""Outlines of planted discs are found on images that were not learned from."""

import numpy as np
import pytest
import torch

from helpers.errors import MetricError
from helpers.image_metrics.segmentation import UNet, as_tensors, outlines, overlap_loss, train_outlines


def _discs(n, seed, size=32):
    """Images with a bright disc, and its mask (n, 1, size, size)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:size, :size]
    places, radii = rng.uniform(10, size - 10, (n, 2, 1, 1)), rng.uniform(4, 8, (n, 1, 1))
    masks = (rows - places[:, 0]) ** 2 + (columns - places[:, 1]) ** 2 < radii**2
    images = 60 + 90 * masks + rng.normal(0, 10, masks.shape)
    return np.clip(images, 0, 255).astype(np.uint8), masks[:, None]


@pytest.fixture(scope="module")
def network():
    return train_outlines(*_discs(128, 1), epochs=12, seed=1)


def test_discs_are_outlined(network):
    images, masks = _discs(32, 2)
    found = outlines(network, images)
    assert found.shape == masks.shape and found.dtype == bool
    assert 2 * (found & masks).sum() / (found.sum() + masks.sum()) > 0.85


def test_exposure_matters_little(network):
    images = _discs(8, 3)[0]
    darker = np.rint(images * 0.6 + 20).astype(np.uint8)
    first, second = outlines(network, images), outlines(network, darker)
    assert (first != second).mean() < 0.01


def test_the_same_seed_gives_the_same_weights():
    images, masks = _discs(16, 1)
    first, second = (train_outlines(images, masks, epochs=1, seed=4).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_perfect_outline_costs_nothing():
    truth = torch.from_numpy(_discs(4, 1)[1].astype(np.float32))
    assert overlap_loss(40 * (truth - 0.5), truth) < 1e-3 < overlap_loss(40 * (0.5 - truth), truth)


def test_any_size_of_16_is_outlined_and_others_are_refused():
    assert UNet(3)(torch.zeros(2, 1, 48, 48)).shape == (2, 3, 48, 48)
    with pytest.raises(MetricError, match="multiple of 16"):
        train_outlines(np.zeros((16, 20, 20), dtype=np.uint8), np.zeros((16, 1, 20, 20), dtype=bool), 1, 1)
    with pytest.raises(MetricError, match="at least 16"):
        train_outlines(np.zeros((3, 32, 32), dtype=np.uint8), np.zeros((3, 1, 32, 32), dtype=bool), 1, 1)


def test_what_is_learned_from_may_be_changed_on_the_way():
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (16, 32, 32), dtype=np.uint8)
    masks = images[:, None] > 127
    seen = []

    def inverted(batch, truth, _):
        seen.append(len(batch))
        return as_tensors(255 - batch, truth, _)

    plain, other = train_outlines(images, masks, 2, 1), train_outlines(images, masks, 2, 1, inverted)
    assert seen == [16, 16]
    assert not np.array_equal(plain.head.weight.numpy(), other.head.weight.numpy())
