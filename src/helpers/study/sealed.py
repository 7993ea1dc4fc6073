"""A sealed export: one signed zip with readings, record, plans and consent texts, which its recipient can check.

``manifest.json`` has the digest of every other file, where the readings come from, where the chains end, and the public
key; ``signature`` is the key's signature of it (hex). The same state of the readings gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.errors import RecordError
from helpers.files import DAMAGED_ZIP, atomic_write
from helpers.study.hash_chain import LOG_CHAIN
from helpers.study.settings import GUEST
from helpers.study.signing import fingerprint, is_signed, public_part
from helpers.study.verification import Record, anchors_of, faults_of

MANIFEST, SIGNATURE, READINGS_FILE = "manifest.json", "signature", "readings.csv"
RECORD, EVENTS_FILE, LOG_FILE = "record.json", "events.jsonl", "log.jsonl"
CHANGE_NOTHING = ("export", "backup")  # entries of these kinds at the end of a log do not make a new state
LARGEST = 4 << 30  # bytes in total, unpacked


@dataclass(frozen=True)
class Sealed:
    """A checked export: its files by name, its manifest, its record, and the key that sealed it."""

    files: Mapping[str, bytes]
    manifest: Mapping
    record: Record
    key: str  # fingerprint


def sealed_record(record: Record) -> Record:
    """The part of a record that is sealed: without the guest, access codes, and exports or backups that end the log."""
    log = list(record.log)
    while log and log[-1]["kind"] in CHANGE_NOTHING:
        log.pop()
    heads = {chain: head for chain, head in record.heads.items() if chain not in (GUEST, LOG_CHAIN)}
    if log:
        heads[LOG_CHAIN] = (len(log), log[-1]["digest"])
    readers = {reader: kind for reader, kind in record.kinds.items() if reader != GUEST}
    events = {reader: rows for reader, rows in record.events.items() if reader != GUEST}
    return Record(events, log, heads, readers, record.plan_sha256)


def record_files(record: Record) -> dict[str, bytes]:
    """The files that hold a record, as ``sealed_record`` returns it."""
    events = [dict(row) for reader in sorted(record.events) for row in record.events[reader]]
    about = {"plan_sha256": record.plan_sha256, "readers": dict(sorted(record.kinds.items()))}
    lines = {EVENTS_FILE: events, LOG_FILE: [dict(row) for row in record.log]}
    packed = {name: "".join(f"{_text(row)}\n" for row in rows).encode() for name, rows in lines.items()}
    return packed | {RECORD: _text(about | {"chains": anchors_of(record)}).encode()}


def seal(path: str | Path, files: Mapping[str, bytes], about: Mapping, key) -> None:
    """Write a sealed export of ``files``; ``about`` is JSON-ready and goes into the manifest, which ``key`` signs."""
    digests = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    manifest = {**about, "files": digests, "public_key": public_part(key)}
    content = (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    packed = {MANIFEST: content, SIGNATURE: key.sign(content).hex().encode(), **dict(sorted(files.items()))}
    with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in packed.items():
            entry = zipfile.ZipInfo(name)  # dated 1980, whenever it is written
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, text, compresslevel=6)


def opened(path: str | Path, key: str = "") -> Sealed:
    """Open and check a sealed export. Raises RecordError if the signature does not match, for the first file that is
    not as it was sealed, for the first event that was altered, removed or inserted, for an answer in the readings that
    is not in the events, and if it was sealed with a key other than the one with fingerprint ``key``."""
    files = _unpacked(Path(path))
    manifest = _manifest(files, path)
    by = fingerprint(manifest["public_key"])
    if key and by != key.strip().lower():
        raise RecordError(f"{path}: sealed with key {by}, not with {key}")
    for name, digest in manifest["files"].items():
        if name not in files:
            raise RecordError(f"{path}: {name} is missing (sealed with key {by})")
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise RecordError(f"{path}: {name} is not as it was sealed (with key {by})")
    if extra := sorted(set(files) - {MANIFEST, SIGNATURE, *manifest["files"]}):
        raise RecordError(f"{path}: {extra[0]} was added after it was sealed (with key {by})")
    record = _record(files)
    for fault in [*faults_of(record), *_faults_of_readings(files[READINGS_FILE], record)]:
        raise RecordError(f"{path}: {fault} (sealed like this with key {by})")
    return Sealed(files, manifest, record, by)


def _unpacked(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len({entry.filename for entry in entries}) != len(entries):
                raise RecordError(f"{path}: contains two files with the same name")
            if sum(entry.file_size for entry in entries) > LARGEST:
                raise RecordError(f"{path}: too large to be an export")
            return {entry.filename: archive.read(entry) for entry in entries}
    except DAMAGED_ZIP as error:
        raise RecordError(f"{path}: cannot be read as a sealed export ({error})") from error


def _manifest(files: Mapping[str, bytes], path: str | Path) -> dict:
    try:
        content = files[MANIFEST]
        manifest = json.loads(content)
        signed = is_signed(content, files[SIGNATURE].decode(), manifest["public_key"])
        is_whole = {RECORD, EVENTS_FILE, LOG_FILE, READINGS_FILE} <= set(manifest["files"])
    except (KeyError, ValueError, TypeError) as error:
        raise RecordError(f"{path}: not a sealed export ({error!r})") from error
    if not signed:
        raise RecordError(f"{path}: {MANIFEST} is not what was signed, or was not signed with the key that it names")
    if not is_whole:
        raise RecordError(f"{path}: not a sealed export (readings or record are not in its manifest)")
    return manifest


def _record(files: Mapping[str, bytes]) -> Record:
    about = json.loads(files[RECORD])
    events: dict[str, list] = {}
    for row in _rows(files[EVENTS_FILE]):
        events.setdefault(row["reader"], []).append(row)
    ends = {**about["chains"]["readers"], LOG_CHAIN: about["chains"]["log"]}
    heads = {chain: (end["length"], end["digest"]) for chain, end in ends.items()}
    return Record(events, _rows(files[LOG_FILE]), heads, about["readers"], about["plan_sha256"])


def _faults_of_readings(readings: bytes, record: Record) -> Iterator[str]:
    """Answers in the readings table that no event has, or that were taken back."""
    valid = {(reader, *answer) for reader, rows in record.events.items() for answer in _answers(rows)}
    table = pd.read_csv(io.BytesIO(readings), dtype=str, keep_default_na=False)
    for row in table.itertuples():
        if (row.reader, row.trial_id, row.submitted_at, float(row.rating)) not in valid:
            yield f"{READINGS_FILE}, reader {row.reader}, trial {row.trial_id}: not an answer that the events have"


def _answers(rows: list) -> list[tuple]:
    """Valid answers of a reader: trial, moment and rating; None for a rating that cannot be read."""
    answers: list[tuple] = []
    for row in rows:
        if row["kind"] == "answered":
            try:
                rating = json.loads(row["payload"])["rating"]
            except (ValueError, KeyError, TypeError):
                rating = None
            answers.append((row["trial_id"], row["at"], rating))
        elif row["kind"] == "undone" and answers and answers[-1][0] == row["trial_id"]:
            answers.pop()
    return answers


def _rows(lines: bytes) -> list[dict]:
    return [json.loads(line) for line in lines.decode().splitlines()]


def _text(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True)
