"""Scores of single images against neighbours counted one by one; a discriminator only judges what is new to it."""

import numpy as np
import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.image_metrics.realism import (
    discriminator_scores,
    discriminator_table,
    image_scores,
    manifold_scores,
    with_probabilities,
)

NAMES = ORIGINAL.names

TRAINING = np.random.default_rng(0).normal(size=(300, 4))


def test_distance_and_density_are_those_of_neighbours_counted_one_by_one():
    points = np.random.default_rng(1).normal(size=(20, 4))
    found = manifold_scores(points, TRAINING, k=3)
    distances = np.linalg.norm(points[:, None] - TRAINING, axis=2)
    np.testing.assert_allclose(found["distance"], np.sort(distances, axis=1)[:, 2])
    own = np.linalg.norm(TRAINING[:, None] - TRAINING, axis=2)
    radii = np.sort(own, axis=1)[:, 3]
    np.testing.assert_allclose(found["density"], (distances <= radii).sum(axis=1) / 3)


def test_an_image_far_out_is_far_and_lonely():
    found = manifold_scores(np.array([[0.0] * 4, [9.0] * 4]), TRAINING)
    assert found["distance"][1] > 10 * found["distance"][0]
    assert found["density"][1] == 0 < found["density"][0]


@pytest.fixture
def study():
    """Real images of 60 patients, a source of the same law, a shifted one and one that is only too smooth."""
    rng = np.random.default_rng(2)
    held_out = pd.DataFrame({"image_id": [f"r{i:03d}" for i in range(120)]})
    held_out["patient_id"] = [f"p{i // 2}" for i in range(120)]
    samples = pd.DataFrame({"source": np.repeat(["alike", "shifted", "smooth"], 100)})
    samples["image_id"] = [f"s{i:03d}" for i in range(300)]
    made = rng.normal(size=(300, 4))
    made[100:200] += 1.5
    made[200:] *= 0.4
    return held_out, rng.normal(size=(120, 4)), samples, made


def test_the_discriminator_finds_a_shift_and_too_little_spread_and_nothing_in_images_alike(study):
    table = discriminator_table(*study, seed=1).set_index("source")
    assert table.loc["shifted", "low"] > 0.8 and table.loc["smooth", "low"] > 0.6
    for source in ("alike", "real"):
        assert table.loc[source, "low"] < 0.5 < table.loc[source, "high"]


def test_real_against_real_has_as_many_images_as_a_source(study):
    table = discriminator_table(*study, seed=1).set_index("source")
    assert table.loc["real", "n"] == 120 and table.loc["alike", "n"] == 220


def test_out_of_fold_scores_do_not_remember_noise():
    rng = np.random.default_rng(4)
    scores = discriminator_scores(rng.normal(size=(60, 40)), np.arange(60), rng.normal(size=(60, 40)), seed=1)
    assert abs(scores[60:].mean() - scores[:60].mean()) < scores.std()


def test_scores_do_not_depend_on_the_order_of_rows(study):
    held_out, real, samples, made = study
    rng = np.random.default_rng(5)
    a, b = rng.permutation(120), rng.permutation(300)
    straight = image_scores(*study, TRAINING, seed=1)
    mixed = image_scores(held_out.iloc[a], real[a], samples.iloc[b], made[b], TRAINING, seed=1)
    pd.testing.assert_frame_equal(mixed, straight)
    assert straight["image_id"].tolist() == [*held_out["image_id"], *samples["image_id"]]


def test_probabilities_stand_beside_the_right_image(study):
    scores = image_scores(*study, TRAINING, seed=1)
    ids = scores["image_id"].to_numpy()[::-1]
    probabilities = np.arange(len(ids) * 4, dtype=float).reshape(-1, 4)
    table = with_probabilities(scores, ids, probabilities, ORIGINAL)
    assert table[list(NAMES)].to_numpy()[0].tolist() == probabilities[-1].tolist()
