"""A planted copy is found, images drawn alike are not accused, smooth or not, and the baseline stands beside."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom, kstest

from helpers.image_metrics.comparison import Halves
from helpers.image_metrics.memorization import (
    MOST_HELD_OUT,
    Screened,
    held_out_rows,
    memorization_table,
    nearer_test,
    nearest_pairs,
    neighbours_in_training,
    screen,
    suspects_test,
)

HALVES = Halves(repeats=30)
DIMENSIONS = 6
TRAINING, HELD_OUT = (np.random.default_rng(seed).normal(size=(n, DIMENSIONS)) for seed, n in ((0, 500), (1, 300)))
PATIENTS = np.arange(500), np.arange(500, 800)
REAL = screen(HELD_OUT, TRAINING, HELD_OUT, PATIENTS[1])


def _alike(copies=0, smooth=1.0):
    points = np.random.default_rng(2).normal(size=(200, DIMENSIONS)) * smooth
    points[:copies] = TRAINING[:copies] + 1e-3
    return points


def _screened(points):
    return screen(points, TRAINING, HELD_OUT)


def _at(distances, to_held_out):
    """Images at given distances from the nearest training image and from every held-out one."""
    table = pd.DataFrame({"nearest": 0, "distance": distances, "authentic": True, "proven": True})
    return Screened(table, np.asarray(to_held_out, dtype=float))


def _value(table, source, metric):
    return table[(table["source"] == source) & (table["metric"] == metric)].iloc[0]


@pytest.fixture(scope="module")
def table():
    sources = {"alike": _alike(), "smooth": _alike(smooth=0.3), "a_few": _alike(10), "copier": _alike(100)}
    made = {name: _screened(points) for name, points in sources.items()}
    return memorization_table(REAL, made, PATIENTS, "features", HALVES, seed=1)


def test_five_per_cent_of_copies_are_found_one_by_one():
    samples = pd.DataFrame({"image_id": [f"s{i:03d}" for i in range(200)], "source": "gan"})
    training = pd.DataFrame({"image_id": [f"t{i}" for i in range(500)]})
    found = _screened(_alike(copies=10))
    pairs = nearest_pairs(samples, found, training, REAL, "features")
    copies = pairs.head(10)
    assert copies["suspect"].all() and set(copies["image_id"]) == {f"s{i:03d}" for i in range(10)}
    assert (copies["training_image_id"].str[1:].astype(int) == copies["image_id"].str[1:].astype(int)).all()
    assert (copies["distance"] < copies["held_out_distance"]).all()
    assert pairs["suspect"].sum() <= 13
    assert not found.training["authentic"][:10].any()


def test_a_source_of_many_copies_lies_beyond_the_range_of_real_images(table):
    assert _value(table, "copier", "authenticity_features")["high"] < _value(table, "real", "authenticity_features").low
    nearer, real = (_value(table, source, "nearer_to_training_features") for source in ("copier", "real"))
    assert nearer["low"] > real["high"] and "p = 0.001" in nearer["method"]
    assert set(table["n"]) == {100}


@pytest.mark.parametrize("source", ["alike", "smooth"])
def test_images_drawn_alike_are_not_accused_even_if_smooth_ones_lie_near_everything(table, source):
    points = {"alike": _alike(), "smooth": _alike(smooth=0.3)}[source]
    closer = _screened(points).training["distance"].mean() < 0.8 * REAL.training["distance"].mean()
    assert closer == (source == "smooth")
    nearer, real = (_value(table, name, "nearer_to_training_features") for name in (source, "real"))
    assert nearer["low"] < real["high"] and real["low"] < nearer["high"]
    assert float(nearer["method"].split("p = ")[1].split()[0]) > 0.1
    suspects = _value(table, source, "suspects_features")
    assert suspects["value"] <= _value(table, "real", "suspects_features")["high"]


def test_five_per_cent_of_copies_move_the_share_of_suspects_and_its_p(table):
    few, real = (_value(table, source, "suspects_features") for source in ("a_few", "real"))
    assert few["value"] > real["high"] and few["value"] == pytest.approx(0.05, abs=0.03)
    count = int(few["method"].split("all images: ")[1].split()[0])
    assert 10 <= count <= 13 and f"exact p = {hypergeom.pmf(count, 500, 200, count):.2g}" in few["method"]


def test_the_ratio_is_small_for_copies_and_one_where_both_distances_are_zero():
    images = _at([0.0, 1.0, 0.0, 1.0], [[2, 4], [4, 2], [0, 1], [0, 1]])
    np.testing.assert_array_equal(images.ratio(), [0, 0.5, 1, np.inf])
    np.testing.assert_array_equal(images.ratio(np.array([False, True])), [0, 0.5, 0, 1])


def test_held_out_images_are_not_compared_with_images_of_their_own_patient():
    points = np.array([[0.0, 0], [0, 0], [3, 0], [9, 0]])
    apart = screen(points, TRAINING[:, :2], points, np.array(["a", "a", "b", "c"])).held_out
    np.testing.assert_allclose(apart.min(axis=1), [3, 3, 3, 6], atol=1e-5)
    assert np.isinf(apart[0, 1]) and np.isinf(np.diag(apart)).all()


def test_of_very_many_held_out_images_those_of_random_patients_are_compared_in_any_order():
    patients = np.arange(5000) // 4
    rows = held_out_rows(patients, seed=1)
    assert MOST_HELD_OUT <= len(rows) < MOST_HELD_OUT + 4
    assert set(np.bincount(patients[rows]).tolist()) == {0, 4}
    order = np.random.default_rng(2).permutation(5000)
    assert set(patients[order][held_out_rows(patients[order], seed=1)]) == set(patients[rows])
    assert set(patients[held_out_rows(patients, seed=2)]) != set(patients[rows])
    assert held_out_rows(patients[:40], seed=1).tolist() == list(range(40))


def test_the_share_that_chance_gives_is_that_of_training_patients():
    share, expected, p = nearer_test(_screened(_alike()), *PATIENTS, seed=1)
    assert expected == pytest.approx(500 / 800, abs=0.01)
    assert share == pytest.approx(expected, abs=0.1) and p > 0.05


def test_p_is_even_where_nothing_is_copied_though_patients_have_several_images_that_attract_many():
    def p_of(seed):
        rng = np.random.default_rng(seed)
        people = rng.normal(size=(60, 3))
        counts = rng.integers(1, 6, 60)
        patients, points = np.arange(60).repeat(counts), people.repeat(counts, axis=0)
        points = points + rng.normal(0, 0.1, points.shape)
        held_out = patients < 20
        made = screen(rng.normal(size=(150, 3)), points[~held_out], points[held_out])
        return nearer_test(made, patients[~held_out], patients[held_out], seed)[2]

    assert kstest([p_of(seed) for seed in range(200)], "uniform").pvalue > 0.01


@pytest.mark.parametrize("suspects", [0, 1, 3])
def test_the_exact_p_of_suspects_is_how_often_chance_gives_as_many(suspects):
    rng = np.random.default_rng(8)
    order = rng.permuted(np.tile(np.arange(30), (20_000, 1)), axis=1)  # ranks of 12 synthetic images come first
    counts = (order[:, :12] < order[:, 12:].min(axis=1, keepdims=True)).sum(axis=1)
    made, real = _at([0.1] * suspects + [2.0] * (12 - suspects), np.ones((12, 1))), _at([1.0] * 18, np.ones((18, 1)))
    found, p = suspects_test(made, real)
    assert found == suspects and p == pytest.approx((counts >= suspects).mean(), abs=0.012)


def test_the_order_of_training_images_does_not_matter():
    order = np.random.default_rng(5).permutation(500)
    once, again = neighbours_in_training(_alike(), TRAINING), neighbours_in_training(_alike(), TRAINING[order])
    np.testing.assert_array_equal(order[again["nearest"]], once["nearest"])
    np.testing.assert_allclose(again["distance"], once["distance"])
    assert once["authentic"].equals(again["authentic"])


def test_the_nearest_neighbour_is_found_and_a_copy_has_distance_zero():
    points = np.random.default_rng(1).normal(size=(300, 4))
    queries = np.concatenate([np.random.default_rng(2).normal(size=(20, 4)), points[[17]]])
    found = neighbours_in_training(queries, points)
    position, distance = found["nearest"].to_numpy(), found["distance"].to_numpy()
    every = np.linalg.norm(queries[:, None] - points, axis=2)
    np.testing.assert_array_equal(position, every.argmin(axis=1))
    np.testing.assert_allclose(distance, every.min(axis=1), atol=1e-6)
    assert position[-1] == 17
