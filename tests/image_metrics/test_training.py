"""The classifier learns what is in the pictures, from known labels only, and its features see planted faults."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score

from helpers.errors import MetricError
from helpers.image_metrics.features import ClassifierShape
from helpers.image_metrics.fidelity import frechet_distance, kernel_distance
from helpers.image_metrics.images import CHUNK, features_of
from helpers.image_metrics.training import ClassifierTraining, _selection, augment, train_classifier

SHORT = ClassifierTraining(epochs=1, batch_size=16)


def test_it_finds_each_finding_in_images_that_it_has_never_seen(classifier, pictures):
    images, labels = pictures(300, seed=2)
    found = classifier.probabilities(images.astype(np.float32) / 255)
    assert min(roc_auc_score(labels[:, k], found[:, k]) for k in range(4)) > 0.9


def test_the_kept_epoch_is_the_best_one(trained):
    log = trained[1]
    assert log["best"].sum() == 1
    assert log.loc[log["best"], "selection_loss"].item() == log["selection_loss"].min()
    assert log["training_loss"].iloc[-1] < log["training_loss"].iloc[0]


def test_the_same_seed_gives_the_same_weights_whatever_else_was_drawn(shape, pictures):
    images, labels = pictures(80, seed=3)
    found = []
    for noise in (0, 1):
        torch.manual_seed(noise)
        found.append(train_classifier(images, labels, np.arange(80), shape, SHORT, seed=4)[0])
    other = train_classifier(images, labels, np.arange(80), shape, SHORT, seed=5)[0]
    same = [f.features(images.astype(np.float32) / 255) for f in (*found, other)]
    np.testing.assert_array_equal(same[0], same[1])
    assert np.abs(same[0] - same[2]).max() > 0.01


@pytest.mark.parametrize("epochs", [1, 4, 5, 6])
def test_it_learns_for_any_number_of_steps(shape, pictures, epochs):
    images, labels = pictures(24, seed=3)
    one_batch = ClassifierTraining(epochs=epochs, batch_size=16)
    assert len(train_classifier(images, labels, np.arange(24), shape, one_batch, seed=4)[1]) == epochs


def test_training_leaves_the_global_random_state_alone(shape, pictures):
    images, labels = pictures(40, seed=3)
    torch.manual_seed(9)
    before = torch.get_rng_state()
    train_classifier(images, labels, np.arange(40), shape, SHORT, seed=4)
    assert torch.equal(torch.get_rng_state(), before)


def test_training_leaves_the_number_of_threads_alone_and_does_not_depend_on_it(shape, pictures):
    images, labels = pictures(80, seed=3)
    before, found = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        classifier = train_classifier(images, labels, np.arange(80), shape, SHORT, seed=4)[0]
        assert torch.get_num_threads() == threads
        found.append({name: value.clone() for name, value in classifier.network.state_dict().items()})
    torch.set_num_threads(before)
    for name in ("head.weight", "bottleneck.weight"):
        assert torch.equal(found[0][name], found[1][name])


class Counted:
    """Images that count how many of them are read at a time, as from a file."""

    def __init__(self, images):
        self.images, self.dtype, self.shape, self.most = images, images.dtype, images.shape, 0

    def __len__(self):
        return len(self.images)

    def __getitem__(self, rows):
        self.most = max(self.most, len(self.images[rows]))
        return self.images[rows]


def test_a_few_images_at_a_time_are_read(shape):
    rng = np.random.default_rng(1)
    images = Counted(rng.integers(0, 256, (600, shape.image_size, shape.image_size), dtype=np.uint8))
    labels = rng.integers(0, 2, (600, len(shape.findings))).astype(np.int8)
    train_classifier(images, labels, np.arange(600), shape, SHORT, seed=4)
    assert images.most <= CHUNK


def test_patients_who_choose_the_epoch_do_not_train():
    patients = np.repeat([f"p{i}" for i in range(20)], 3)
    choosing = _selection(patients, 0.1, np.random.default_rng(0))
    assert len(set(patients[choosing])) == 2
    assert not set(patients[choosing]) & set(patients[~choosing])


def test_augmentation_moves_little_and_never_mirrors():
    image = np.zeros((1, 40, 40), dtype=np.float32)
    image[0, 10:14, 5:9] = 1.0
    for seed in range(20):
        changed = augment(image, np.random.default_rng(seed))[0]
        rows, columns = np.nonzero(changed > 0.6)
        assert abs(rows.mean() - 11.5) <= 2 and abs(columns.mean() - 6.5) <= 2
        assert changed.min() >= 0 and changed.max() <= 1


@pytest.mark.parametrize(
    ("labels", "patients", "message"),
    [
        (np.ones((10, 4), dtype=np.int8), np.arange(10), "both present and absent"),
        (np.full((10, 4), -1, dtype=np.int8), np.arange(10), "both present and absent"),
        (np.tile([[0], [1]], (5, 4)).astype(np.int8), np.zeros(10), "has 1 patients"),
    ],
)
def test_a_cohort_that_cannot_teach_is_refused(shape, labels, patients, message):
    with pytest.raises(MetricError, match=message):
        train_classifier(np.zeros((10, 32, 32), dtype=np.uint8), labels, patients, shape, SHORT, seed=1)


def test_images_of_another_size_are_refused():
    labels = np.tile([[0], [1]], (5, 4)).astype(np.int8)
    with pytest.raises(MetricError, match="expected uint8 side 64"):
        train_classifier(
            np.zeros((10, 32, 32), dtype=np.uint8), labels, np.arange(10), ClassifierShape(), SHORT, seed=1
        )


def _blurred(images):
    return gaussian_filter(images, (0, 1.5, 1.5))


def _noisy(images):
    noise = np.random.default_rng(0).normal(0, 20, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def _collapsed(images):
    return np.resize(images[:10], images.shape)


def _darker(images):
    return (images * 0.7).astype(np.uint8)


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize("fault", [_blurred, _noisy, _collapsed, _darker])
def test_a_planted_fault_moves_the_distance_far_beyond_real_against_real(classifier, pictures, distance, fault):
    reference = features_of(classifier, pictures(200, seed=20)[0])
    whole = [pictures(200, seed=seed)[0] for seed in range(21, 26)]
    baseline = [distance(features_of(classifier, images), reference) for images in whole]
    assert distance(features_of(classifier, fault(whole[0])), reference) > np.mean(baseline) + 5 * np.std(baseline)
