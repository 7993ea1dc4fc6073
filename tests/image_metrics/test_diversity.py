"""MS-SSIM: published weights where they fit, 1 for equal images, and collapse within a cell is seen."""

import numpy as np
import pytest

from helpers.findings import ORIGINAL
from helpers.image_metrics.comparison import Halves, Images
from helpers.image_metrics.diversity import scales, similarities, similarity_table

CELLS = ORIGINAL.cells

HALVES = Halves(repeats=20, smallest_n=3)


@pytest.mark.parametrize(("size", "count"), [(11, 1), (22, 2), (32, 2), (64, 3), (128, 4), (176, 5), (512, 5)])
def test_as_many_scales_as_fit_are_used_and_their_weights_sum_to_one(size, count):
    weights = scales(size)
    assert len(weights) == count and sum(weights) == pytest.approx(1)
    assert size // 2 ** (count - 1) >= 11


def test_equal_images_have_similarity_one_and_noise_lowers_it(pictures):
    images = pictures(6, seed=1)[0]
    np.testing.assert_allclose(similarities(images, images), 1, atol=1e-5)
    noise = np.random.default_rng(0).normal(0, 20, images.shape)
    noisy = np.clip(images + noise, 0, 255).astype(np.uint8)
    noisier = np.clip(images + 2 * noise, 0, 255).astype(np.uint8)
    assert (similarities(images, noisier) < similarities(images, noisy)).all()


def test_similarity_does_not_depend_on_which_image_comes_first(pictures):
    first, second = pictures(6, seed=1)[0], pictures(6, seed=2)[0]
    np.testing.assert_allclose(similarities(first, second), similarities(second, first), atol=1e-6)


def _set(images, per_cell, groups=None):
    cells = {cell: np.arange(per_cell) + per_cell * k for k, cell in enumerate(CELLS)}
    return Images(images, cells, np.arange(len(images)) if groups is None else groups)


def test_a_source_that_repeats_itself_lies_above_real_images_in_every_cell(pictures):
    real, alike = (_set(pictures(80, seed=seed)[0], 10) for seed in (1, 2))
    few = np.concatenate([np.resize(alike.features[index[:2]], (10, 32, 32)) for index in alike.cells.values()])
    table = similarity_table({"real": real, "alike": alike, "few": _set(few, 10)}, 10, HALVES, seed=1)
    overall = table[table["finding"].isna()].set_index("source")
    assert overall.loc["few", "low"] > overall.loc["real", "high"]
    assert overall.loc["alike", "low"] < overall.loc["real", "high"]
    assert (overall["low"] <= overall["value"]).all() and (overall["value"] <= overall["high"]).all()
    assert (overall["n"] == 80).all()
    by_cell = table.dropna(subset=["finding"]).pivot(index=["finding", "present"], columns="source", values="value")
    assert len(by_cell) == 8 and (by_cell["few"] > by_cell["real"]).all()


def test_a_patient_is_not_compared_with_herself(pictures):
    images = pictures(40, seed=1)[0]
    twice = _set(np.repeat(images, 2, axis=0), 10, np.repeat(np.arange(40), 2))
    table = similarity_table({"real": twice}, 10, Halves(repeats=5, smallest_n=2), seed=1)
    assert table["value"].max() < 0.99
    assert (table.loc[table["finding"].notna(), "n"] == 5).all()


def test_a_cell_with_too_few_images_is_not_given(pictures):
    real, rare = _set(pictures(80, seed=1)[0], 10), _set(pictures(80, seed=2)[0], 10)
    rare = Images(rare.features, rare.cells | {CELLS[0]: rare.cells[CELLS[0]][:4]}, rare.groups)
    table = similarity_table({"real": real, "rare": rare}, 10, HALVES, seed=1)
    row = table[(table["source"] == "rare") & (table["finding"] == CELLS[0].finding) & (table["present"] == 1)].iloc[0]
    assert np.isnan(row["value"]) and "fewer than 6" in row["method"]
    overall = table[table["finding"].isna()].set_index("source")["value"]
    assert np.isnan(overall["rare"]) and np.isfinite(overall["real"])
