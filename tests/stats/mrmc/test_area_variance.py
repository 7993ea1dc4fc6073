"""Two variances of areas: what the cases move, and what other readers add."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.crossed import Influence
from helpers.stats.mrmc.area_variance import areas_of, cases_of, hillis
from helpers.stats.mrmc.panel import panel

ROWS = pd.DataFrame(
    {"reader": list("aaaaaabbbbbb"), "case": list("123456") * 2, "source": "gan", "finding": "mass"}
    | {"truth": [0, 0, 0, 0, 1, 1] * 2, "rating": [1, 2, 1, 3, 2, 3, 1, 1, 2, 2, 3, 3]}
)


def test_an_area_has_its_readers_and_the_size_of_its_smaller_group():
    used = panel(ROWS)
    (area,) = areas_of(used, [0])
    assert area.moved.value.tolist() == [6.0 / 8, 1.0] and area.smaller == 2 and not area.still
    assert [cases_of(used, 0, truth) for truth in (0, 1)] == [4, 2]


def test_readers_of_other_cases_give_no_more_answers_than_readings():
    own = ROWS.assign(case=ROWS["reader"] + ROWS["case"])
    (shared,), (apart,) = (areas_of(panel(rows), [0]) for rows in (ROWS, own))
    assert shared.readers_of_a_case == 2 and shared.answers == pytest.approx(4 * 2 * 4 / 5)  # 2 cases count for 4
    assert apart.readers_of_a_case == 1 and apart.answers == 2 * 4  # 4 cases, each read once


def test_areas_that_no_case_moves_are_still():
    (area,) = areas_of(panel(ROWS.assign(rating=ROWS["truth"])), [0])
    assert area.still


def test_degrees_of_freedom_of_one_reader_are_those_of_the_cases():
    moved = Influence(np.array([0.8]), np.array([[0.02, -0.02, 0.01, -0.01]]), np.zeros(4, dtype=int))
    found = hillis(moved)
    assert np.isnan(found.like_variance) or found.like_degrees == found.these_degrees


def test_readers_who_differ_widely_have_their_own_degrees_of_freedom():
    moved = Influence(np.array([0.6, 0.9]), np.array([[0.02, -0.02, 0.01, -0.01]] * 2), np.zeros(4, dtype=int))
    found = hillis(moved)
    between = np.var([0.6, 0.9], ddof=1) / 2
    assert found.like_variance > found.these_variance
    assert found.like_degrees == pytest.approx(min((found.like_variance / between) ** 2, found.these_degrees))
