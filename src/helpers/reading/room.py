"""Opens the reading room of a run: for one reader, or for whoever has an access code."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers.errors import ReadingError, RunError
from helpers.provenance import findings_of
from helpers.reading.door import Door
from helpers.reading.pictures import Pictures
from helpers.reading.widget import BREAK_EVERY, ReadingRoom
from helpers.runs import Run
from helpers.study.accounts import account_of
from helpers.study.database import readings_database
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN, read_table

WRONG_CODE_SECONDS = 1.0  # that a wrong access code costs, beside the work of checking it


def open_study(run: str, database: str | Path = "") -> tuple[pd.DataFrame, Store]:
    """Plan and readings database of a run; ``database`` as in ``readings_database``.

    Raises RunError for a bad run name or a run without a plan, and StoreError for readings of another plan.
    """
    file = Run(run).stage_folder("06_study_plan") / "plan.csv"
    if not file.is_file():
        raise RunError(f"run {run!r} has no study plan yet ({file} is missing); make it with: make study RUN={run}")
    plan = read_table(file, PLAN)
    return plan, Store(readings_database(run, str(database)), plan)


def consent_of(run: str, language: str) -> tuple[str, ...]:
    """Paragraphs of the study's own consent text, ``consent.<language>.txt`` in the run's folder; empty without one."""
    file = Run(run).folder / f"consent.{language}.txt"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def open_room(
    run: str,
    reader: str,
    language: str = "en",
    page: bool = False,
    database: str | Path = "",
    break_every: int = BREAK_EVERY,
) -> ReadingRoom:
    """The reading widget of one reader of a run; ``page`` fills the page instead of a notebook's output.

    A break is offered after every ``break_every`` cases. Raises what ``open_study`` raises, and ReadingError when the
    plan has no such reader or the reader has been simulated in this run.
    """
    plan, store = open_study(run, database)
    pictures, findings = Pictures(Run(run).stage_folder("06_study_plan")), findings_of(Run(run))
    desk, consent = Desk(store, plan, reader), consent_of(run, language)
    return ReadingRoom(desk, pictures, findings, language, page, consent, break_every)


def admission(run: str, database: str | Path = "", break_every: int = BREAK_EVERY) -> Callable[[str], ReadingRoom]:
    """A function from an access code to its reader's room, in the reader's language and filling the page.

    It raises ReadingError for a code that is not known. Raises what ``open_study`` raises.
    """
    plan, store = open_study(run, database)
    pictures, findings = Pictures(Run(run).stage_folder("06_study_plan")), findings_of(Run(run))

    def admit(code: str) -> ReadingRoom:
        try:
            account = account_of(store, code)
        except ReadingError:
            time.sleep(WRONG_CODE_SECONDS)
            raise
        desk = Desk(store, plan, account.reader, key=account.key)
        consent = consent_of(run, account.language)
        return ReadingRoom(desk, pictures, findings, account.language, True, consent, break_every)

    return admit


def open_room_from_environment() -> ReadingRoom | Door:
    """The room that ``make read`` serves, from HELPERS_RUN, HELPERS_READER, HELPERS_LANGUAGE and HELPERS_BREAK_EVERY.

    Without HELPERS_READER it asks for an access code, and shows nothing of the study before.
    """
    run, reader = os.environ.get("HELPERS_RUN"), os.environ.get("HELPERS_READER")
    language = os.environ.get("HELPERS_LANGUAGE", "en")
    break_every = int(os.environ.get("HELPERS_BREAK_EVERY", BREAK_EVERY))
    if not run:
        raise ReadingError("HELPERS_RUN not set; open the room with: make read RUN=quick READER=guest")
    if reader:
        return open_room(run, reader, language, page=True, break_every=break_every)
    return Door(admission(run, break_every=break_every), language)
