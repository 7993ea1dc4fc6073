"""Verifies a record: whether each event and each log entry is as it was written, and whether all of them are there.

A record is what a readings database, or a sealed export, holds of the chains. A fault names the first row of a chain
that was altered, removed or inserted. Chains can only reveal changes by somebody who did not recompute all digests; the
anchors protect against that: heads of the chains in earlier exports, in the manifest, and in copies elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from helpers.errors import StoreError
from helpers.study.binding import digest_of_trials
from helpers.study.hash_chain import ERASED, LOG_CHAIN, content_of, erased, facts_of, is_erased, linked, start_of
from helpers.study.schema import ACCOUNTS, EVENTS, HEADS, LOG, READERS, SCHEMA_VERSION, STUDY, TRIALS
from helpers.study.settings import GUEST

TOLD = ("experience_years", "subspecialty")  # of an account; they accompany each answer


@dataclass(frozen=True)
class Record:
    """Rows of all chains and where each ends, and what the log has to agree with."""

    events: Mapping[str, Sequence[Mapping]]  # rows of each reader, in order
    log: Sequence[Mapping]
    heads: Mapping[str, tuple[int, str]]  # length and last digest of each chain
    kinds: Mapping[str, str]  # of the readers
    plan_sha256: str
    trials: Mapping[str, str] = field(default_factory=dict)  # digest of each trial of the plan
    accounts: Mapping[str, Mapping] = field(default_factory=dict)


def record_of(connection: sa.Connection) -> Record:
    """The record in a readings database, which is left unchanged; raises StoreError if it has no chains yet."""
    study = connection.execute(sa.select(STUDY)).first() if sa.inspect(connection).has_table(STUDY.name) else None
    if study is None or study.schema_version != SCHEMA_VERSION:
        found = "nothing" if study is None else f"version {study.schema_version}"
        raise StoreError(
            f"the readings database has no chains yet ({found}; they come with version {SCHEMA_VERSION}); open it "
            "once, for example by: python -m helpers.reading.readers progress"
        )
    rows = connection.execute(sa.select(EVENTS).order_by(EVENTS.c.reader, EVENTS.c.sequence)).mappings()
    events: dict[str, list[Mapping]] = {}
    for row in rows:
        events.setdefault(row["reader"], []).append(row)
    heads = connection.execute(sa.select(HEADS)).all()
    return Record(
        events,
        connection.execute(sa.select(LOG).order_by(LOG.c.sequence)).mappings().all(),
        {row.chain: (row.length if isinstance(row.length, int) else 0, row.digest) for row in heads},
        dict(connection.execute(sa.select(READERS.c.reader, READERS.c.kind)).tuples().all()),
        study.plan_sha256,
        dict(connection.execute(sa.select(TRIALS.c.trial_id, TRIALS.c.digest)).tuples().all()),
        {row["reader"]: row for row in connection.execute(sa.select(ACCOUNTS)).mappings()},
    )


def anchors_of(record: Record) -> dict:
    """Where the chains end, JSON-ready, to be kept elsewhere: plan_sha256, log and readers, with length and digest."""
    ends = {chain: {"length": length, "digest": digest} for chain, (length, digest) in sorted(record.heads.items())}
    log = ends.pop(LOG_CHAIN, {"length": 0, "digest": start_of(LOG_CHAIN, "log")})
    return {"plan_sha256": record.plan_sha256, "log": log, "readers": {r: e for r, e in ends.items() if r != GUEST}}


def faults_of(record: Record) -> list[str]:
    """What in a record is not as it was written: the first such row of each chain. Empty if all is well."""
    found = [_fault_of_log(record)]
    withdrawn = {row["reader"]: facts_of(row) for row in record.log if row["kind"] == ERASED and not is_erased(row)}
    for reader in sorted({*record.events, *record.heads, *record.kinds} - {LOG_CHAIN}):
        found.append(_fault_of_reader(record, reader, withdrawn.get(reader, {})))
    if found[0] is None:  # a log that was edited proves nothing
        found += [*_faults_of_exports(record), *_faults_beside(record)]
    return [fault for fault in found if fault]


def faults_against(record: Record, anchors: Mapping, name: str) -> Iterator[str]:
    """Where a record does not continue from earlier ``anchors`` (``anchors_of``), which ``name`` holds.

    Readings that the log says were dropped since are not required.
    """
    length, digest = anchors["log"]["length"], anchors["log"]["digest"]
    if length and (len(record.log) < length or record.log[length - 1]["digest"] != digest):
        yield f"log, entry {length}: {name} has it otherwise"
    dropped = _dropped_after(record, length)
    for reader, end in anchors["readers"].items():
        rows = record.events.get(reader, ())
        if reader not in dropped and (len(rows) < end["length"] or rows[end["length"] - 1]["digest"] != end["digest"]):
            yield f"reader {reader}, event {end['length']}: {name} has it otherwise, or it or one before it is gone"


def unprotected(record: Record) -> str:
    """In words: which events were written before they were chained; blank if none were."""
    entries = [(row["at"], facts_of(row)["events"]) for row in record.log if row["kind"] == "chained"]
    return " ".join(
        f"Chained on {at}, and so not protected before: {', '.join(f'{r} 1 to {n}' for r, n in events.items())}."
        for at, events in entries
        if events
    )


def _fault_of_reader(record: Record, reader: str, withdrawn: Mapping) -> str | None:
    rows, where = record.events.get(reader, ()), f"reader {reader}"
    if reader not in record.kinds:
        return f"{where}, event 1: inserted, or the reader was removed"
    start = start_of(reader, record.kinds[reader])
    count = withdrawn.get("events", 0)
    if count and (len(rows) < count or rows[count - 1]["digest"] != withdrawn.get("digest")):
        return f"{where}, event {count}: not the last one at the withdrawal"
    may_be_erased = range(1, count + 1)
    return _fault(EVENTS, rows, start, record.heads.get(reader, (0, start)), where, "event", may_be_erased)


def _fault_of_log(record: Record) -> str | None:
    start = start_of(LOG_CHAIN, "log")
    rows = list(enumerate(record.log, start=1))
    gone = {row["reader"]: number for number, row in rows if row["kind"] == ERASED and not is_erased(row)}
    may_be_erased = {number for number, row in rows if row["reader"] and number < gone.get(row["reader"], 0)}
    return _fault(LOG, record.log, start, record.heads.get(LOG_CHAIN, (0, start)), "log", "entry", may_be_erased)


def _fault(
    table, rows: Sequence[Mapping], before: str, head: tuple, where: str, what: str, may_be_erased
) -> str | None:
    """The first row that does not follow from those before it, or a wrong end of the chain; None if all is well."""
    for number, row in enumerate(rows, start=1):
        place = f"{where}, {what} {number}"
        if row["sequence"] != number:
            return f"{place}: removed"
        if number > head[0]:
            return f"{place}: inserted behind the end of the chain"
        if is_erased(row) and number not in may_be_erased:
            return f"{place}: its content was deleted, and the log has no withdrawal of it"
        is_other = is_erased(row) and dict(row) != erased(table, row)
        if is_other or row["digest"] != linked(before, content_of(table, row)):
            return f"{place} ({row['kind']}): altered, or inserted, or in the place of one that was removed"
        before = row["digest"]
    if len(rows) < head[0]:
        return f"{where}, {what} {len(rows) + 1}: removed"
    return None if head == (len(rows), before) else f"{where}: the end of the chain was altered"


def _faults_of_exports(record: Record) -> Iterator[str]:
    for row in record.log:
        facts = {} if is_erased(row) else facts_of(row)
        if "chains" in facts:
            yield from faults_against(record, facts["chains"], f"the {row['kind']} of {row['at']}")


def _faults_beside(record: Record) -> Iterator[str]:
    """Where tables other than the chains disagree with the log."""
    plans = [facts_of(row) for row in record.log if row["kind"] == "plan"]
    if plans and plans[-1]["plan_sha256"] != record.plan_sha256:
        yield "plan: the database is bound to another plan than the log says"
    elif plans and record.trials and plans[-1]["trials_sha256"] != digest_of_trials(record.trials):
        yield "plan: the digests of its trials were altered"
    told = {}
    for row in record.log:
        if row["kind"] in ("account", "corrected") and not is_erased(row):
            told[row["reader"]] = told.get(row["reader"], {}) | facts_of(row)
    for reader, account in sorted(record.accounts.items()):
        if any(account[name] != told.get(reader, {}).get(name) for name in TOLD):
            yield f"account of {reader}: years or subspecialty are not those that the log has"


def _dropped_after(record: Record, length: int) -> set[str]:
    later = [row for row in record.log if row["kind"] == "dropped" and row["sequence"] > length]
    return {reader for row in later for reader in facts_of(row)["readers"]}
