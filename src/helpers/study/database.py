"""Where a run's readings are kept, and which answers people have given there."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from helpers.runs import PROJECT, Run


def readings_database(run: str, database: str = "", readers_are: str = "human") -> str | Path:
    """Where readings are kept: ``database``, else $HELPERS_DATABASE, else the run's own SQLite file.

    Simulated readings are always in the run's own file. Relative paths are resolved from the project's root.
    """
    chosen = "" if readers_are == "simulated" else database or os.environ.get("HELPERS_DATABASE", "")
    if not chosen:
        return Run(run).database
    return chosen if "://" in chosen else PROJECT / chosen


def state_of_answers(run: str, database: str = "", readers_are: str = "human") -> str:
    """Number and digest of people's valid answers in a run and of what is recorded about these people.

    It changes exactly when what stage 07 takes from people changes. Blank if there are no answers yet, and if readers
    are simulated: the stage itself writes their answers, which follow from its other inputs. Raises StoreError if the
    database cannot be read.
    """
    address = readings_database(run, database, readers_are)
    if readers_are == "simulated" or (isinstance(address, Path) and not address.is_file()):
        return ""
    from helpers.study.engines import connected

    with connected(address) as connection:
        answers, people = _of_people(connection)
    if not answers:
        return ""
    digest = hashlib.sha256(json.dumps([answers, people]).encode()).hexdigest()
    return f"{len(answers)} answers of {len(people)} readers, {digest}"


def _of_people(connection) -> tuple[list[tuple], list[tuple]]:
    """Valid answers (reader, trial, moment, answer) of people other than the guest, and who these people are."""
    import sqlalchemy as sa

    from helpers.study.schema import ACCOUNTS, EVENTS, READERS
    from helpers.study.settings import GUEST

    if not sa.inspect(connection).has_table(READERS.name):
        return [], []
    wanted = sa.select(*EVENTS.c["reader", "kind", "trial_id", "at", "payload"]).join(READERS)
    wanted = wanted.where(READERS.c.kind == "human", READERS.c.reader != GUEST)
    events = connection.execute(wanted.order_by(EVENTS.c.reader, EVENTS.c.sequence)).all()
    answers = _still_valid(events)
    readers = sorted({reader for reader, *_ in answers})
    told = {}
    if sa.inspect(connection).has_table(ACCOUNTS.name):
        rows = connection.execute(sa.select(*ACCOUNTS.c["reader", "experience_years", "subspecialty"]))
        told = {row.reader: row[1:] for row in rows}
    return answers, [(reader, *told.get(reader, (None, None))) for reader in readers]


def _still_valid(events: Iterable) -> list[tuple]:
    """Answers that were not taken back, in the order of readers and trials."""
    answers: list[tuple] = []
    for event in events:
        if event.kind == "answered":
            answers.append((event.reader, event.trial_id, event.at, event.payload))
        elif event.kind == "undone" and answers and answers[-1][:2] == (event.reader, event.trial_id):
            answers.pop()
    return answers
