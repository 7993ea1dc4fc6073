"""Separation is found where estimates are infinite, and only there."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helpers.stats.mixed.families import Binomial
from helpers.stats.mixed.separation import find

ONES = np.ones(6)


def binomial(answers):
    return Binomial(np.array(answers, dtype=float), np.ones(len(answers)))


def test_a_covariate_that_tells_all_answers_is_complete_separation():
    found = find(binomial([0, 0, 0, 1, 1, 1]), np.column_stack([ONES, [1, 2, 3, 4, 5, 6]]))
    assert found.is_complete and found.limit(np.array([0.0, 1.0])) == np.inf
    assert found.limit(np.array([1.0, 0.0])) == -np.inf


def test_overlapping_answers_are_none():
    assert find(binomial([0, 1, 0, 1, 0, 1]), np.column_stack([ONES, [1, 2, 3, 4, 5, 6]])) is None


def test_a_tie_at_the_edge_leaves_one_direction_infinite():
    found = find(binomial([0, 0, 0, 1, 1, 1]), np.column_stack([ONES, [1, 2, 3, 3, 4, 5]]))
    assert not found.is_complete and found.infinite.shape == (2, 1)
    assert found.limit(np.array([1.0, 3.0])) == 0 and found.limit(np.array([0.0, 1.0])) == np.inf


def test_what_goes_to_the_same_side_has_no_known_difference():
    groups = np.repeat(np.eye(3), 2, axis=0)
    found = find(binomial([1, 1, 1, 1, 0, 1]), groups)
    assert found.limit(np.array([1.0, 0, 0])) == np.inf and found.limit(np.array([0, 0, 1.0])) == 0
    assert np.isnan(found.limit(np.array([1.0, -1.0, 0])))


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=6), min_size=2, max_size=5))
def test_groups_are_separated_exactly_where_all_their_answers_are_alike(groups):
    matrix = np.repeat(np.eye(len(groups)), [len(g) for g in groups], axis=0)
    found = find(binomial([a for g in groups for a in g]), matrix)
    alike = [len(set(g)) == 1 for g in groups]
    assert (found is not None) == any(alike)
    if found:
        limits = [found.limit(unit) for unit in np.eye(len(groups))]
        assert limits == [(np.inf if g[0] else -np.inf) if same else 0.0 for g, same in zip(groups, alike, strict=True)]
