"""What the study's owner may see while people read: progress, speed, answers and displays, but never correctness."""

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.errors import ReadingError
from helpers.study.counting import FINISHED, counts
from helpers.study.desk import Desk
from helpers.study.record import sessions_of
from helpers.study.settings import GUEST
from helpers.study.store import Store
from helpers.study.trials import Trial

SITTING = ("reader", "began", "language", "window", "screen", "device_pixel_ratio", "colour_depth")
SITTING += ("altered", "ramp_dark", "ramp_bright")


def progress_by_reader(store: Store, plan: pd.DataFrame, count_readers: str = FINISHED) -> pd.DataFrame:
    """One row for each reader of the plan: reader, kind (blank before the first answer), answered, total,
    median_seconds (active time per answer), last_activity (ISO 8601), state (not begun, reading, on a break, finished,
    closed, withdrawn), counts (yes or no, by the rule ``count_readers``) and two_places (ISO 8601: when the reader's
    access code was last in use at two places)."""
    kinds, rows = store.readers(), []
    for reader, session in sessions_of(store, plan).items():
        seconds = pd.Series([answer.active_ms / 1000 for answer in session.answers.values()], dtype=float)
        state = "finished" if session.is_finished else "closed" if session.is_closed else "reading"
        state = "on a break" if state == "reading" and session.is_paused else state
        state = "withdrawn" if session.is_withdrawn else state
        row = {"reader": reader, "kind": kinds.get(reader), "answered": session.answered, "total": session.total}
        row |= {"median_seconds": seconds.median(), "last_activity": session.last_at}
        row |= {"state": state if session.seen else "not begun"}
        row |= {"counts": "yes" if reader != GUEST and counts(session, count_readers) else "no"}
        rows.append(row | {"two_places": session.together[-1] if session.together else None})
    return pd.DataFrame(rows)


def answers_so_far(store: Store, plan: pd.DataFrame) -> pd.DataFrame:
    """Every valid answer outside practice, without anything that shows whether it is right: reader, position, task,
    rating, active_seconds."""
    rows = []
    for reader, session in sessions_of(store, plan).items():
        trials = {trial.trial_id: trial for trial in session.trials}
        for trial_id, answer in session.answers.items():
            trial: Trial = trials[trial_id]
            if not trial.is_practice:
                rows.append((reader, trial.position, trial.task, answer.rating, answer.active_ms / 1000))
    return pd.DataFrame(rows, columns=["reader", "position", "task", "rating", "active_seconds"])


def sittings(store: Store, plan: pd.DataFrame) -> pd.DataFrame:
    """One row for each sitting or change of display: reader, began (ISO 8601), language, window and screen (width x
    height, CSS pixels), device_pixel_ratio, colour_depth (bits), altered (what the browser or an extension
    changed on the page: blank, colours, text), and whether the dark and the bright square of the brightness ramp were
    seen (ramp_dark, ramp_bright). This is reported by the browser and is not a calibration."""
    rows = []
    for reader, session in sessions_of(store, plan).items():
        for began, facts in session.sittings:
            display, ramp = facts["display"], facts["ramp"]
            row = {"reader": reader, "began": began, "language": facts["language"]}
            row |= {name: " x ".join(map(str, display[name])) for name in ("window", "screen")}
            row |= {name: display[name] for name in ("device_pixel_ratio", "colour_depth")}
            row |= {"altered": ", ".join(display.get("altered", ()))}
            rows.append(row | {"ramp_dark": ramp["dark"], "ramp_bright": ramp["bright"]})
    return pd.DataFrame(rows, columns=list(SITTING))


def as_html_table(table: pd.DataFrame) -> Styler:
    """A table for a notebook, with every text escaped, so that no stored text becomes markup in the owner's browser."""
    numbers = {name: "{:.1f}" for name in table.select_dtypes("floating")}
    return table.style.hide(axis="index").format(numbers, na_rep="–", escape="html")


def in_lines(table: pd.DataFrame) -> str:
    """A table for a terminal, without control characters; blank if it has no rows."""
    texts = table.astype(object).fillna("").map(str).map(plain)
    return "" if table.empty else texts.to_string(index=False)


def plain(text: str) -> str:
    """A text with unprintable characters, which could control a terminal, replaced by question marks."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def close_session(store: Store, plan: pd.DataFrame, reader: str, reason: str = "") -> bool:
    """Close a reader's session: nothing more can be answered or undone until it is reopened. False if it has ended
    already."""
    return Desk(store, plan, reader, store.readers().get(reader, "human")).close(reason)


def reopen_session(store: Store, plan: pd.DataFrame, reader: str, reason: str) -> None:
    """Let a closed session continue where it was; raises ReadingError if it is not closed or no reason is given."""
    if not reason.strip():
        raise ReadingError("reason: must not be blank; it is kept in the record")
    Desk(store, plan, reader, store.readers().get(reader, "human")).reopen(reason)
