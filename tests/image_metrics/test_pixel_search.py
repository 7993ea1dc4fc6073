"""Components first and pixels last find the same neighbours as all distances, or say that they may not."""

import numpy as np
import pytest

from helpers.image_metrics import pixel_search
from helpers.image_metrics.neighbours import Search
from helpers.image_metrics.pixel_search import PixelSearch, search_in
from helpers.pixels import PixelFile


def pictures(count, seed=0, size=8):
    """Images uint8 that differ in six smooth patterns and in noise."""
    dice = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).standard_normal((6, size * size)).cumsum(axis=1) * 4
    levels = 128 + dice.standard_normal((count, 6)) @ patterns + dice.normal(0, 4, (count, size * size))
    return np.clip(levels, 0, 255).astype(np.uint8).reshape(count, size, size)


POINTS, KNOWN = pictures(60, seed=1), np.concatenate([pictures(300), pictures(300)[:1]])  # the last is a copy


def test_the_same_neighbours_are_found_with_proof():
    row, distance, proven = PixelSearch(KNOWN).nearest(POINTS)
    whole = Search(KNOWN).nearest(POINTS)
    assert np.array_equal(row, whole[0]) and proven.all()
    np.testing.assert_allclose(distance, whole[1], rtol=1e-5)


def test_the_nearest_other_image_is_never_the_image_itself():
    row, distance, proven = PixelSearch(KNOWN).nearest_other(np.arange(301))
    assert not (row == np.arange(301)).any() and (row[0], row[300]) == (300, 0) and proven.all()
    np.testing.assert_allclose(distance, Search(KNOWN).nearest_other(np.arange(301))[1], rtol=1e-5, atol=1e-4)


def test_what_is_called_proven_is_the_nearest_however_few_are_compared(monkeypatch):
    monkeypatch.setattr(pixel_search, "AXES", 3)  # too few: much is left out
    row, _, proven = PixelSearch(KNOWN, rounds=(4,)).nearest(POINTS)
    assert 0.05 < proven.mean() < 0.95
    assert np.array_equal(row[proven], Search(KNOWN).nearest(POINTS)[0][proven])


def test_more_candidates_are_compared_where_few_prove_nothing(monkeypatch):
    monkeypatch.setattr(pixel_search, "AXES", 3)
    few, more = (PixelSearch(KNOWN, rounds).nearest(POINTS)[2].mean() for rounds in ((4,), (4, 40)))
    every = PixelSearch(KNOWN, (4, 1000)).nearest(POINTS)
    assert few < more and every[2].all()
    assert np.array_equal(every[0], Search(KNOWN).nearest(POINTS)[0])


def test_images_in_a_file_are_searched_as_those_in_memory_are(tmp_path):
    np.save(tmp_path / "images.npy", KNOWN)
    for of_file, of_array in zip(
        PixelSearch(PixelFile.open(tmp_path / "images.npy")).nearest(POINTS),
        PixelSearch(KNOWN).nearest(POINTS),
        strict=True,
    ):
        assert np.array_equal(of_file, of_array)


@pytest.mark.parametrize(("most", "kind"), [(301 * 64, Search), (301 * 64 - 1, PixelSearch)])
def test_it_is_used_only_where_distances_in_full_are_too_many(monkeypatch, most, kind):
    monkeypatch.setattr(pixel_search, "MOST_PIXELS", most)
    assert type(search_in(KNOWN)) is kind
    assert type(search_in(KNOWN.reshape(301, -1).astype(float))) is Search
