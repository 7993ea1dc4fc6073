"""What the study's owner may see while people read: how far, how fast, how they answer and on which display; never
whether right."""

import pandas as pd

from helpers.study.desk import Desk
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import Trial, trials_of

SITTING = ("reader", "began", "language", "window", "screen", "device_pixel_ratio", "colour_depth")
SITTING += ("ramp_dark", "ramp_bright")


def progress_by_reader(store: Store, plan: pd.DataFrame) -> pd.DataFrame:
    """One row for each reader of the plan: reader, kind (blank before the first answer), answered, total,
    median_seconds (active time per answer), last_activity (ISO 8601), state (not begun, reading, finished, closed)."""
    kinds, rows = store.readers(), []
    for reader in dict.fromkeys(plan.reader):
        events = store.events(reader)
        session = Session(trials_of(plan, reader), events)
        seconds = pd.Series([answer.active_ms / 1000 for answer in session.answers.values()], dtype=float)
        state = "finished" if session.is_finished else "closed" if session.is_closed else "reading"
        row = {"reader": reader, "kind": kinds.get(reader), "answered": session.answered, "total": session.total}
        row |= {"median_seconds": seconds.median(), "last_activity": events[-1].at if events else None}
        rows.append(row | {"state": state if events else "not begun"})
    return pd.DataFrame(rows)


def answers_so_far(store: Store, plan: pd.DataFrame) -> pd.DataFrame:
    """Every valid answer outside practice, without anything that says whether it is right: reader, position, task,
    rating, active_seconds."""
    rows = []
    for reader in store.readers():
        trials = {trial.trial_id: trial for trial in trials_of(plan, reader)}
        for trial_id, answer in Session(trials.values(), store.events(reader)).answers.items():
            trial: Trial = trials[trial_id]
            if not trial.is_practice:
                rows.append((reader, trial.position, trial.task, answer.rating, answer.active_ms / 1000))
    return pd.DataFrame(rows, columns=["reader", "position", "task", "rating", "active_seconds"])


def sittings(store: Store) -> pd.DataFrame:
    """One row for each time that a reader sat down: reader, began (ISO 8601), language, window and screen (width x
    height, CSS pixels), device_pixel_ratio, colour_depth (bits), and whether the dark and the bright square of the
    brightness ramp were seen (ramp_dark, ramp_bright). It is what the browser says of itself, and no calibration."""
    rows = []
    for reader in store.readers():
        for event in store.events(reader):
            display = event.payload.get("display") if event.kind == "presented" else None
            if display:
                ramp, language = event.payload.get("ramp", {}), event.payload.get("language")
                row = {"reader": reader, "began": event.at, "language": language}
                row |= {name: " x ".join(map(str, display[name])) for name in ("window", "screen")}
                row |= {name: display[name] for name in ("device_pixel_ratio", "colour_depth")}
                rows.append(row | {"ramp_dark": ramp.get("dark"), "ramp_bright": ramp.get("bright")})
    return pd.DataFrame(rows, columns=list(SITTING))


def close_session(store: Store, plan: pd.DataFrame, reader: str) -> bool:
    """Close a reader's session permanently: nothing more can be answered or undone. False when it has ended already."""
    return Desk(store, plan, reader, store.readers().get(reader, "human")).close()
