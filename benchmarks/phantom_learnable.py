"""How well a small network learns the findings of phantoms: ``python benchmarks/phantom_learnable.py``.

Trains on 4,000 phantoms at 64 px and prints the area under the ROC curve on 1,000 others. A phantom study needs areas
well above chance, or the images would show nothing, and below 1, or an artifact would give the disease away.
"""

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd

from helpers.cohort.build import build
from helpers.cohort.settings import Settings
from helpers.findings import ORIGINAL
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import ClassifierShape
from helpers.image_metrics.images import held_out, probabilities_of, read_images
from helpers.image_metrics.training import ClassifierTraining, train_classifier

NAMES = ORIGINAL.names
condition_labels = ORIGINAL.condition_labels

FRACTIONS = {"train": 0.8, "validate": 0.1, "test": 0.1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=5000, help="phantoms; four fifths train the network")
    parser.add_argument("--epochs", type=int, default=20, help="passes over the training images")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(kind="phantom", images=options.images, seed=options.seed, fractions=FRACTIONS)
        table = build(settings, Path(folder) / "cohort").table
        train, fresh = table[table["split"] == "train"], held_out(table)
        images, others = (read_images(part["path"], folder, settings.size) for part in (train, fresh))
    start = time.perf_counter()
    training = ClassifierTraining(epochs=options.epochs)
    patients = train["patient_id"].to_numpy()
    network, _ = train_classifier(images, condition_labels(train), patients, ClassifierShape(), training, options.seed)
    seconds = time.perf_counter() - start
    truth, scores = condition_labels(fresh), probabilities_of(network, others)
    areas = [auroc(truth[:, k], scores[:, k]) for k in range(len(NAMES))]
    rows = [(name, a.value, a.low, a.high, a.present, a.absent) for name, a in zip(NAMES, areas, strict=True)]
    print(f"{len(train):,} training images, {options.epochs} epochs, {seconds:.0f} s; {len(fresh):,} fresh images")
    columns = ["finding", "auroc", "low", "high", "present", "absent"]
    print(pd.DataFrame(rows, columns=columns).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
