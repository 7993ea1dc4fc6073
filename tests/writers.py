"""Writers that the tests of the store start as processes of their own, and the plan that they read."""

import secrets
import sys

import pandas as pd

from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN, read_table, validate


def plan_of(readers: list[str], trials: int) -> pd.DataFrame:
    """One conditionality trial after another for each reader."""
    fixed = {"task": "conditionality", "finding": "atelectasis", "present": 1, "source": "real", "is_practice": False}
    rows = [
        {"reader": reader, "position": i + 1, "trial_id": f"{reader}-{i}", "images": f"image-{i}", "case": f"image-{i}"}
        for reader in readers
        for i in range(trials)
    ]
    return validate(pd.DataFrame(rows, columns=list(PLAN.columns)).assign(**fixed), PLAN)


def read_all(desk: Desk) -> None:
    """Present and answer every trial, taking each fifth answer back once; every commit is said on stdout."""
    undone = {event.trial_id for event in desk.store.events(desk.reader) if event.kind == "undone"}
    while desk.current is not None:
        trial = desk.current
        desk.present()
        desk.answer(trial.trial_id, secrets.token_hex(8), Answer(trial.position % 5 - 2))
        print(f"answered {trial.trial_id}", flush=True)
        if trial.position % 5 == 0 and trial.trial_id not in undone:
            desk.undo()
            undone.add(trial.trial_id)
            print(f"undone {trial.trial_id}", flush=True)


if __name__ == "__main__":
    address, plan_file, reader = sys.argv[1:]
    plan = read_table(plan_file, PLAN)
    read_all(Desk(Store(address, plan), plan, reader))
