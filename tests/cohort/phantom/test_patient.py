import numpy as np
import pytest

from helpers.cohort.phantom.patient import AP_RATE, DEVICE_RATES, draw_patient


@pytest.fixture(scope="module")
def patients():
    return [draw_patient(np.random.default_rng([5, index])) for index in range(1500)]


def test_views_and_sexes_come_at_their_rates(patients):
    assert np.mean([p.view == "AP" for p in patients]) == pytest.approx(AP_RATE, abs=0.04)
    assert np.mean([p.sex == "F" for p in patients]) == pytest.approx(0.46, abs=0.04)


def test_devices_come_at_their_stated_rates_by_view(patients):
    for name, rates in DEVICE_RATES.items():
        for view, rate in rates.items():
            seen = [name in p.devices for p in patients if p.view == view]
            assert np.mean(seen) == pytest.approx(rate, abs=0.07)


def test_bedside_patients_breathe_in_less_and_women_are_smaller(patients):
    def mean(value, condition):
        return np.mean([getattr(p, value) for p in patients if condition(p)])

    assert mean("inspiration", lambda p: p.view == "AP") < mean("inspiration", lambda p: p.view == "PA") - 0.08
    assert mean("width", lambda p: p.sex == "F") < mean("width", lambda p: p.sex == "M")


def test_the_chest_fits_into_the_field(patients):
    for p in patients:
        assert 18 <= p.age <= 94 and p.field > 2.2 * p.width and p.field > p.top + p.height
