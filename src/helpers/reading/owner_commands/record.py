"""The record of a study: export, verify, log."""

import argparse
import json
from pathlib import Path

import pandas as pd

from helpers.errors import ReadingError, RecordError, StoreError
from helpers.reading.owner import in_lines
from helpers.reading.owner_commands.command import Command
from helpers.reading.owner_commands.sessions import RULE
from helpers.reading.room import open_study
from helpers.runs import Run
from helpers.study.binding import plan_hash
from helpers.study.counting import counting, readers_that_count, study_readers
from helpers.study.database import readings_database
from helpers.study.export import CHAINS, export_readings
from helpers.study.frozen_plan import rule_of
from helpers.study.log import log_table
from helpers.study.phantom_facts import phantom_truth
from helpers.study.record import set_aside
from helpers.study.schema import LOG
from helpers.study.store import Store, connected
from helpers.study.verification import Record, faults_against, faults_of, record_of, unprotected
from helpers.tables import PLAN, read_table


def export(chosen: argparse.Namespace) -> str:
    """Write what notebook 07 would: the readings of those who count, with what is known of phantoms."""
    plan, store = open_study(chosen.run, chosen.database)
    counted, rule = _counted(chosen, plan, store)
    readings = export_readings(
        store, plan, chosen.folder, counted, phantom_truth(Run(chosen.run).stage_folder("01_cohort"))
    )
    said = [f"Answers written to {chosen.folder}: {len(readings)} of {', '.join(counted)}"]
    said += [counting(store, plan, rule)] if "human" in store.readers().values() else []
    if aside := len(set_aside(store, plan)):
        said.append(f"{aside} stored events are not sound and were set aside: {chosen.folder}/set_aside.csv")
    return "\n".join(said)


def verify(chosen: argparse.Namespace) -> str:
    """Whether the record of a run is as it was written; RecordError names what is not."""
    run = Run(chosen.run)
    address = readings_database(chosen.run, chosen.database)
    if isinstance(address, Path) and not address.is_file():
        raise StoreError(f"{address}: no readings yet")
    with connected(address) as connection:
        record = record_of(connection)
    faults = faults_of(record) + _faults_of_plan(run, record)
    for file in _anchors(run, chosen.anchor):
        faults += faults_against(record, _read_anchors(file), str(file))
    if faults:
        raise RecordError("\n".join([f"The record of {run.name} is not as it was written:", *faults]))
    counts = ", ".join(f"{reader} {len(rows)} events" for reader, rows in record.events.items())
    said = f"The record of {run.name} is as it was written: {counts or 'no events'}, {len(record.log)} log entries."
    return "\n".join([said, *filter(None, [unprotected(record)])])


def log(chosen: argparse.Namespace) -> str:
    """The log of a study, and what the owner did to sessions."""
    plan, store = open_study(chosen.run, chosen.database)
    entries = [log_table(store.read(LOG.select().order_by(LOG.c.sequence)))]
    for reader in dict.fromkeys(plan.reader):
        done = [event for event in store.events(reader) if event.kind in ("closed", "reopened")]
        rows = [(event.at, event.kind, reader, (event.payload or {}).get("reason", "")) for event in done]
        entries.append(pd.DataFrame(rows, columns=entries[0].columns))
    return in_lines(pd.concat(entries).sort_values("at", kind="stable")) or "Nothing has been done yet."


def _counted(chosen: argparse.Namespace, plan: pd.DataFrame, store: Store) -> tuple[list[str], str]:
    """Who counts, and by which rule."""
    kinds = store.readers()
    people = [reader for reader in study_readers(plan) if kinds.get(reader) == "human"]
    rule = chosen.count_readers or rule_of(Run(chosen.run))
    return readers_that_count(store, plan, "human" if people or not kinds else "simulated", rule), rule


def _faults_of_plan(run: Run, record: Record) -> list[str]:
    file = run.stage_folder("06_study_plan") / "plan.csv"
    if plan_hash(read_table(file, PLAN)) == record.plan_sha256:
        return []
    return [f"{file}: not the plan that the readings were bound to last"]


def _anchors(run: Run, given: str) -> list[Path]:
    own = run.stage_folder("07_reading") / CHAINS
    return [Path(given)] * bool(given) + [own] * own.is_file()


def _read_anchors(file: Path) -> dict:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadingError(f"{file}: cannot be read as the {CHAINS} of an export ({error})") from error


COMMANDS = {
    "export": Command(
        "write the readings of those who count, with the truth, a codebook and what was set aside, into a folder",
        export,
        {"folder": {}} | RULE,
    ),
    "verify": Command(
        "check that the record is as it was written; names the first event that was altered, removed or inserted",
        verify,
        {"--anchor": {"default": "", "help": f"{CHAINS} of an earlier export that the record has to go on from"}},
    ),
    "log": Command("print what was done to the study: exports, codes, failed entries, corrections, sessions", log),
}
