"""Lets simulated readers read the plan through the desk, as people do."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.files import read_gray
from helpers.progress import Progress
from helpers.study.desk import Desk
from helpers.study.events import Event
from helpers.study.observers.channels import measure
from helpers.study.observers.learning import Expertise
from helpers.study.observers.reader import Seen, SimulatedReader, look
from helpers.study.store import Store

BEGINNING = "2000-01-01T00:00:00.000+00:00"  # of every simulated session; its clock advances by simulated times


def run_readers(
    store: Store,
    plan: pd.DataFrame,
    files: Mapping[str, Path],
    expertise: Expertise,
    seed: int,
    readers: Sequence[str] | None = None,
    regions: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Let every reader of the plan (or those named) continue from where they are to the end, and close the session.

    ``files``: display file of each image_id (``display.display_files``). ``regions``: masks of the findings that may be
    marked, by image_id, as far as they are known. Readers with human readings are left alone.
    The readings are the same even if the run is killed and started again.
    Returns one row per reader: reader, kind, answered, total.
    """
    seen, regions = see(files, expertise), regions or {}
    places = {reader: place for place, reader in enumerate(dict.fromkeys(plan.reader))}
    wanted = list(places) if readers is None else list(readers)
    human = {reader for reader, kind in store.readers().items() if kind == "human"}
    desks = [Desk(store, plan, reader, "human" if reader in human else "simulated") for reader in wanted]
    waiting = [desk for desk in desks if desk.kind == "simulated"]
    answered, total = (sum(getattr(desk, name) for desk in waiting) for name in ("answered", "total"))
    with Progress("Simulated readers", total, "answers", done=answered) as progress:
        for desk in waiting:
            read_to_the_end(
                desk, SimulatedReader(desk.reader, places[desk.reader], seed), seen, regions or {}, progress
            )
    rows = [(desk.reader, desk.kind, desk.answered, desk.total) for desk in desks]
    return pd.DataFrame(rows, columns=["reader", "kind", "answered", "total"])


def see(files: Mapping[str, Path], expertise: Expertise) -> dict[str, Seen]:
    """What the trained channels say about every display image, by image_id."""
    images = np.stack([np.rint(read_gray(path) * 255.0).astype(np.uint8) for path in files.values()])
    return dict(zip(files, look(measure(images), expertise), strict=True))


def read_to_the_end(
    desk: Desk, reader: SimulatedReader, seen: Mapping[str, Seen], regions: Mapping[str, np.ndarray], progress: Progress
) -> None:
    """Present and answer trial after trial until none is left, then close the session."""
    moment = last_submission(desk.store.events(desk.reader))
    desk.clock = lambda: moment
    while desk.current is not None:
        trial = desk.current
        desk.present()
        answer = reader.read(trial, seen, regions.get(trial.images[0]))
        moment = later(moment, answer.active_ms + answer.idle_ms)
        desk.answer(trial.trial_id, f"simulated-{trial.trial_id}", answer)
        progress.update()
    desk.close()


def last_submission(events: Sequence[Event]) -> str:
    """Time of the last answer, or ``BEGINNING``."""
    return next((event.at for event in reversed(events) if event.kind == "answered"), BEGINNING)


def later(moment: str, milliseconds: float) -> str:
    """The ISO time ``milliseconds`` after ``moment``."""
    return (datetime.fromisoformat(moment) + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
