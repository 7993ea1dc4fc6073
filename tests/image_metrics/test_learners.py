"""Both small classifiers learn planted findings, remember what they were trained on before, and repeat themselves."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from helpers.image_metrics.learners import LEARNERS, Material

PASSES = {"perceptron": (16, 60), "convolutional": (8, 6)}


def _material(pictures, n, seed):
    images, labels = pictures(n, seed)
    return Material(images, labels, np.arange(n).astype(str))


def _area(scoring, pictures):
    images, labels = pictures(200, 99)
    scores = scoring(images)
    assert scores.shape == (200, 4)
    return np.mean([roc_auc_score(labels[:, k], scores[:, k]) for k in range(4)])


@pytest.mark.parametrize("name", LEARNERS)
def test_planted_findings_are_learned(name, pictures):
    assert _area(LEARNERS[name](_material(pictures, 200, 1), None, *PASSES[name], 1), pictures) > 0.8


@pytest.mark.parametrize("name", LEARNERS)
def test_what_was_trained_on_before_is_remembered(name, pictures):
    few, many = _material(pictures, 12, 1), _material(pictures, 200, 2)
    alone, after = (LEARNERS[name](few, before, *PASSES[name], 1) for before in (None, many))
    assert _area(after, pictures) > _area(alone, pictures) + 0.05


@pytest.mark.parametrize("name", LEARNERS)
def test_the_same_seed_gives_the_same_scores_and_another_others(name, pictures):
    material, images = _material(pictures, 40, 1), pictures(5, 3)[0]
    once, again, other = (LEARNERS[name](material, None, *PASSES[name], seed)(images) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert not np.allclose(once, other)


def test_materials_are_joined_in_order(pictures):
    first, second = _material(pictures, 3, 1), _material(pictures, 2, 2)
    both = first + second
    np.testing.assert_array_equal(both.images[3:], second.images)
    np.testing.assert_array_equal(both.labels[:3], first.labels)
    assert both.groups.tolist() == ["0", "1", "2", "0", "1"]
