"""Precision, recall, density and coverage agree with their definitions written out, and see what each should see."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import MetricError
from helpers.image_metrics import neighbours
from helpers.image_metrics.coverage import coverage

EXPECTED = Path(__file__).parents[1] / "reference" / "coverage_prdc.csv"


def _features(n, seed, shift=0.0, spread=1.0, d=4):
    return np.random.default_rng(seed).normal(shift, spread, (n, d))


def _written_out(real, synthetic, k):
    """Image by image, from the equations."""

    def radius(points, i):
        return sorted(np.linalg.norm(points[i] - points[j]) for j in range(len(points)) if j != i)[k - 1]

    def inside(x, centre, r):
        return np.linalg.norm(x - centre) <= r

    real_radii = [radius(real, i) for i in range(len(real))]
    synthetic_radii = [radius(synthetic, j) for j in range(len(synthetic))]
    balls = np.array([[inside(y, x, r) for y in synthetic] for x, r in zip(real, real_radii, strict=True)])
    other = np.array([[inside(x, y, r) for y, r in zip(synthetic, synthetic_radii, strict=True)] for x in real])
    return balls.any(axis=0).mean(), other.any(axis=1).mean(), balls.sum() / (k * len(synthetic)), balls.any(1).mean()


@settings(max_examples=20, deadline=None)
@given(st.integers(4, 25), st.integers(4, 25), st.integers(1, 3), st.integers(0, 1000))
def test_all_four_agree_with_their_definitions(n, m, k, seed):
    real, synthetic = _features(n, seed), _features(m, seed + 1, shift=0.3)
    found = coverage(real, synthetic, k)
    expected = _written_out(real, synthetic, k)
    assert (found.precision, found.recall, found.density, found.coverage) == pytest.approx(expected)


@pytest.mark.parametrize("row", list(pd.read_csv(EXPECTED).itertuples()), ids=lambda row: f"seed {row.seed}")
def test_all_four_agree_with_the_package_prdc(row):
    rng = np.random.default_rng(row.seed)
    real = rng.normal(size=(row.real, row.dimension))
    synthetic = rng.normal(row.shift, 1, size=(row.synthetic, row.dimension))
    found = coverage(real, synthetic, row.k)
    expected = (row.precision, row.recall, row.density, row.coverage)
    assert (found.precision, found.recall, found.density, found.coverage) == pytest.approx(expected)


def test_images_drawn_alike_have_density_about_one_and_coverage_near_that_of_chance():
    found = coverage(_features(1000, 1), _features(1000, 2))
    assert found.density == pytest.approx(1, abs=0.1)
    # Equal sets of any law: 1 - (n - 1) ... (n - k) / ((2n - 1) ... (2n - k)), Naeem et al. 2020, eq. 10.
    expected = 1 - np.prod([(1000 - i) / (2000 - i) for i in range(1, 6)])
    assert found.coverage == pytest.approx(expected, abs=0.03)


def test_collapse_to_ten_images_lowers_recall_and_coverage_but_not_precision():
    real = _features(400, 1)
    alike, collapsed = coverage(real, _features(400, 2)), coverage(real, np.repeat(_features(10, 2), 40, axis=0))
    assert collapsed.recall < 0.1 < alike.recall
    assert collapsed.coverage < 0.3 < alike.coverage
    assert collapsed.precision > 0.6


def test_a_far_away_set_has_none_of_them():
    found = coverage(_features(50, 1), _features(50, 2, shift=100))
    assert (found.precision, found.recall, found.density, found.coverage) == (0, 0, 0, 0)


def test_neither_order_nor_block_size_matters(monkeypatch):
    real, synthetic = _features(70, 1), _features(60, 2, shift=0.5)
    whole = coverage(real, synthetic)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 7 * 60 * 8)
    order = np.random.default_rng(0).permutation(70)
    assert coverage(real[order], synthetic) == whole


@pytest.mark.parametrize(
    ("synthetic", "message"),
    [
        (np.zeros((5, 4)), "more than k = 5"),
        (np.full((10, 4), np.nan), "finite"),
        (np.zeros((10, 3)), "different extractors"),
    ],
)
def test_what_cannot_be_compared_is_refused(synthetic, message):
    with pytest.raises(MetricError, match=message):
        coverage(_features(10, 0), synthetic)
