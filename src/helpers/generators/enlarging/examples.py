"""What an enlarger does with images that it has not seen, row by row, for a figure."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from helpers.generators.enlarging import enlarger
from helpers.pixels import read_image
from helpers.runs import Run


@torch.inference_mode()
def examples(cohort: pd.DataFrame, run: Run, folder: str | Path, count: int) -> dict[str, np.ndarray]:
    """The first images of the test split as bicubic enlargement, by the enlarger of a folder, and as they are.

    Row label -> float32 (count, size, size) in 0..1.
    """
    network = enlarger.load(folder)
    paths = cohort.loc[cohort["split"] == "test", "path"].iloc[:count]
    real = torch.from_numpy(np.stack([read_image(run.folder / path) for path in paths]))[:, None] * 2 - 1
    small = enlarger.reduced(real, network.shape.factor)
    made = network(small)
    rows = {"bicubic": enlarger.enlarged(small, network.shape.factor), "enlarged": made, "original": real}
    return {label: (images[:, 0] / 2 + 0.5).clamp(0, 1).numpy() for label, images in rows.items()}
