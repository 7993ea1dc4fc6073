"""A planted copy is found, images drawn alike are not accused, and the baseline stands beside."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from helpers.image_metrics.comparison import Halves
from helpers.image_metrics.memorization import (
    copying_p,
    copying_score,
    copying_z,
    memorization_table,
    nearest_pairs,
    neighbours_in_training,
    partition,
    suspects_p,
)

HALVES = Halves(repeats=30)
TRAINING = np.random.default_rng(0).normal(size=(500, 6))
CELLS = partition(TRAINING, 200, seed=1)
HELD_OUT = np.random.default_rng(1).normal(size=(300, 6))


def _alike(n=200, copies=0):
    points = np.random.default_rng(2).normal(size=(n, 6))
    points[:copies] = TRAINING[:copies] + 1e-3
    return points


def _screened(points):
    return neighbours_in_training(points, TRAINING).assign(cell=CELLS.predict(points))


def _distances(distance, cell=0):
    return pd.DataFrame({"distance": distance, "cell": cell})


def _value(table, source, metric):
    return table[(table["source"] == source) & (table["metric"] == metric)].iloc[0]


@pytest.fixture(scope="module")
def table():
    copies = {"alike": 0, "a_few": 10, "copier": 100}
    sources = {name: _screened(_alike(copies=count)) for name, count in copies.items()}
    return memorization_table(_screened(HELD_OUT), np.arange(300), sources, "features", HALVES, seed=1)


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
    for metric in ("authenticity_features", "copying_ct_features"):
        assert _value(table, "copier", metric)["high"] < _value(table, "real", metric)["low"]
        assert _value(table, "alike", metric)["high"] > _value(table, "real", metric)["low"]
    assert "p = 0.001" in _value(table, "copier", "copying_ct_features")["method"]
    assert set(table["n"]) == {100}


def test_five_per_cent_of_copies_move_the_share_of_suspects_and_its_p(table):
    few, alike, real = (_value(table, source, "suspects_features") for source in ("a_few", "alike", "real"))
    assert few["value"] > real["high"] and few["value"] == pytest.approx(0.05, abs=0.03)
    assert alike["value"] <= real["high"]
    exact = hypergeom.pmf(10, 500, 200, 10)  # the ten nearest of 500 images are all among the 200
    assert f"10 of 200, exact p = {exact:.2g}" in few["method"] and exact < 1e-4


def test_the_deviate_is_zero_on_average_where_nothing_is_copied_and_negative_for_nearer_images():
    rng = np.random.default_rng(3)
    values = np.array([copying_z(rng.random(50), rng.random(40)) for _ in range(300)])
    assert abs(values.mean()) < 0.2 and values.std() == pytest.approx(1, abs=0.15)
    assert copying_z(np.array([2.0, 3, 4]), np.array([0.0, 1])) < 0 < copying_z(np.array([0.0, 1]), np.array([2.0, 3]))


def test_one_cell_gives_the_deviate_itself():
    rng = np.random.default_rng(6)
    first, second = rng.random(40), rng.random(30)
    assert copying_score(_distances(first), _distances(second)) == pytest.approx(copying_z(first, second))


def test_copies_in_one_cell_are_not_made_up_for_by_poor_images_in_another():
    rng = np.random.default_rng(7)
    cells = np.repeat([0, 1], [60, 20])
    held_out = _distances(rng.random(80) + 1, cells)
    made = _distances(np.concatenate([rng.random(60) * 0.1, 9 + rng.random(20)]), cells)
    expected = (60 * copying_z(*(t["distance"][:60] for t in (held_out, made))) + 20 * 5.4) / 80
    assert copying_score(held_out, made) == pytest.approx(expected, abs=0.05)
    assert copying_score(held_out, made) < -5


def test_cells_with_too_few_images_are_left_out_and_without_any_there_is_no_score():
    held_out, made = _distances([1.0] * 9), _distances([0.5] * 30)
    assert np.isnan(copying_score(held_out, made)) and np.isnan(copying_p(held_out, made, seed=1))
    whole = memorization_table(
        held_out.assign(authentic=True), np.arange(9), {"gan": made.assign(authentic=True)}, "pixels", HALVES, seed=1
    )
    row = _value(whole, "gan", "copying_ct_pixels")
    assert np.isnan(row["value"]) and row["method"].startswith("not given: no cell has 10 images")


def test_the_permutation_p_is_small_for_copies_only_and_even_where_nothing_is_copied():
    rng = np.random.default_rng(4)
    assert copying_p(_distances(rng.random(100) + 1), _distances(rng.random(50)), seed=1) == pytest.approx(0.001)
    assert copying_p(_distances(rng.random(100)), _distances(rng.random(50) + 1), seed=1) == 1.0
    cells = np.repeat([0, 1], 20)
    p = [copying_p(_distances(rng.random(40), cells), _distances(rng.random(40), cells), seed=k) for k in range(120)]
    assert 0.4 < np.mean(p) < 0.6 and np.mean(np.array(p) < 0.05) < 0.12


@pytest.mark.parametrize("suspects", [0, 1, 3])
def test_the_exact_p_of_suspects_is_how_often_chance_gives_as_many(suspects):
    rng = np.random.default_rng(8)
    order = rng.permuted(np.tile(np.arange(30), (20_000, 1)), axis=1)  # ranks of 12 synthetic images come first
    counts = (order[:, :12] < order[:, 12:].min(axis=1, keepdims=True)).sum(axis=1)
    assert suspects_p(18, 12, suspects) == pytest.approx((counts >= suspects).mean(), abs=0.012)


def test_cells_are_as_many_as_the_smallest_set_allows_and_do_not_depend_on_the_order():
    assert [partition(TRAINING, n, seed=1).n_clusters for n in (10, 79, 80, 150, 10_000)] == [1, 1, 2, 3, 5]
    again = partition(TRAINING[np.random.default_rng(9).permutation(500)], 10_000, seed=1)
    np.testing.assert_array_equal(again.predict(HELD_OUT), partition(TRAINING, 10_000, seed=1).predict(HELD_OUT))


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
