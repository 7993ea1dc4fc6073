"""A tiny run up to its study plan: two realism pairs, three conditionality trials; the first pair is practice."""

import numpy as np
import pandas as pd
import pytest

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.runs import Run
from helpers.tables import PLAN, write_table

SIZE = 32


def plan_rows(reader: str) -> list[dict]:
    """Five trials of one reader; ids tell nothing."""
    pairs = [("pleural_effusion", 1, "gan", "left"), ("atelectasis", 0, "diffusion", "right")]
    rows = []
    for position, (finding, present, source, side) in enumerate(pairs, start=1):
        images = [f"{source}-{finding}-{position}", f"real-{finding}-{position}"]
        left, right = images if side == "left" else images[::-1]
        rows.append({"task": "realism_pair", "images": f"{left}|{right}", "case": "+".join(images)})
        rows[-1] |= {"finding": finding, "present": present, "source": source, "side": side}
    for position, (finding, present, source) in enumerate(
        [("lung_opacity", 1, "real"), ("enlarged_cardiac_silhouette", 0, "gan"), ("atelectasis", 1, "diffusion")], 3
    ):
        image = f"{source}-{finding}-{position}"
        rows.append({"task": "conditionality", "images": image, "case": image, "finding": finding})
        rows[-1] |= {"present": present, "source": source}
    for position, row in enumerate(rows, start=1):
        row |= {"reader": reader, "position": position, "trial_id": f"{reader[0]}{7919 * position:06x}"}
        row |= {"is_practice": position == 1}
    return rows


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    """Run ``tiny`` in a workspace of its own, with readers guest and reader-1."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    run = Run("tiny")
    columns = {name: None for name in PLAN.columns}
    plan = pd.DataFrame([columns | row for reader in ("guest", "reader-1") for row in plan_rows(reader)])
    folder = run.stage_folder("06_study_plan")
    ORIGINAL.write(run.findings)
    write_table(plan, folder / "plan.csv", PLAN)
    images = sorted(set(plan.images.str.split("|").explode()))
    rng = np.random.default_rng(1)
    display = pd.DataFrame({"image_id": images, "file": [f"display/{i:04x}.png" for i in rng.permutation(len(images))]})
    for file in display.file:
        write_png(folder / file, rng.random((SIZE, SIZE)))
    write_table(display, folder / "display.csv")
    return run
