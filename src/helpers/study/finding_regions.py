"""Where the finding is in the phantoms of a study: their masks, drawn again."""

import numpy as np
import pandas as pd

from helpers.cohort.phantom import render
from helpers.provenance import read_manifest, shows_phantoms
from helpers.runs import Run
from helpers.tables import REAL


def masks_of_run(run: Run, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """``phantom_masks`` of a run's readings; empty where its images are no phantoms, or no reading has a mark."""
    marked = "mark_x" in rows and rows["mark_x"].notna().any()
    if not marked or not shows_phantoms(run):
        return {}
    return phantom_masks(rows, read_manifest(run, "01_cohort")["parameters"]["seed"])


def phantom_masks(rows: pd.DataFrame, cohort_seed: int, size: int = 128) -> dict[str, np.ndarray]:
    """Masks (size, size) bool of the finding that each phantom of ``rows`` is asked for and has, by case.

    ``rows``: analysed readings; only real images with the finding are drawn, from ``cohort_seed``, the seed of
    01_cohort. Of what a generator drew no mask is known.
    """
    cases = rows[(rows["source"] == REAL) & (rows["truth"] == 1)].drop_duplicates("case")
    return {
        row.case: render(cohort_seed, int(row.case.rsplit("-", 1)[1]), size=size).masks[row.finding]
        for row in cases.itertuples()
    }
