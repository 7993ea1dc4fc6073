"""Learning: findings and reality are learned from real training images, and from nothing else."""

import numpy as np
import pytest

from helpers.errors import ReadingError
from helpers.findings import ORIGINAL
from helpers.study.display import auc, render
from helpers.study.observers.channels import channels, measure
from helpers.study.observers.learning import learn_finding, learn_reality, train_observer

NAMES = ORIGINAL.names

WIDTH = len(channels(32))


def values_with_signal(count, strength, rng):
    labels = rng.integers(0, 2, count)
    values = rng.standard_normal((count, WIDTH)) @ np.diag(np.linspace(0.1, 10, WIDTH))
    values[:, 7] += strength * labels * values[:, 7].std()
    return values, labels


def test_evidence_grows_with_the_signal_in_images_not_seen_before():
    rng = np.random.default_rng(0)
    found = []
    for strength in (0.0, 1.0, 3.0):
        known = learn_finding(*values_with_signal(600, strength, rng), "atelectasis", rng)
        values, labels = values_with_signal(600, strength, rng)
        found.append(auc(known.evidence(values), labels == 1))
    assert abs(found[0] - 0.5) < 0.1 and found[0] < found[1] < found[2] and found[2] > 0.9


def test_evidence_is_not_overstated():
    rng = np.random.default_rng(1)
    known = learn_finding(*values_with_signal(500, 1.5, rng), "atelectasis", rng)
    values, labels = values_with_signal(4000, 1.5, rng)
    chance = 1 / (1 + np.exp(-known.evidence(values)))
    sure = chance > 0.8
    assert labels[sure].mean() == pytest.approx(chance[sure].mean(), abs=0.12)


def test_nothing_to_see_is_no_evidence():
    rng = np.random.default_rng(5)
    for _ in range(5):
        known = learn_finding(*values_with_signal(60, 0.0, rng), "atelectasis", rng)
        assert known.slope >= 0 and np.abs(known.evidence(values_with_signal(500, 0.0, rng)[0])).mean() < 0.7


def test_what_was_learned_is_told(small_run):
    folder, cohort, _ = small_run
    summary = train_observer(cohort, folder, ORIGINAL, seed=1).summary().set_index("finding")
    training = cohort[cohort.split == "train"]
    for name in NAMES:
        assert summary.loc[name, "present"] == (training[name] == 1).sum()
        assert summary.loc[name, "absent"] == (training[name] == 0).sum()
    assert summary.auc["enlarged_cardiac_silhouette"] > 0.95 and summary.auc.between(0.5, 1).all()


def test_the_level_of_the_channels_makes_no_difference():
    rng = np.random.default_rng(6)
    values, labels = values_with_signal(400, 2.0, rng)
    plain, raised = (learn_finding(v, labels, "x", np.random.default_rng(0)) for v in (values, values + 1000.0))
    assert raised.auc == pytest.approx(plain.auc, abs=0.01) and plain.auc > 0.8
    assert np.allclose(raised.evidence(values + 1000.0), plain.evidence(values), atol=0.05)


def test_unspecified_labels_are_not_used():
    rng = np.random.default_rng(2)
    values, labels = values_with_signal(300, 2, rng)
    nonsense = np.vstack([values, 1e6 * rng.standard_normal((50, WIDTH))])
    with_unknown = learn_finding(nonsense, np.append(labels, np.full(50, -1)), "x", np.random.default_rng(0))
    without = learn_finding(values, labels, "x", np.random.default_rng(0))
    assert np.array_equal(with_unknown.weights, without.weights)


def test_a_finding_that_is_hardly_ever_there_cannot_be_learned():
    rng = np.random.default_rng(3)
    values, labels = values_with_signal(100, 1, rng)
    with pytest.raises(ReadingError, match="pleural_effusion: 0 training images with it"):
        learn_finding(values, labels * 0, "pleural_effusion", rng)


def test_real_images_deviate_by_nothing_on_average_and_odd_ones_much_in_their_own_group():
    rng = np.random.default_rng(4)
    reality = learn_reality(rng.standard_normal((800, WIDTH)), 32, rng)
    fresh = reality.scores(rng.standard_normal((400, WIDTH)))
    assert fresh["all"].mean() == pytest.approx(0, abs=0.4) and fresh["all"].std() == pytest.approx(1, abs=0.3)
    cue = list(reality.groups)[-1]
    odd = rng.standard_normal((50, WIDTH))
    odd[:, reality.groups[cue]] *= 3
    scores = reality.scores(odd).mean()
    assert scores["all"] > 2 and scores.drop("all").idxmax() == cue


def test_an_observer_learns_from_the_training_split_only_and_repeats_itself(small_run):
    folder, cohort, _ = small_run
    whole = train_observer(cohort, folder, ORIGINAL, seed=1)
    training = train_observer(cohort[cohort.split == "train"], folder, ORIGINAL, seed=1)
    assert whole.trained_on == (cohort.split == "train").sum()
    assert list(whole.discriminants) == list(NAMES)
    for name in NAMES:
        assert np.array_equal(whole.discriminants[name].weights, training.discriminants[name].weights)
    assert train_observer(cohort, folder, ORIGINAL, seed=1, limit=120).trained_on == 120


def test_findings_are_seen_in_images_not_learned_from(small_run):
    folder, cohort, _ = small_run
    test = cohort[cohort.split == "test"]
    values = measure(np.stack([render(folder / path, 32) for path in test.path]))
    known = train_observer(cohort, folder, ORIGINAL, seed=1).discriminants
    found = {name: auc(known[name].evidence(values), (test[name] == 1).to_numpy(bool)) for name in NAMES}
    assert found["enlarged_cardiac_silhouette"] > 0.95 and np.mean(list(found.values())) > 0.75, found


def test_without_training_images_there_is_nothing_to_learn_from(small_run):
    folder, cohort, _ = small_run
    with pytest.raises(ReadingError, match="no training images"):
        train_observer(cohort[cohort.split == "test"], folder, ORIGINAL, seed=1)
