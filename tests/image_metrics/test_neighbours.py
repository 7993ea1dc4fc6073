"""Neighbours agree with distances written out, whatever the size of a block."""

import numpy as np
import pytest

from helpers.errors import MetricError
from helpers.image_metrics import neighbours
from helpers.image_metrics.neighbours import nearest, nearest_by_axes, neighbour_radii, squared_distances


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


def pictures(count, seed=0, size=8):
    """Images uint8 that differ in six smooth patterns and in noise."""
    dice = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).standard_normal((6, size * size)).cumsum(axis=1) * 4
    levels = 128 + dice.standard_normal((count, 6)) @ patterns + dice.normal(0, 4, (count, size * size))
    return np.clip(levels, 0, 255).astype(np.uint8).reshape(count, size, size)


def by_all_pixels(points, known):
    """Distances (n, m) of images by their pixels in 0..1."""
    flat = [part.reshape(len(part), -1).astype(float) / 255 for part in (points, known)]
    return np.sqrt(((flat[0][:, None] - flat[1]) ** 2).sum(axis=2))


def test_the_nearest_row_is_found_in_full_where_there_is_little_to_do():
    points, known = pictures(5, seed=1), pictures(40)
    distances = by_all_pixels(points, known)
    row, distance, proven = nearest(points, known)
    assert row.tolist() == distances.argmin(axis=1).tolist() and proven.all()
    np.testing.assert_allclose(distance, distances.min(axis=1), rtol=1e-5)


@pytest.mark.parametrize("search", [nearest, nearest_by_axes])
def test_the_nearest_other_row_is_never_the_row_itself(search):
    known = np.concatenate([pictures(30), pictures(30)[:1]])  # the last is a copy of the first
    distances = by_all_pixels(known, known)
    np.fill_diagonal(distances, np.inf)
    asked = np.array([0, 7, 30])
    row, distance, _ = search(asked, known, others=True)
    assert row.tolist() == [30, distances[7].argmin(), 0]
    np.testing.assert_allclose(distance, distances[asked].min(axis=1), atol=1e-6)


def test_components_first_and_pixels_last_find_the_same_neighbours_with_proof():
    points, known = pictures(50, seed=1), pictures(400)
    distances = by_all_pixels(points, known)
    row, distance, proven = nearest_by_axes(points, known)
    assert row.tolist() == distances.argmin(axis=1).tolist() and proven.all()
    np.testing.assert_allclose(distance, distances.min(axis=1), rtol=1e-6)


def test_what_is_called_proven_is_the_nearest_even_of_few_candidates(monkeypatch):
    monkeypatch.setattr(neighbours, "AXES", 3)  # too few: much lies in the remainder
    points, known = pictures(200, seed=1), pictures(400)
    row, _, proven = nearest_by_axes(points, known, rounds=(4,))
    assert 0.05 < proven.mean() < 0.95
    assert (row == by_all_pixels(points, known).argmin(axis=1))[proven].all()


def test_components_are_used_only_where_distances_in_full_are_too_many(monkeypatch):
    monkeypatch.setattr(neighbours, "nearest_by_axes", lambda *_: "by axes")
    assert nearest(pictures(3), pictures(9)) != "by axes"
    monkeypatch.setattr(neighbours, "MOST_PRODUCTS", 3 * 9 * 64 - 1)
    assert nearest(pictures(3), pictures(9)) == "by axes"
