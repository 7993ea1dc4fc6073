"""A planted copy is found, images drawn alike are not accused, and the baseline stands beside."""

import numpy as np
import pandas as pd
import pytest

from helpers.image_metrics.comparison import Halves
from helpers.image_metrics.memorization import (
    copying_p,
    copying_z,
    memorization_table,
    nearest_pairs,
    neighbours_in_training,
)

HALVES = Halves(repeats=30)
TRAINING = np.random.default_rng(0).normal(size=(500, 6))
HELD_OUT = np.random.default_rng(1).normal(size=(300, 6))


def _alike(n=200, copies=0):
    points = np.random.default_rng(2).normal(size=(n, 6))
    points[:copies] = TRAINING[:copies] + 1e-3
    return points


def _value(table, source, metric):
    return table[(table["source"] == source) & (table["metric"] == metric)].iloc[0]


@pytest.fixture(scope="module")
def table():
    sources = {name: neighbours_in_training(_alike(copies=c), TRAINING) for name, c in (("alike", 0), ("copier", 100))}
    held_out = neighbours_in_training(HELD_OUT, TRAINING)
    return memorization_table(held_out, np.arange(300), sources, "features", HALVES, seed=1)


def test_five_per_cent_of_copies_are_found_one_by_one():
    samples = pd.DataFrame({"image_id": [f"s{i:03d}" for i in range(200)], "source": "gan"})
    training = pd.DataFrame({"image_id": [f"t{i}" for i in range(500)]})
    found, held_out = neighbours_in_training(_alike(copies=10), TRAINING), neighbours_in_training(HELD_OUT, TRAINING)
    pairs = nearest_pairs(samples, found, training, held_out, "features")
    copies = pairs.head(10)
    assert copies["suspect"].all() and set(copies["image_id"]) == {f"s{i:03d}" for i in range(10)}
    assert (copies["training_image_id"].str[1:].astype(int) == copies["image_id"].str[1:].astype(int)).all()
    assert pairs["suspect"].sum() <= 13
    assert not found["authentic"][:10].any()


def test_a_source_of_many_copies_lies_beyond_the_range_of_real_images(table):
    for metric in ("authenticity_features", "copying_z_features"):
        assert _value(table, "copier", metric)["high"] < _value(table, "real", metric)["low"]
        assert _value(table, "alike", metric)["high"] > _value(table, "real", metric)["low"]
    assert "p = 0.001" in _value(table, "copier", "copying_z_features")["method"]
    assert set(table["n"]) == {100}


def test_the_deviate_is_zero_on_average_where_nothing_is_copied_and_negative_for_nearer_images():
    rng = np.random.default_rng(3)
    values = np.array([copying_z(rng.random(50), rng.random(40)) for _ in range(300)])
    assert abs(values.mean()) < 0.2 and values.std() == pytest.approx(1, abs=0.15)
    assert copying_z(np.array([2.0, 3, 4]), np.array([0.0, 1])) < 0 < copying_z(np.array([0.0, 1]), np.array([2.0, 3]))


def test_the_permutation_p_is_small_for_copies_only():
    rng = np.random.default_rng(4)
    assert copying_p(rng.random(100) + 1, rng.random(50), seed=1) == pytest.approx(0.001)
    assert copying_p(rng.random(100), rng.random(50) + 1, seed=1) == 1.0


def test_the_order_of_training_images_does_not_matter():
    order = np.random.default_rng(5).permutation(500)
    once, again = neighbours_in_training(_alike(), TRAINING), neighbours_in_training(_alike(), TRAINING[order])
    np.testing.assert_array_equal(order[again["nearest"]], once["nearest"])
    np.testing.assert_allclose(again["distance"], once["distance"])
    assert once["authentic"].equals(again["authentic"])
