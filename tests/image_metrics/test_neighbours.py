"""Neighbours agree with distances written out, whatever the size of a block."""

import numpy as np
import pytest

from helpers.errors import MetricError
from helpers.image_metrics import neighbours
from helpers.image_metrics.neighbours import neighbour_radii, squared_distances


def _features(n, seed):
    return np.random.default_rng(seed).normal(size=(n, 4))


@pytest.mark.parametrize("block_bytes", [1, 8 * 30 * 7, 1e9])
def test_blocks_of_any_size_make_up_all_distances(monkeypatch, block_bytes):
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", block_bytes)
    first, second = _features(20, 1), _features(30, 2)
    found = np.empty((20, 30))
    for rows, block in squared_distances(first, second):
        found[rows] = block
    every = ((first[:, None] - second) ** 2).sum(axis=2)
    np.testing.assert_allclose(found, every, atol=1e-12)


def test_an_image_is_not_its_own_neighbour():
    points = np.array([[0.0], [1.0], [3.0]])
    np.testing.assert_allclose(neighbour_radii(points, 1), [1, 1, 4])


@pytest.mark.parametrize("k", [0, 3])
def test_more_images_than_neighbours_are_needed(k):
    with pytest.raises(MetricError, match=f"k = {k}"):
        neighbour_radii(np.zeros((3, 2)), k)
