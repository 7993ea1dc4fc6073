"""Opens the reading room of a run for one reader, in a notebook or as a page of its own."""

import os

from helpers.errors import ReadingError
from helpers.reading.pictures import Pictures
from helpers.reading.widget import ReadingRoom
from helpers.runs import Run
from helpers.study.store import Desk, Store
from helpers.tables import PLAN, read_table


def open_room(run: str, reader: str, language: str = "en", page: bool = False) -> ReadingRoom:
    """The reading widget of one reader of a run that has its study plan (06).

    Raises RunError for a bad run name, TableError without a plan, StoreError for readings of another plan, and
    ReadingError when the plan has no such reader or the reader has been simulated in this run.
    """
    paths = Run(run)
    folder = paths.stage_folder("06_study_plan")
    plan = read_table(folder / "plan.csv", PLAN)
    desk = Desk(Store(paths.database, plan), plan, reader, kind="human")
    return ReadingRoom(desk, Pictures(folder), language, page)


def open_room_from_environment() -> ReadingRoom:
    """The room that ``make read`` serves: HELPERS_RUN, HELPERS_READER and, optionally, HELPERS_LANGUAGE."""
    missing = [name for name in ("HELPERS_RUN", "HELPERS_READER") if not os.environ.get(name)]
    if missing:
        raise ReadingError(f"{' and '.join(missing)} not set; open the room with: make read RUN=quick READER=guest")
    language = os.environ.get("HELPERS_LANGUAGE", "en")
    return open_room(os.environ["HELPERS_RUN"], os.environ["HELPERS_READER"], language, page=True)
