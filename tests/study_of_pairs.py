"""A run up to its study plan, with as many readers and pairs as are asked for; its images are noise."""

import numpy as np
import pandas as pd

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.runs import Run
from helpers.tables import PLAN, write_table

IMAGES = 24


def make_study(name: str, readers: list[str], trials: int, size: int) -> Run:
    """A run up to its plan: ``trials`` pairs of images of ``size`` pixels for each reader."""
    run, rng = Run(name), np.random.default_rng(1)
    folder = run.stage_folder("06_study_plan")
    ORIGINAL.write(run.findings)
    names = [f"image-{number}" for number in range(IMAGES)]
    for image in names:
        write_png(folder / "display" / f"{image}.png", rng.random((size, size)))
    write_table(
        pd.DataFrame({"image_id": names, "file": [f"display/{image}.png" for image in names]}), folder / "display.csv"
    )
    rows = [
        {"reader": reader, "position": i + 1, "trial_id": f"{reader}-{i:05d}", "case": f"case-{i}"}
        | {"images": f"{names[i % IMAGES]}|{names[(i + 7) % IMAGES]}", "side": ("left", "right")[i % 2]}
        for reader in readers
        for i in range(trials)
    ]
    fixed = {"task": "realism_pair", "finding": "atelectasis", "present": 1, "source": "gan", "is_practice": False}
    write_table(pd.DataFrame(rows, columns=list(PLAN.columns)).assign(**fixed), folder / "plan.csv", PLAN)
    return run
