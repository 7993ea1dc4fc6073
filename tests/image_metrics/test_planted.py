"""What is planted in images is seen by the metric that should see it, beside real against real at equal n."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from helpers.findings import ORIGINAL
from helpers.image_metrics.comparison import Halves, compare
from helpers.image_metrics.condition import condition_table, judged
from helpers.image_metrics.diversity import similarity_table
from helpers.image_metrics.images import features_of, probabilities_of, sets_of
from helpers.image_metrics.memorization import memorization_table, nearest_pairs, screen
from helpers.image_metrics.realism import discriminator_table

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells

PER_CELL = 40
COPIERS = {"honest": 0, "a_few": 16, "a_third": 107}  # training images among 320


def _collapsed(images, rng):
    return images[rng.integers(0, 10, len(images))]


CHANGES = {
    "same": lambda images, rng: images,
    "blur": lambda images, rng: gaussian_filter(images, (0, 1, 1)),
    "noise": lambda images, rng: np.clip(images + rng.normal(0, 15, images.shape), 0, 255).astype(np.uint8),
    "gray": lambda images, rng: np.clip(images.astype(int) + 40, 0, 255).astype(np.uint8),
    "collapse": _collapsed,
}


def _planted(pictures):
    """Real pictures with labels, and a source per change: pictures of the same law, changed."""
    real_images, labels = pictures(800, seed=11)
    real = pd.DataFrame(labels.astype(float), columns=list(NAMES))
    real["image_id"] = real["patient_id"] = [f"p{i:04d}" for i in range(800)]
    rows, images = [], []
    for order, (source, change) in enumerate(CHANGES.items()):
        made, made_labels = pictures(900, seed=20 + order)
        chosen, asked, taken = [], [], set()
        for cell in CELLS:
            fits = [i for i in np.flatnonzero(made_labels[:, NAMES.index(cell.finding)] == cell.present)]
            own = [i for i in fits if i not in taken][:PER_CELL]
            taken |= set(own)
            chosen += own
            asked += [cell] * PER_CELL
        images.append(change(made[chosen], np.random.default_rng(order)))
        rows += [(f"{source}-{i:04d}", source, cell.finding, cell.present) for i, cell in enumerate(asked)]
    samples = pd.DataFrame(rows, columns=["image_id", "source", "finding", "present"])
    return real, real_images, samples, np.concatenate(images)


@pytest.fixture(scope="module")
def planted(pictures):
    return _planted(pictures)


@pytest.fixture(scope="module")
def table(planted, classifier):
    real, real_images, samples, images = planted
    sets = sets_of(real, features_of(classifier, real_images), samples, features_of(classifier, images), ORIGINAL)
    overall = compare(*sets, Halves(repeats=20), seed=1)
    return overall[overall["finding"].isna()].set_index(["source", "metric"])


@pytest.mark.parametrize("source", ["blur", "noise", "gray", "collapse"])
@pytest.mark.parametrize("metric", ["frechet_distance", "frechet_infinity", "kid"])
def test_every_change_moves_every_distance_beyond_real_against_real(table, source, metric):
    assert table.loc[(source, metric), "low"] > table.loc[("real", metric), "high"]


@pytest.mark.parametrize("metric", ["recall", "coverage"])
def test_collapse_to_ten_images_lowers_recall_and_coverage(table, metric):
    assert table.loc[("collapse", metric), "high"] < table.loc[("real", metric), "low"]


def test_noise_lowers_precision(table):
    assert table.loc[("noise", "precision"), "high"] < table.loc[("real", "precision"), "low"]


def test_images_drawn_alike_stay_within_the_range(table):
    for metric in ("frechet_distance", "kid", "precision", "recall", "coverage"):
        real, same = table.loc[("real", metric)], table.loc[("same", metric)]
        assert same["low"] < real["high"] and real["low"] < same["high"]


def test_swapped_labels_turn_the_condition_around(planted, classifier):
    real, real_images, samples, images = planted
    swapped = samples.assign(present=1 - samples["present"])
    scores = probabilities_of(classifier, real_images), probabilities_of(classifier, images)
    right, wrong = (
        condition_table(judged(real, scores[0], table, scores[1], ORIGINAL)).query("source == 'same'")
        for table in (samples, swapped)
    )
    np.testing.assert_allclose(wrong["value"], 1 - right["value"])
    assert (right["low"] > 0.5).all() and (wrong["high"] < 0.5).all()


@pytest.mark.parametrize("source", ["blur", "noise", "gray"])
def test_a_discriminator_tells_changed_images_apart_and_no_others(planted, classifier, source):
    real, real_images, samples, images = planted
    features = features_of(classifier, real_images), features_of(classifier, images)
    table = discriminator_table(real, features[0], samples, features[1], seed=1).set_index("source")
    assert table.loc[source, "low"] > max(table.loc["real", "high"], table.loc["same", "high"])
    assert table.loc["real", "low"] < 0.5 < table.loc["real", "high"]


def test_collapse_to_ten_images_raises_similarity_and_lowers_variance(planted, table):
    real, real_images, samples, images = planted
    chosen = samples["source"].isin(["same", "collapse"]).to_numpy()
    real_set, made = sets_of(real, real_images, samples[chosen], images[chosen], ORIGINAL)
    similar = similarity_table({"real": real_set} | made, 20, Halves(repeats=20), seed=1)
    similar = similar[similar["finding"].isna()].set_index("source")
    assert similar.loc["collapse", "low"] > similar.loc["real", "high"]
    assert similar.loc["same", "low"] < similar.loc["real", "high"]
    assert table.loc[("collapse", "feature_variance"), "high"] < table.loc[("real", "feature_variance"), "low"]


def test_five_per_cent_of_training_images_among_the_samples_are_found(planted, pictures):
    real, real_images, samples, images = planted
    training_images = pictures(600, seed=31)[0]
    training = pd.DataFrame({"image_id": [f"t{i:03d}" for i in range(600)]})
    copied = samples["source"].eq("same").to_numpy()
    images = images.copy()
    planted_rows = np.flatnonzero(copied)[::20]
    images[planted_rows] = training_images[: len(planted_rows)]
    found = screen(images[copied], training_images, real_images)
    unseen = screen(real_images, training_images, real_images, real["patient_id"].to_numpy())
    pairs = nearest_pairs(samples[copied], found, training, unseen, "pixels")
    suspects = pairs[pairs["suspect"]]
    assert set(samples["image_id"].iloc[planted_rows]) <= set(suspects["image_id"])
    assert len(suspects) <= len(planted_rows) + 3
    assert not found.training["authentic"].to_numpy()[np.isin(np.flatnonzero(copied), planted_rows)].any()


def test_copies_move_the_measures_of_copying_five_per_cent_and_a_third(planted, pictures):
    real, real_images, samples, images = planted
    known, honest = pictures(600, seed=31)[0], images[samples["source"].eq("same")]
    made = {name: np.concatenate([honest[count:], known[:count]]) for name, count in COPIERS.items()}
    made |= {"blurred copies": CHANGES["blur"](made["a_third"], None), "blur": images[samples["source"].eq("blur")]}
    found = {name: screen(part, known, real_images) for name, part in made.items()}
    patients = np.array([f"t{i}" for i in range(600)]), real["patient_id"].to_numpy()
    unseen = screen(real_images, known, real_images, patients[1])
    screened = memorization_table(unseen, found, patients, "pixels", Halves(repeats=30), seed=1)
    screened = screened.set_index(["source", "metric"])
    authentic, nearer, suspects = (
        screened.xs(f"{metric}_pixels", level="metric") for metric in ("authenticity", "nearer_to_training", "suspects")
    )
    assert authentic.loc["a_third", "high"] < authentic.loc["real", "low"]
    assert authentic.loc["honest", "high"] > authentic.loc["real", "low"]
    for source in ("a_third", "blurred copies"):
        assert nearer.loc[source, "low"] > nearer.loc["real", "high"]
    for source in ("honest", "blur"):
        assert nearer.loc[source, "low"] < nearer.loc["real", "high"]
        assert suspects.loc[source, "value"] <= suspects.loc["real", "high"]
    assert suspects.loc["a_third", "low"] > suspects.loc["a_few", "value"] > suspects.loc["real", "high"]
