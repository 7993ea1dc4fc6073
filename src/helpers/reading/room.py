"""Opens the reading room of a run for one reader, in a notebook or as a page of its own."""

import os

import pandas as pd

from helpers.errors import ReadingError, RunError
from helpers.reading.pictures import Pictures
from helpers.reading.widget import ReadingRoom
from helpers.runs import Run
from helpers.study.store import Desk, Store
from helpers.tables import PLAN, read_table


def open_study(run: str) -> tuple[pd.DataFrame, Store]:
    """Plan and readings database of a run.

    Raises RunError for a bad run name or a run without a plan, and StoreError for readings of another plan.
    """
    paths = Run(run)
    file = paths.stage_folder("06_study_plan") / "plan.csv"
    if not file.is_file():
        raise RunError(f"run {run!r} has no study plan yet ({file} is missing); make it with: make study RUN={run}")
    plan = read_table(file, PLAN)
    return plan, Store(paths.database, plan)


def open_room(run: str, reader: str, language: str = "en", page: bool = False) -> ReadingRoom:
    """The reading widget of one reader of a run; ``page`` fills the page instead of a notebook's output.

    Raises what ``open_study`` raises, and ReadingError when the plan has no such reader or the reader has been
    simulated in this run.
    """
    plan, store = open_study(run)
    desk = Desk(store, plan, reader, kind="human")
    return ReadingRoom(desk, Pictures(Run(run).stage_folder("06_study_plan")), language, page)


def open_room_from_environment() -> ReadingRoom:
    """The room that ``make read`` serves: HELPERS_RUN, HELPERS_READER and, optionally, HELPERS_LANGUAGE."""
    missing = [name for name in ("HELPERS_RUN", "HELPERS_READER") if not os.environ.get(name)]
    if missing:
        raise ReadingError(f"{' and '.join(missing)} not set; open the room with: make read RUN=quick READER=guest")
    language = os.environ.get("HELPERS_LANGUAGE", "en")
    return open_room(os.environ["HELPERS_RUN"], os.environ["HELPERS_READER"], language, page=True)
