"""Placements of values among others: by definition, and the same by either way of counting."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helpers.placements import graded_placements, placements

grades = st.lists(st.integers(0, 4), min_size=1, max_size=12).map(np.array)


@given(grades, grades)
def test_a_placement_is_the_share_below_with_ties_counted_one_half(others, own):
    expected = [np.mean((others < value) + 0.5 * (others == value)) for value in own]
    np.testing.assert_allclose(placements(others, own), expected)
    np.testing.assert_array_equal(graded_placements(others, own, 4), placements(others, own))


def test_many_studies_are_taken_one_by_one():
    generator = np.random.default_rng(1)
    others, own = generator.integers(0, 5, (3, 2, 7)), generator.integers(0, 5, (3, 2, 4))
    together = graded_placements(others, own, 4)
    for place in np.ndindex(3, 2):
        np.testing.assert_array_equal(together[place], placements(others[place], own[place]))
    np.testing.assert_array_equal(placements(others, own), together)


def test_many_values_are_ranked_and_few_are_compared_to_the_same_number(monkeypatch):
    rng = np.random.default_rng(1)
    others, own = rng.integers(0, 5, (3, 20)), rng.integers(0, 5, (3, 30))
    few = placements(others, own)
    monkeypatch.setattr("helpers.placements.FEW_PAIRS", 0)
    assert np.array_equal(placements(others, own), few)
