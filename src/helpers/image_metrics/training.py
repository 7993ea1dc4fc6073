"""Training of the run's classifier: loss over known labels only, best epoch chosen on patients not trained on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from helpers.errors import MetricError, TrainingError
from helpers.findings import UNSPECIFIED
from helpers.image_metrics.features import BATCH, ClassifierShape, FindingClassifier, Network, one_thread
from helpers.image_metrics.images import features_of
from helpers.losses import known_cross_entropy
from helpers.progress import Progress

AUGMENTATION_SHIFT = 0.05  # of the image's side
AUGMENTATION_CONTRAST = 0.1


@dataclass(frozen=True)
class ClassifierTraining:
    """How long and how fast: passes over the training images, images per step, peak learning rate, weight decay, share
    of patients of the training split that are used only to choose the best epoch."""

    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    selection_share: float = 0.1


def train_classifier(
    images: np.ndarray,
    labels: np.ndarray,
    patients: np.ndarray,
    shape: ClassifierShape,
    training: ClassifierTraining,
    seed: int,
    start: FindingClassifier | None = None,
) -> tuple[FindingClassifier, pd.DataFrame]:
    """Train a classifier and return it, frozen, with its log (epoch, training_loss, selection_loss, best).

    It starts from random weights, or from those of ``start``, which must have the same shape.

    images: uint8 (n, size, size) with size = shape.image_size, of which a few are copied at a time; labels: int8
    (n, findings), 1 / 0 / -1; patients: (n,), so that no patient both trains the classifier and chooses its epoch.
    The same seed gives the same weights on one machine, whatever its number of cores.
    Raises MetricError if no finding has both a 1 and a 0, TrainingError if the loss is not a number.
    """
    _check(images, labels, shape)
    rng = np.random.default_rng([seed, 5])
    choosing = _selection(patients, training.selection_share, rng)
    chosen, judges = np.flatnonzero(~choosing), np.flatnonzero(choosing)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        network = Network(shape).to(device, memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(start.network.state_dict())
    steps = training.epochs * max(1, len(chosen) // training.batch_size)
    optimiser = torch.optim.AdamW(
        network.parameters(), training.learning_rate, weight_decay=training.weight_decay, fused=True
    )
    planned = max(steps, 6)  # OneCycleLR divides by zero if its first phase, a fifth less one step, has no length
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, training.learning_rate, total_steps=planned, pct_start=0.2
    )
    rows, best, weights = [], np.inf, None
    with one_thread(), Progress("Classifier", training.epochs * len(chosen)) as progress:
        for epoch in range(1, training.epochs + 1):
            train_loss = _epoch(network, optimiser, schedule, images, labels, chosen, training, rng, progress)
            loss = evaluate_loss(network, images, labels, judges)
            if not np.isfinite(train_loss + loss):
                raise TrainingError(f"classifier: the loss is not a number in epoch {epoch}; lower learning_rate")
            if loss < best:
                best, weights = loss, {k: v.clone() for k, v in network.state_dict().items()}
            rows.append({"epoch": epoch, "training_loss": train_loss, "selection_loss": loss})
    network.load_state_dict(weights)
    log = pd.DataFrame(rows)
    log["best"] = log["selection_loss"] == log["selection_loss"].min()
    return _freeze(network, shape, images, chosen), log


def _check(images: np.ndarray, labels: np.ndarray, shape: ClassifierShape) -> None:
    if images.dtype != np.uint8 or images.shape[1:] != (shape.image_size, shape.image_size):
        raise MetricError(
            f"classifier images: expected uint8 side {shape.image_size}, got {images.dtype} {images.shape}"
        )
    if not any({0, 1} <= set(labels[:, k].tolist()) for k in range(labels.shape[1])):
        raise MetricError(
            "classifier: no finding has both present and absent images in the training split; "
            f"check the columns {', '.join(shape.findings)} of cohort.csv"
        )


def _selection(patients: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """True for images of the patients used to choose the epoch; at least one patient on each side."""
    names = np.unique(np.asarray(patients, dtype=str))
    if len(names) < 2:
        raise MetricError(f"classifier: the training split has {len(names)} patients; at least 2 are needed")
    count = min(max(1, round(share * len(names))), len(names) - 1)
    return np.isin(np.asarray(patients, dtype=str), rng.permutation(names)[:count])


def _epoch(network, optimiser, schedule, images, labels, chosen, training, rng, progress) -> float:
    """One pass in random order; an incomplete last batch is left out."""
    network.train()
    order = rng.permutation(chosen)
    total, batches = 0.0, max(1, len(order) // training.batch_size)
    for batch in range(batches):
        index = order[batch * training.batch_size : (batch + 1) * training.batch_size]
        pixels = augment(images[index].astype(np.float32) / 255.0, rng)
        device = network.centre.device
        loss = known_cross_entropy(
            network(torch.from_numpy(pixels)[:, None].to(device)), torch.from_numpy(labels[index]).to(device)
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        total += loss.item()
        progress.update(len(index), note=f"loss {loss.item():.3f}")
    return total / batches


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shift each image and change its contrast slightly: float32 (n, size, size), 0..1. It never mirrors images,
    because the heart is on one side."""
    n, size = len(images), images.shape[1]
    most = round(AUGMENTATION_SHIFT * size)
    padded = np.pad(images, ((0, 0), (most, most), (most, most)), mode="edge")
    corners = rng.integers(0, 2 * most + 1, size=(n, 2))
    shifted = np.stack([p[i : i + size, j : j + size] for p, (i, j) in zip(padded, corners, strict=True)])
    gain = rng.uniform(1 - AUGMENTATION_CONTRAST, 1 + AUGMENTATION_CONTRAST, size=(n, 1, 1)).astype(np.float32)
    return np.clip((shifted - 0.5) * gain + 0.5, 0.0, 1.0)


def evaluate_loss(network: Network, images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> float:
    """Loss over some rows of uint8 images, with the network in evaluation mode."""
    network.eval()
    device = network.centre.device
    total = known = 0.0
    with torch.inference_mode():
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            pixels = torch.from_numpy(images[part].astype(np.float32) / 255.0)[:, None].to(device)
            batch = torch.from_numpy(labels[part]).to(device)
            count = int((batch != UNSPECIFIED).sum())
            total += known_cross_entropy(network(pixels), batch).item() * count
            known += count
    return total / max(known, 1)


def _freeze(network: Network, shape: ClassifierShape, images: np.ndarray, rows: np.ndarray) -> FindingClassifier:
    """Standardise the features over the training images, which are some rows of ``images``, and freeze."""
    classifier = FindingClassifier(network, shape)
    network.standardise(features_of(classifier, images, rows))
    return classifier
