"""The feature space of the generators' benchmarks: a classifier trained on phantoms that no generator has seen."""

from pathlib import Path

import joblib
import numpy as np

from helpers.cohort.phantom import render
from helpers.findings import ORIGINAL
from helpers.image_metrics.features import ClassifierShape, FindingClassifier, load_classifier
from helpers.image_metrics.fidelity import frechet_distance, kernel_distance
from helpers.image_metrics.images import features_of
from helpers.image_metrics.training import ClassifierTraining, train_classifier
from helpers.progress import track

NAMES = ORIGINAL.names

JUDGE_SEED, JUDGE_PHANTOMS, JUDGE_EPOCHS = 7001, 3000, 10
JUDGED = 128  # pixels per side at which the classifier looks at larger images


def phantoms(seed: int, count: int, size: int, label: str = "Phantoms") -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (n, size, size) and states int8 (n, 4), rendered on all cores."""

    def one(index: int):
        phantom = render(seed, index, size=size)
        return np.rint(phantom.image * 255).astype(np.uint8), [int(phantom.facts[name]) for name in NAMES]

    work = joblib.Parallel(-1, return_as="generator")(joblib.delayed(one)(index) for index in range(count))
    images, states = zip(*track(work, label, total=count), strict=True)
    return np.stack(images), np.array(states, dtype=np.int8)


def judge(folder: Path, size: int) -> FindingClassifier:
    """The classifier in whose features images are compared; trained once and kept in ``folder``."""
    path = folder / f"judge-{size}.safetensors"
    if not path.is_file():
        images, states = phantoms(JUDGE_SEED, JUDGE_PHANTOMS, size, "Phantoms for the judge")
        training = ClassifierTraining(epochs=JUDGE_EPOCHS)
        trained, _ = train_classifier(images, states, np.arange(len(images)), ClassifierShape(size), training, 1)
        folder.mkdir(parents=True, exist_ok=True)
        trained.save(path)
    return load_classifier(path)


def distances(classifier: FindingClassifier, made: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """Fréchet and kernel distance of uint8 images (n, s, s) from others (m, s, s)."""
    first, second = (features_of(classifier, images) for images in (made, reference))
    return {"frechet": frechet_distance(first, second), "kernel": kernel_distance(first, second)}
