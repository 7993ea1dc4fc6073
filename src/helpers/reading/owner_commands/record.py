"""The record of a study: export, verify, backup, restore, log."""

import argparse
import json
from pathlib import Path

import pandas as pd

from helpers import __version__
from helpers.errors import ReadingError, RecordError, StoreError
from helpers.files import sha256
from helpers.provenance import git_state, read_manifest
from helpers.reading.owner import plain
from helpers.reading.owner_commands.command import Command, consents, study_of
from helpers.reading.owner_commands.sessions import RULE
from helpers.runs import PROJECT, Run
from helpers.study.backup import back_up, restore
from helpers.study.binding import plan_hash
from helpers.study.counting import counting, readers_that_count, study_readers
from helpers.study.database import readings_database
from helpers.study.engines import connected
from helpers.study.export import CHAINS, export_readings, export_sealed
from helpers.study.frozen_plan import changes_of, path_of, read, rule_of, was_edited
from helpers.study.log import log_table
from helpers.study.phantom_facts import phantom_truth
from helpers.study.record import set_aside
from helpers.study.schema import LOG
from helpers.study.sealed import Sealed, opened
from helpers.study.signing import fingerprint, key_file, public_part, signing_key
from helpers.study.store import Store
from helpers.study.verification import Record, faults_against, faults_of, record_of, unprotected
from helpers.tables import PLAN, read_table


def export(chosen: argparse.Namespace) -> str:
    """Write what notebook 07 would, with the known truth of phantoms, to a folder or a sealed file."""
    if (chosen.folder is None) == (chosen.sealed is None):
        raise ReadingError("say where: a FOLDER, or --sealed FILE.zip")
    plan, store = study_of(chosen)
    counted, rule = _counted(chosen, plan, store)
    run, where = Run(chosen.run), chosen.folder or chosen.sealed
    truth, said = phantom_truth(run.stage_folder("01_cohort")), []
    if chosen.folder:
        readings = export_readings(store, plan, where, counted, truth)
    else:
        key = signing_key(key_file(run))
        readings = export_sealed(store, plan, where, key, _about(run), _beside(run), counted, truth)
        said = [f"Sealed with key {fingerprint(public_part(key))}; tell it to the recipient by another route"]
    said.insert(0, f"Answers written to {where}: {len(readings)} of {', '.join(counted)}")
    said += [counting(store, plan, rule)] if "human" in store.readers().values() else []
    if aside := len(set_aside(store, plan)):
        said.append(f"{aside} stored events are faulty and were set aside: see set_aside.csv in {where}")
    return "\n".join(said)


def verify(chosen: argparse.Namespace) -> str:
    """Check that a sealed export or the record of a run is unchanged; RecordError names what has changed."""
    if chosen.file:
        return _verified(opened(chosen.file, chosen.key), chosen.file)
    run = Run(chosen.run)
    address = readings_database(chosen.run, chosen.database)
    if isinstance(address, Path) and not address.is_file():
        raise StoreError(f"{address}: no readings yet")
    with connected(address) as connection:
        record = record_of(connection)
    faults = faults_of(record) + _faults_of_plan(run, record) + _faults_of_manifest(run)
    for file in _anchors(run, chosen.anchor):
        faults += faults_against(record, _read_anchors(file), str(file))
    if faults:
        raise RecordError("\n".join([f"The record of {run.name} is not as it was written:", *faults]))
    counts = ", ".join(f"{reader} {len(rows)} events" for reader, rows in record.events.items())
    said = f"The record of {run.name} is as it was written: {counts or 'no events'}, {len(record.log)} log entries."
    return "\n".join([said, *filter(None, [unprotected(record)])])


def backup(chosen: argparse.Namespace) -> str:
    """Copy the database, even while people are reading."""
    _, store = study_of(chosen)
    record = back_up(store, chosen.file)
    count = sum(map(len, record.events.values()))
    return f"{chosen.file}: {count} events of {len(record.events)} readers, and the accounts. Keep it safe."


def restored(chosen: argparse.Namespace) -> str:
    """Restore a backup."""
    run, address = Run(chosen.run), readings_database(chosen.run, chosen.database)
    if not isinstance(address, Path):
        raise StoreError("these readings are in PostgreSQL; restore them with pg_restore (see docs/record.md)")
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    aside = restore(chosen.file, address, plan, chosen.discard_newer)
    said = [f"{chosen.file} is in place as {address}."]
    return "\n".join(said + ([f"The previous database is in {aside}; delete it when not needed."] if aside else []))


def log(chosen: argparse.Namespace) -> str:
    """The log of a study, including the owner's actions on sessions."""
    plan, store = study_of(chosen)
    entries = [log_table(row._mapping for row in store.read(LOG.select().order_by(LOG.c.sequence)))]
    for reader in dict.fromkeys(plan.reader):
        done = [event for event in store.events(reader) if event.kind in ("closed", "reopened")]
        rows = [(event.at, event.kind, reader, (event.payload or {}).get("reason", "")) for event in done]
        entries.append(pd.DataFrame(rows, columns=entries[0].columns))
    whole = pd.concat(entries).sort_values("at", kind="stable").fillna("")
    lines = (f"{row.at}  {row.kind:<12}  {row.reader}  {row.facts}" for row in whole.itertuples())
    return "\n".join(plain(line).rstrip() for line in lines)


