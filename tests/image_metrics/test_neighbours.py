"""Neighbours agree with distances written out, whatever the size of a block."""

import numpy as np
import pytest

from helpers.errors import MetricError
from helpers.image_metrics import neighbours
from helpers.image_metrics.neighbours import Search, neighbour_radii, squared_distances


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


def test_the_nearest_row_and_its_distance_are_those_of_all_distances():
    points, known = _features(5, 1), _features(40, 2)
    distances = np.sqrt(((points[:, None] - known) ** 2).sum(axis=2))
    row, distance, proven = Search(known).nearest(points)
    assert row.tolist() == distances.argmin(axis=1).tolist() and proven.all()
    np.testing.assert_allclose(distance, distances.min(axis=1))


def test_images_are_compared_by_pixels_from_0_to_1():
    known = np.full((2, 3, 3), [[[0]], [[255]]], dtype=np.uint8)
    row, distance, _ = Search(known).nearest(np.full((1, 3, 3), 204, dtype=np.uint8))
    assert row.tolist() == [1] and distance == pytest.approx(3 * 0.2)


def test_the_nearest_other_row_is_never_the_row_itself():
    known = np.concatenate([_features(30, 1), _features(30, 1)[:1]])  # the last is a copy of the first
    row, distance, _ = Search(known).nearest_other(np.array([0, 7, 30]))
    assert [row[0], row[2]] == [30, 0] and row[1] != 7
    np.testing.assert_allclose(distance, np.sqrt(neighbour_radii(known, 1))[[0, 7, 30]], atol=1e-7)
