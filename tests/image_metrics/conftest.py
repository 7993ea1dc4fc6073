"""Small pictures with a finding each in its own corner, and a classifier trained on them once."""

import numpy as np
import pytest

from helpers.image_metrics.features import ClassifierShape
from helpers.image_metrics.training import ClassifierTraining, train_classifier

SIZE = 32
CORNERS = ((8, 8), (8, 24), (24, 8), (24, 24))


def draw_pictures(n, seed):
    """Pictures uint8 (n, 32, 32) of smooth texture with a bright patch per finding, and labels int8 (n, 4)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, (n, 4)).astype(np.int8)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    pictures = np.full((n, SIZE, SIZE), 90.0)
    for k in range(6):
        phase, gain = rng.uniform(0, 2 * np.pi, n), rng.normal(0, 12, n)
        wave = np.cos((k % 3 + 1) * 2 * np.pi * (rows if k < 3 else columns) / SIZE + phase[:, None, None])
        pictures += gain[:, None, None] * wave
    for finding, (row, column) in enumerate(CORNERS):
        patch = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 18)
        pictures += labels[:, finding, None, None] * rng.uniform(30, 80, n)[:, None, None] * patch
    pictures += rng.normal(0, 3, pictures.shape)
    return np.clip(pictures, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="session")
def shape():
    return ClassifierShape(image_size=SIZE, width=8, feature_dimension=8)


@pytest.fixture(scope="session")
def trained(shape):
    """Classifier and its log."""
    pictures, labels = draw_pictures(600, seed=1)
    patients = np.array([f"p{i // 2}" for i in range(600)])
    return train_classifier(pictures, labels, patients, shape, ClassifierTraining(epochs=6, batch_size=32), seed=1)


@pytest.fixture(scope="session")
def classifier(trained):
    return trained[0]


@pytest.fixture(scope="session")
def pictures():
    """Function (n, seed) -> pictures uint8 (n, 32, 32), labels int8 (n, 4)."""
    return draw_pictures
