"""What each case contributes to an area: against scikit-learn, R and leaving cases out one by one."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from helpers.stats.mrmc.panel import panel
from helpers.stats.mrmc.structural import area, areas, influence

some_ratings = st.lists(st.integers(-2, 2), min_size=1, max_size=12)


@given(some_ratings, some_ratings)
def test_the_area_is_the_one_of_scikit_learn_ties_counted_one_half(positive, negative):
    truth = [1] * len(positive) + [0] * len(negative)
    estimate, v10, v01 = area(np.array(positive), np.array(negative))
    assert estimate == pytest.approx(roc_auc_score(truth, positive + negative))
    assert v10.mean() == pytest.approx(estimate) and v01.mean() == pytest.approx(estimate)


@given(some_ratings, some_ratings)
def test_swapping_present_and_absent_mirrors_the_area(positive, negative):
    there, back = area(np.array(positive), np.array(negative))[0], area(np.array(negative), np.array(positive))[0]
    assert there + back == pytest.approx(1.0)


def test_the_jackknife_needs_no_refitting(ratings):
    rows = ratings(3, sources=("gan",), readers=2).drop(index=[1, 30])  # each reader misses a case
    block = panel(rows)
    value, cases = influence(block, "jackknife")
    names = sorted(set(rows["case"]))
    for r, reader in enumerate(block.readers):
        own = rows[rows["reader"] == reader]
        without = np.array([areas(panel(own[own["case"] != case]))[0].item() for case in own["case"]])
        count = len(own)
        expected = (count - 1) / count * ((without - without.mean()) ** 2).sum()
        assert (cases[0, r] ** 2).sum() == pytest.approx(expected)
        missed = set(names) - set(own["case"])
        assert all(cases[0, r, names.index(case)] == 0 for case in missed) and len(missed) == 1


def test_the_area_is_the_mean_over_findings(ratings):
    rows = ratings(4)
    other = ratings(5).assign(finding="opacity", case=lambda table: table["case"] + "-other")
    both = np.mean([areas(panel(table))[0] for table in (rows, other)], axis=0)
    together = areas(panel(pd.concat([rows, other])))[0]
    np.testing.assert_allclose(together, both)
