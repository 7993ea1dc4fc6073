"""A plan of one trial for each of two readers and the guest."""

from pathlib import Path

import pandas as pd

from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN

READERS = ("reader-1", "reader-2", "guest")


def plan_of(case: str) -> pd.DataFrame:
    """One conditionality trial for each reader."""
    row = {"task": "conditionality", "images": case, "case": case, "finding": "atelectasis", "present": 1}
    row |= {"source": "gan", "is_practice": False, "position": 1}
    rows = [row | {"reader": reader, "trial_id": f"{reader}-{case}"} for reader in READERS]
    return pd.DataFrame(rows, columns=list(PLAN.columns))


def read(database: Path, plan: pd.DataFrame, reader: str, kind: str) -> Store:
    """The store, in which a reader of a kind (human, simulated) has answered the one trial."""
    store = Store(database, plan)
    desk = Desk(store, plan, reader, kind)
    desk.answer(desk.current.trial_id, "s", Answer(1))
    return store
