"""Figures of merit with their covariances: of whom, and of readers less one of them."""

import numpy as np
import pytest

from helpers.errors import StatisticsError
from helpers.stats.mrmc.estimates import area_estimates


def test_areas_of_every_reader_have_a_symmetric_covariance_and_the_cases_are_counted(van_dyke):
    found = area_estimates(van_dyke)
    assert found.values.shape == (2, 5) and found.cases == 114 and found.cases_of == (114, 114) and not found.note
    flat = found.covariance.reshape(10, 10)
    assert flat == pytest.approx(flat.T) and (np.linalg.eigvalsh(flat) > -1e-12).all()


def test_a_reader_without_an_area_on_a_treatment_is_left_out_and_counted(van_dyke):
    reader, treatment = van_dyke["reader"].iloc[0], van_dyke["source"].iloc[0]
    lost = (van_dyke["reader"] == reader) & (van_dyke["source"] == treatment) & (van_dyke["truth"] == 1)
    found = area_estimates(van_dyke[~lost])
    assert reader not in found.readers and found.note.endswith("left out: 1")
    with pytest.raises(StatisticsError, match="no reader read present and absent"):
        area_estimates(van_dyke[van_dyke["truth"] == 1])


def test_readers_less_one_have_the_variance_of_differences(van_dyke):
    found = area_estimates(van_dyke)
    rest = found.minus(found.readers[0])
    assert rest.values == pytest.approx(found.values[:, 1:] - found.values[:, [0]]) and rest.limits == (-1.0, 1.0)
    one, other = found.covariance[0, 0, 0, 0], found.covariance[0, 1, 0, 1]
    assert rest.covariance[0, 0, 0, 0] == pytest.approx(one + other - 2 * found.covariance[0, 0, 0, 1])
