"""Open the reading room for a run's readers: in a notebook, or in the pages of a server."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from helpers.errors import RunError
from helpers.provenance import findings_of, read_manifest
from helpers.reading.conversation import Conversation
from helpers.reading.pictures import Pictures
from helpers.reading.widget import BREAK_EVERY, BREAK_MINUTES, ReadingRoom
from helpers.runs import Run
from helpers.study.database import readings_database
from helpers.study.desk import Desk
from helpers.study.settings import ENLARGE_AT_MOST
from helpers.study.store import Store
from helpers.tables import PLAN, read_table


def open_study(run: str, database: str | Path = "") -> tuple[pd.DataFrame, Store]:
    """Plan and readings database of a run; ``database`` as in ``readings_database``.

    Raises RunError for a bad run name or a run without a plan, and StoreError for readings of another plan.
    """
    file = plan_file(run)
    if not file.is_file():
        raise RunError(f"run {run!r} has no study plan yet ({file} is missing); make it with: make study RUN={run}")
    plan = read_table(file, PLAN)
    return plan, Store(readings_database(run, str(database)), plan)


def plan_file(run: str) -> Path:
    """The plan of a run."""
    return Run(run).stage_folder("06_study_plan") / "plan.csv"


def pictures_of(run: str) -> Pictures:
    """The display images of a run's plan, with the enlargement set in its notebook 06."""
    of_run = Run(run)
    known = read_manifest(of_run, "06_study_plan")["parameters"] if of_run.manifest("06_study_plan").is_file() else {}
    return Pictures(plan_file(run).parent, known.get("enlarge_at_most", ENLARGE_AT_MOST))


def consent_of(run: str, language: str) -> tuple[str, ...]:
    """Paragraphs of the study's own consent text, ``consent.<language>.txt`` in the run's folder; empty if missing."""
    file = Run(run).folder / f"consent.{language}.txt"
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def open_room(
    run: str,
    reader: str,
    language: str = "en",
    database: str | Path = "",
    break_every: int = BREAK_EVERY,
    break_minutes: float = BREAK_MINUTES,
) -> ReadingRoom:
    """The reading widget of one reader of a run.

    A break is offered after every ``break_every`` cases, and after ``break_minutes`` without one. Raises the
    errors of ``open_study``, and ReadingError if the plan has no such reader or the reader has been simulated in this
    run.
    """
    plan, store = open_study(run, database)
    pictures, findings, consent = pictures_of(run), findings_of(Run(run)), consent_of(run, language)
    return ReadingRoom(Desk(store, plan, reader), pictures, findings, language, consent, break_every, break_minutes)


class StudyInReading:
    """A run's study while people read: opened once for all of them, and reopened if its plan has been extended.

    Raises the errors of ``open_study``.
    """

    def __init__(self, run: str, database: str | Path = ""):
        self.run, self.database = run, database
        self._open()

    def _open(self) -> None:
        self._stamp = self._now()
        self.plan, self.store = open_study(self.run, self.database)
        self.pictures, self.findings = pictures_of(self.run), findings_of(Run(self.run))
        self._of_reader = dict(tuple(self.plan.groupby("reader")))  # hundreds may arrive at once, each for their rows

    def refresh(self) -> None:
        """Reopen the study if its plan has been extended."""
        if self._now() != self._stamp:
            self._open()

    def _now(self) -> tuple[int, int] | None:
        file = plan_file(self.run)
        return (file.stat().st_mtime_ns, file.stat().st_size) if file.is_file() else None

    def conversation(
        self, reader: str, send: Callable[..., None], language: str = "en", key: str | None = None
    ) -> Conversation:
        """The conversation with one reader, who entered with the access code that has this ``key``.

        Raises ReadingError if the plan has no such reader or the reader has been simulated in this run.
        """
        self.refresh()
        desk = Desk(self.store, self._of_reader.get(reader, self.plan), reader, key=key)
        return Conversation(desk, self.pictures, self.findings, send, language, consent_of(self.run, language))
