"""What the right answer to a trial is: for the export, and for practice trials once they are answered."""

import pandas as pd

from helpers.tables import REAL

WORDS = {"realism_pair": ("left", "right"), "realism_single": ("real", "synthetic")}
WORDS |= {"conditionality": ("absent", "present")}  # of a negative and of a positive right rating


def expected_sign(task: str, source: str, present: int, side: str | None) -> int:
    """Sign of the right rating of a trial: -1 or 1."""
    if task == "realism_pair":
        return 1 if side == "right" else -1
    if task == "realism_single":
        return -1 if source == REAL else 1
    return 1 if present else -1


def truth_in_words(task: str, sign: int) -> str:
    """The right answer by its sign: left or right (the synthetic side), real or synthetic, absent or present."""
    return WORDS[task][sign > 0]


def practice_signs(plan: pd.DataFrame, reader: str) -> dict[str, int]:
    """Sign of the right rating of a reader's practice trials, by trial_id; nothing of any other trial."""
    rows = plan[(plan.reader == reader) & plan.is_practice]
    return {row.trial_id: expected_sign(row.task, row.source, row.present, row.side) for row in rows.itertuples()}
