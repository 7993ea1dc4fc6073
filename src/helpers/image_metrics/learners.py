"""Small classifiers for testing the utility of images: a perceptron on coarse pixels, or the network of the run."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers.image_metrics.features import ClassifierShape, one_thread
from helpers.image_metrics.images import in_range, probabilities_of
from helpers.image_metrics.training import ClassifierTraining, train_classifier
from helpers.losses import known_cross_entropy

RATE, DECAY, DROPOUT = 3e-3, 0.1, 0.3
GENTLER = 0.3  # factor on the learning rate after pre-training
BATCH = 32


@dataclass(frozen=True)
class Material:
    """Images uint8 (n, size, size) with labels int8 (n, findings), 1 / 0 / -1, and their owners, groups (n,)."""

    images: np.ndarray
    labels: np.ndarray
    groups: np.ndarray

    def __add__(self, other: "Material") -> "Material":
        pairs = ((self.images, other.images), (self.labels, other.labels), (self.groups, other.groups))
        return Material(*(np.concatenate(pair) for pair in pairs))


Scoring = Callable[[np.ndarray], np.ndarray]  # uint8 images (n, size, size) -> a score per finding (n, findings)


def perceptron(material: Material, before: Material | None, width: int, passes: int, seed: int) -> Scoring:
    """Train a perceptron with one hidden layer of ``width`` on image pixels, each image scaled to mean 0, deviation 1.

    All images form one batch, for ``passes`` steps; ``before`` is trained on first, after which the rate is lower. With
    a few hundred images it does better than a convolutional network.
    """
    with torch.random.fork_rng(devices=[]), one_thread():
        torch.manual_seed(seed)
        inputs, outputs = material.images[0].size, material.labels.shape[1]
        network = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(width, outputs))
        for number, part in enumerate(part for part in (before, material) if part is not None):
            optimiser = torch.optim.AdamW(network.parameters(), RATE * GENTLER**number, weight_decay=DECAY, fused=True)
            pixels, labels = _standardised(part.images), torch.from_numpy(part.labels)
            for _ in range(passes):
                loss = known_cross_entropy(network(pixels), labels)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    network.eval().requires_grad_(False)
    return lambda images: network(_standardised(images)).double().numpy()


def _standardised(images: np.ndarray) -> torch.Tensor:
    pixels = torch.from_numpy(in_range(images)).flatten(1)
    return (pixels - pixels.mean(dim=1, keepdim=True)) / (pixels.std(dim=1, keepdim=True) + 1e-3)


def convolutional(material: Material, before: Material | None, width: int, passes: int, seed: int) -> Scoring:
    """Train a network like the run's classifier, ``width`` channels wide, for ``passes`` epochs; for many images."""
    names, found = tuple(map(str, range(material.labels.shape[1]))), None
    shape = ClassifierShape(image_size=material.images.shape[-1], width=width, findings=names)
    for number, part in enumerate(part for part in (before, material) if part is not None):
        rate = ClassifierTraining.learning_rate * GENTLER**number
        training = ClassifierTraining(epochs=passes, batch_size=BATCH, learning_rate=rate)
        found = train_classifier(part.images, part.labels, part.groups, shape, training, seed, start=found)[0]
    return lambda images: probabilities_of(found, images)


LEARNERS = {"perceptron": perceptron, "convolutional": convolutional}
