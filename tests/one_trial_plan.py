"""A plan of one trial for each of two readers and the guest."""

import pandas as pd

from helpers.tables import PLAN

READERS = ("reader-1", "reader-2", "guest")


def plan_of(case: str) -> pd.DataFrame:
    """One conditionality trial for each reader."""
    row = {"task": "conditionality", "images": case, "case": case, "finding": "atelectasis", "present": 1}
    row |= {"source": "gan", "is_practice": False, "position": 1}
    rows = [row | {"reader": reader, "trial_id": f"{reader}-{case}"} for reader in READERS]
    return pd.DataFrame(rows, columns=list(PLAN.columns))
