"""Wald tables: normal and Student's t."""

import numpy as np
import pytest
from scipy import stats

from helpers.stats.mixed.effects import tables, wald


@pytest.mark.parametrize(("degrees", "law"), [(np.inf, stats.norm()), (7, stats.t(7))])
def test_columns_are_those_of_the_distribution(degrees, law):
    table = wald(np.array([1.2, -0.4]), np.array([0.5, 0.3]), degrees)
    assert table["z"].tolist() == pytest.approx([2.4, -4 / 3])
    assert table["p"].tolist() == pytest.approx((2 * law.sf([2.4, 4 / 3])).tolist())
    assert table["high"].tolist() == pytest.approx([1.2 + law.ppf(0.975) * 0.5, -0.4 + law.ppf(0.975) * 0.3])


def test_errors_scale_with_the_covariance(found):
    double, _ = tables(found.objective, found.estimate, 4 * found.estimate.covariance)
    assert double["standard_error"].tolist() == pytest.approx((2 * found.fixed["standard_error"]).tolist())
    assert double["estimate"].equals(found.fixed["estimate"])
