"""What the store holds for every reader, as sessions, and which of it is set aside."""

import pandas as pd

from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import trials_of

SET_ASIDE = ("reader", "event", "trial_id", "why")


def sessions_of(store: Store, plan: pd.DataFrame) -> dict[str, Session]:
    """The session of every reader of the plan, in the plan's order; without events if the reader has not begun."""
    return {reader: Session(trials_of(plan, reader), store.events(reader)) for reader in dict.fromkeys(plan.reader)}


def set_aside(store: Store, plan: pd.DataFrame) -> pd.DataFrame:
    """One row for each stored event or note that is malformed or out of sequence and does not count: reader, event (its
    number among the reader's), trial_id and why. It does not contain what was sent."""
    rows = [
        (reader, aside.sequence, aside.trial_id, aside.why)
        for reader, session in sessions_of(store, plan).items()
        for aside in session.set_aside
    ]
    return pd.DataFrame(rows, columns=list(SET_ASIDE))