def _counted(chosen: argparse.Namespace, plan: pd.DataFrame, store: Store) -> tuple[list[str], str]:
    """The readers who count, and the rule by which they do."""
    kinds = store.readers()
    people = [reader for reader in study_readers(plan) if kinds.get(reader) == "human"]
    rule = chosen.count_readers or rule_of(Run(chosen.run))
    return readers_that_count(store, plan, "human" if people or not kinds else "simulated", rule), rule


def _faults_of_plan(run: Run, record: Record) -> list[str]:
    """Faults of a run's plan files: those that do not match the record or their own digest."""
    file, frozen, found = run.stage_folder("06_study_plan") / "plan.csv", read(run), []
    if file.is_file() and plan_hash(read_table(file, PLAN)) != record.plan_sha256:
        found.append(f"{file}: not the plan that the readings were bound to last")
    if frozen and was_edited(frozen):
        found.append(f"{path_of(run)}: edited after it was written; its digest does not fit")
    return found


def _faults_of_manifest(run: Run) -> list[str]:
    """Faults of the file of chain heads with the run's readings: a mismatch with its manifest."""
    file = run.stage_folder("07_reading") / CHAINS
    outputs = read_manifest(run, "07_reading")["outputs"] if run.manifest("07_reading").is_file() else {}
    if CHAINS not in outputs or (file.is_file() and sha256(file) == outputs[CHAINS]):
        return []
    return [f"{file}: not the one that the manifest of 07_reading has"]


def _verified(sealed: Sealed, file: str) -> str:
    """The report on an intact sealed export."""
    about = sealed.manifest
    software = about["software"]
    commit = (
        f", commit {software['commit']}{' with changes' if software['dirty'] else ''}" if software["commit"] else ""
    )
    said = f"""{file} is as it was sealed.
Key:      {sealed.key}
          Compare it with what its owner told you by another route; --key checks it.
Run:      {about["run"]}, helpers {software["helpers"]}{commit}
Plan:     {about["plan_sha256"]}
Frozen:   {about["frozen_plan"] or "no plan was frozen"}
Readings: {about["answers"]} answers of {", ".join(about["readers"])}; each is in the events
Chains:   {", ".join(f"{reader} {end['length']} events" for reader, end in about["chains"]["readers"].items())}"""
    return "\n".join([said, *filter(None, [unprotected(sealed.record)])])


def _about(run: Run) -> dict:
    """What the manifest of a sealed export says about a run and the software."""
    lock, frozen = PROJECT / "requirements.lock", read(run)
    software = {"helpers": __version__, **git_state(), "lock_sha256": sha256(lock) if lock.is_file() else None}
    return {"run": run.name, "software": software, "frozen_plan": frozen and frozen["digest"]}


def _beside(run: Run) -> dict[str, bytes]:
    """The frozen plan and the consent texts; the digest of each text is the one that readers agreed to."""
    files = {}
    for file in (path_of(run), changes_of(run)):
        files |= {file.name: file.read_bytes()} if file.is_file() else {}
    return files | {f"consent.{language}.txt": text.encode() for language, text in consents(run.name).items()}


def _anchors(run: Run, given: str) -> list[Path]:
    own = run.stage_folder("07_reading") / CHAINS
    return [Path(given)] * bool(given) + [own] * own.is_file()


def _read_anchors(file: Path) -> dict:
    if file.suffix == ".zip":
        return opened(file).manifest["chains"]
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReadingError(f"{file}: cannot be read as the {CHAINS} of an export ({error})") from error


COMMANDS = {
    "export": Command(
        "write the readings of those who count, with the truth, a codebook and what was set aside, into a folder",
        export,
        {
            "folder": {"nargs": "?", "help": "a folder for tables"},
            "--sealed": {"metavar": "FILE.zip", "help": "one signed file instead, with the record, plans and consent"},
        }
        | RULE,
    ),
    "verify": Command(
        "check that a record is as it was written; names the first event that was altered, removed or inserted",
        verify,
        {
            "file": {"nargs": "?", "help": "a sealed export; blank: the record of the run"},
            "--key": {"default": "", "help": "fingerprint of the key that must have sealed it"},
            "--anchor": {
                "default": "",
                "help": f"earlier export ({CHAINS} or FILE.zip) that the record must continue from",
            },
        },
    ),
    "backup": Command(
        "copy the readings into a file while people read", backup, {"file": {"help": "a file that does not exist yet"}}
    ),
    "restore": Command(
        "replace the readings by a backup; nobody may be reading",
        restored,
        {
            "file": {"help": "a file that backup wrote"},
            "--discard-newer": {
                "action": "store_true",
                "help": "even if there are answers that the file lacks",
            },
        },
    ),
    "log": Command("print what was done to the study: exports, codes, failed entries, corrections, sessions", log),
}
