import numpy as np
import pytest

from helpers.cohort.phantom.fields import texture_pair


def pair(n, seed=4, coarsest=6, slope=-2.0):
    return texture_pair(np.random.default_rng(seed), n, coarsest, slope)


def test_fields_have_unit_variance_and_do_not_depend_on_each_other():
    fields = [field for seed in range(8) for field in pair(128, seed)]
    assert np.mean([field.var() for field in fields]) == pytest.approx(1.0, abs=0.1)
    assert all(field.dtype == np.float32 and field.shape == (128, 128) for field in fields)
    assert abs(np.mean([np.corrcoef(*(f.ravel() for f in pair(128, seed)))[0, 1] for seed in range(8)])) < 0.05


def test_one_seed_gives_one_field_at_every_size():
    for small, large in zip(pair(128, slope=-3.0), pair(512, slope=-3.0), strict=True):
        shrunk = large.reshape(128, 4, 128, 4).mean(axis=(1, 3))
        assert np.corrcoef(shrunk.ravel(), small.ravel())[0, 1] > 0.99
        assert np.abs(shrunk - small).mean() < 0.1


def test_power_falls_with_the_stated_slope():
    power = np.mean([np.abs(np.fft.fft2(pair(128, seed, slope=-3.0)[0])) ** 2 for seed in range(20)], axis=0)
    waves = np.fft.fftfreq(128, 1 / 128)
    radius = np.rint(np.hypot(waves[:, None], waves[None, :])).astype(int)
    mean = np.array([power[radius == k].mean() for k in range(8, 40)])
    assert np.polyfit(np.log(np.arange(8, 40)), np.log(mean), 1)[0] == pytest.approx(-3.0, abs=0.15)
