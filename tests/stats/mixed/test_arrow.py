"""The arrow-shaped factorisation against dense linear algebra."""

import numpy as np
import pytest

from helpers.stats.mixed import arrow
from helpers.stats.mixed.arrow import Factor, Pattern

SHAPES = {
    "one intercept": [(1, 9)],
    "crossed intercepts": [(1, 12), (1, 5)],
    "slopes in the first": [(2, 8), (1, 5)],
    "slopes in the second": [(1, 14), (2, 4)],
    "three terms": [(2, 9), (3, 4), (1, 2)],
}


def made(shape, seed=3, rows=60):
    generator = np.random.default_rng(seed)
    codes = [generator.integers(0, levels, rows) for _, levels in shape]
    widths, levels = [w for w, _ in shape], [n for _, n in shape]
    values, weights = generator.normal(size=(rows, sum(widths))), generator.uniform(0.1, 2.0, rows)
    pattern = Pattern(codes, widths, levels)
    dense = np.zeros((rows, pattern.size))
    np.put_along_axis(dense, pattern.columns, values, axis=1)
    return pattern, values, weights, dense


@pytest.mark.parametrize("threshold", [0.0, 2.0], ids=["dense border", "sparse border"])
@pytest.mark.parametrize("name", SHAPES)
def test_solutions_determinant_and_row_products_are_the_dense_ones(name, threshold, monkeypatch):
    monkeypatch.setattr(arrow, "DENSE", threshold)
    monkeypatch.setattr(arrow, "CHUNK", 3)
    pattern, values, weights, dense = made(SHAPES[name])
    factor = Factor(pattern, values, weights)
    matrix = dense.T @ (weights[:, None] * dense) + np.eye(pattern.size)
    right = np.random.default_rng(1).normal(size=(pattern.size, 2))
    assert factor.solve(right) == pytest.approx(np.linalg.solve(matrix, right))
    assert factor.solve(right[:, 0]) == pytest.approx(np.linalg.solve(matrix, right[:, 0]))
    assert factor.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1])
    wanted = np.take_along_axis(dense @ np.linalg.inv(matrix), pattern.columns, axis=1)
    assert factor.row_products() == pytest.approx(wanted)


def test_products_with_vectors_are_the_dense_ones():
    pattern, values, weights, dense = made(SHAPES["three terms"])
    vector = np.arange(pattern.size, dtype=float)
    assert pattern.multiply(values, vector) == pytest.approx(dense @ vector)
    assert pattern.transpose_multiply(values, weights) == pytest.approx(dense.T @ weights)
