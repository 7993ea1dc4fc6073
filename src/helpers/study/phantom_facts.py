"""What is known about the phantoms in a plan, as covariates of the readings; never used before a study is read."""

from pathlib import Path

import pandas as pd

from helpers.raw_tables import read_raw
from helpers.tables import REAL

FACTS = ("severity", "ctr")


def phantom_truth(cohort_folder: str | Path) -> pd.DataFrame | None:
    """The truth that phantoms were made with, by image_id; None if the cohort has no phantoms."""
    file = Path(cohort_folder) / "phantom_truth.csv"
    return read_raw(file).set_index("image_id") if file.is_file() else None


def phantom_facts(plan: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Severity of the requested finding (0 absent, up to 1) and cardiothoracic ratio, by trial_id.

    Only trials that show a single phantom have them, not those that show generated or several images.
    """
    single = plan[(plan["source"] == REAL) & plan["images"].isin(truth.index)]
    severity = [truth.at[row.images, f"severity_{row.finding}"] for row in single.itertuples()]
    facts = pd.DataFrame({"severity": severity, "ctr": truth.loc[single["images"], "ctr"].to_numpy()})
    return facts.astype(float).set_index(single["trial_id"].to_numpy())
