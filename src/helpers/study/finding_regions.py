"""Draws the masks of the finding in a study's phantoms again."""

import numpy as np
import pandas as pd

from helpers.cohort.phantom import drawn_again
from helpers.provenance import cohort_seed, shows_phantoms
from helpers.runs import Run
from helpers.tables import REAL
from helpers.tasks import TASKS


def masks_of_run(run: Run, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """``phantom_masks`` of a run's readings; empty if its images are not phantoms or no reading has a mark."""
    marked = "mark_x" in rows and rows["mark_x"].notna().any()
    return phantom_masks(rows, cohort_seed(run)) if marked and shows_phantoms(run) else {}


def masks_of_plan(run: Run, plan: pd.DataFrame) -> dict[str, np.ndarray]:
    """``phantom_masks`` of the findings that readers of a run's plan may mark; empty if its images are not phantoms."""
    if not shows_phantoms(run):
        return {}
    asked = plan[[TASKS[task].marks_finding for task in plan["task"]]]
    return phantom_masks(asked.rename(columns={"images": "case", "present": "truth"}), cohort_seed(run))


def phantom_masks(rows: pd.DataFrame, cohort_seed: int, size: int = 128) -> dict[str, np.ndarray]:
    """Masks, bool (size, size), of the finding that each phantom in ``rows`` is read for and has, by case.

    ``rows``: case, source, finding and truth; only real images with the finding are drawn, from ``cohort_seed``, the
    seed of 01_cohort. No mask is known for generated images.
    """
    cases = rows[(rows["source"] == REAL) & (rows["truth"] == 1)].drop_duplicates("case")
    return {row.case: drawn_again(cohort_seed, row.case, size).masks[row.finding] for row in cases.itertuples()}
