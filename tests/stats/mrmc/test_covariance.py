"""Covariances of areas against R's pROC, pairs of pairs counted one by one, and what must hold of any."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc.covariance import ESTIMATORS, covariances
from helpers.stats.mrmc.panel import panel


def test_delong_agrees_with_proc(r_ratings, r_values):
    value, covariance = covariances(panel(r_ratings), "delong")
    expected = r_values.set_index(["measure", "reader"])["value"]
    for r, reader in enumerate(("first", "second")):
        assert value[0, r] == pytest.approx(expected["auc", reader], abs=1e-12)
        assert covariance[0, r, 0, r] == pytest.approx(expected["variance", reader], abs=1e-12)
    assert covariance[0, 0, 0, 1] == pytest.approx(expected["covariance", "both"].item(), abs=1e-12)


def test_the_unbiased_estimator_is_the_mean_over_pairs_without_a_common_case(ratings):
    rows = ratings(6, readers=2, present=4, absent=5, crossed=True).drop(index=[0, 5, 12])
    block = panel(rows)
    value, covariance = covariances(block, "unbiased")
    present, absent = (np.flatnonzero(block.truth == truth) for truth in (1, 0))
    for t, r, u, s in product(range(2), repeat=4):
        outcomes = []
        for one in (block.ratings[t, r], block.ratings[u, s]):
            pairs = product(present, absent)
            outcomes.append(
                [
                    (i, j, 0.5 + 0.5 * np.sign(one[i] - one[j]))
                    for i, j in pairs
                    if one[i] == one[i] and one[j] == one[j]
                ]
            )
        apart = [a * b for (i, j, a), (k, m, b) in product(*outcomes) if i != k and j != m]
        assert covariance[t, r, u, s] == pytest.approx(value[t, r] * value[u, s] - np.mean(apart), abs=1e-12)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_treatments_without_common_cases_do_not_covary(ratings, method):
    _, covariance = covariances(panel(ratings(7)), method)
    assert (covariance[0, :, 1] == 0).all() and (covariance[0, :, 0] != 0).all()
    np.testing.assert_allclose(covariance[1, :, 1], covariance[1, :, 1].T)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_a_reader_with_a_single_present_case_has_no_variance(ratings, method):
    rows = ratings(7, readers=2, present=1)
    assert np.isnan(covariances(panel(rows), method)[1][0, 0, 0, 0])


def test_estimators_agree_ever_better_with_more_cases(ratings):
    block = panel(ratings(8, readers=3, present=200, absent=200))
    found = [covariances(block, method)[1] for method in ESTIMATORS]
    np.testing.assert_allclose(found[1], found[0], rtol=0.02)
    np.testing.assert_allclose(found[2], found[0], rtol=0.06, atol=2e-6)


def test_an_unknown_estimator_and_a_case_with_two_findings_are_refused(ratings):
    rows = ratings(9)
    with pytest.raises(StatisticsError, match="choose one of delong, jackknife, unbiased"):
        covariances(panel(rows), "bootstrap")
    twice = pd.concat([rows, rows.assign(finding="opacity")])
    with pytest.raises(StatisticsError, match="more than one finding"):
        covariances(panel(twice), "unbiased")
