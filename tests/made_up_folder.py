"""A made-up data set of one's own: a folder of images with a spot for each finding, and its table."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.files import write_png
from helpers.findings import Findings


def make_folder(folder: Path, findings: Findings, images: int = 240, size: int = 32, seed: int = 1) -> Path:
    """Write ``images``, two of each patient, and ``labels.csv``, a tenth of the labels blank; returns the table's path.

    Each finding has a place of its own on a grid of four by four, where a spot lies when it is present.
    """
    rng = np.random.default_rng(seed)
    states = rng.integers(0, 2, (images, len(findings)))
    rows, columns = np.mgrid[:size, :size] / size
    for number, present in enumerate(states):
        image = 0.3 + 0.2 * rows + 0.05 * rng.standard_normal((size, size))
        for place in np.flatnonzero(present):
            down, across = (place // 4 + 0.5) / 4, (place % 4 + 0.5) / 4
            image += 0.4 * np.exp(-((rows - down) ** 2 + (columns - across) ** 2) / 0.008)
        write_png(folder / f"{number:04d}.png", np.clip(image, 0, 1))
    labels = pd.DataFrame(states, columns=list(findings.names)).astype("Int64")
    labels = labels.mask(rng.random(labels.shape) < 0.1)
    table = pd.DataFrame({"path": [f"{n:04d}.png" for n in range(images)]})
    table["patient_id"] = [f"p{n // 2}" for n in range(images)]
    table["sex"], table["age"] = rng.choice(["F", "M"], images), rng.integers(20, 90, images)
    pd.concat([table, labels], axis=1).to_csv(folder / "labels.csv", index=False)
    return folder / "labels.csv"
