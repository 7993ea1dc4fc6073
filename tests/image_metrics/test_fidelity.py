"""Both distances against closed forms, torchmetrics and a computation written out pair by pair."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.image.fid import _compute_fid
from torchmetrics.image.kid import poly_mmd

from helpers.errors import MetricError
from helpers.image_metrics.fidelity import (
    frechet_distance,
    frechet_distance_of_moments,
    frechet_infinity,
    kernel_distance,
)


def _features(n, d, seed, shift=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(shift, scale, (n, d))


def test_frechet_distance_of_gaussians_with_diagonal_covariances_is_the_closed_form():
    mean1, mean2 = np.array([1.0, -2.0, 0.5]), np.array([0.0, 2.0, 0.5])
    deviation1, deviation2 = np.array([1.0, 2.0, 0.5]), np.array([3.0, 1.0, 0.5])
    expected = np.sum((mean1 - mean2) ** 2) + np.sum((deviation1 - deviation2) ** 2)
    found = frechet_distance_of_moments(mean1, np.diag(deviation1**2), mean2, np.diag(deviation2**2))
    assert found == pytest.approx(expected, abs=1e-9)


def test_frechet_distance_does_not_change_when_both_are_rotated():
    rng = np.random.default_rng(0)
    rotation = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    first, second = _features(60, 4, 1) * [1, 2, 3, 4], _features(50, 4, 2, 0.5)
    assert frechet_distance(first @ rotation, second @ rotation) == pytest.approx(frechet_distance(first, second))


def test_a_large_sample_comes_near_the_distance_of_the_gaussians_it_is_from():
    first, second = _features(20_000, 3, 1), _features(20_000, 3, 2, shift=1.0, scale=2.0)
    assert frechet_distance(first, second) == pytest.approx(3 * 1.0 + 3 * 1.0, rel=0.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 40), st.integers(3, 40), st.integers(1, 12), st.integers(0, 1000))
def test_frechet_distance_is_symmetric_never_negative_and_zero_to_itself(n, m, d, seed):
    first, second = _features(n, d, seed), _features(m, d, seed + 1, shift=1.0)
    distance = frechet_distance(first, second)
    assert distance >= 0
    assert distance == pytest.approx(frechet_distance(second, first), rel=1e-6, abs=1e-6)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)


def test_frechet_distance_agrees_with_torchmetrics():
    first, second = _features(200, 16, 3) @ _features(16, 16, 4), _features(150, 16, 5, 0.3)
    moments = [torch.from_numpy(m) for f in (first, second) for m in (f.mean(axis=0), np.cov(f, rowvar=False))]
    assert frechet_distance(first, second) == pytest.approx(float(_compute_fid(*moments)), rel=1e-6)


def test_fewer_images_than_features_still_give_a_number():
    assert np.isfinite(frechet_distance(_features(5, 20, 1), _features(6, 20, 2)))


def test_kernel_distance_agrees_with_every_pair_written_out():
    first, second = _features(7, 3, 1), _features(5, 3, 2, 0.4)

    def kernel(a, b):
        return (float(a @ b) / 3 + 1) ** 3

    within = [
        np.mean([kernel(f[i], f[j]) for i in range(len(f)) for j in range(len(f)) if i != j]) for f in (first, second)
    ]
    between = np.mean([kernel(a, b) for a in first for b in second])
    assert kernel_distance(first, second) == pytest.approx(within[0] + within[1] - 2 * between)


def test_kernel_distance_agrees_with_torchmetrics():
    first, second = _features(60, 8, 1), _features(60, 8, 2, 0.2)
    expected = float(poly_mmd(torch.from_numpy(first), torch.from_numpy(second)))
    assert kernel_distance(first, second) == pytest.approx(expected, rel=1e-6)


def test_kernel_distance_is_unbiased_where_the_frechet_distance_is_not():
    pairs = [(_features(12, 4, 2 * i), _features(12, 4, 2 * i + 1)) for i in range(400)]
    kernel = np.array([kernel_distance(a, b) for a, b in pairs])
    frechet = np.array([frechet_distance(a, b) for a, b in pairs])
    assert abs(kernel.mean()) < 3 * kernel.std() / 20
    assert (kernel < 0).mean() > 0.3
    assert frechet.mean() > 10 * frechet.std() / 20


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
def test_the_order_of_images_does_not_matter(distance):
    first, second = _features(30, 5, 1), _features(20, 5, 2)
    order = np.random.default_rng(3).permutation(30)
    assert distance(first[order], second) == pytest.approx(distance(first, second), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("second", "message"),
    [
        (np.zeros((1, 5)), "at least 2 images"),
        (np.zeros(5), "shape"),
        (np.full((4, 5), np.nan), "not finite"),
        (np.zeros((4, 6)), "5 and 6"),
    ],
)
def test_what_cannot_be_compared_is_refused(distance, second, message):
    with pytest.raises(MetricError, match=message):
        distance(_features(10, 5, 0), second)


def test_the_extrapolated_distance_of_sets_drawn_alike_is_near_zero_where_the_plain_one_is_not():
    pairs = [(_features(120, 8, 2 * i), _features(120, 8, 2 * i + 1)) for i in range(60)]
    extrapolated = np.array([frechet_infinity(a, b) for a, b in pairs])
    plain = np.array([frechet_distance(a, b) for a, b in pairs])
    assert abs(extrapolated.mean()) < 0.25 * plain.mean()


def test_the_extrapolated_distance_of_two_gaussians_comes_near_their_own():
    first, second = _features(4000, 4, 1), _features(4000, 4, 2, shift=1.0, scale=2.0)
    assert frechet_infinity(first, second) == pytest.approx(8.0, rel=0.1)


def test_too_few_images_are_not_extrapolated():
    with pytest.raises(MetricError, match="18 are needed"):
        frechet_infinity(_features(16, 8, 1), _features(40, 8, 2))
