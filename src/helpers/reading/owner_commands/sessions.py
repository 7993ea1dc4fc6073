"""Sessions of readers: progress, set-aside, close, reopen, withdraw."""

import argparse
import json

from helpers.errors import ReadingError
from helpers.reading.owner import close_session, in_lines, progress_by_reader, reopen_session
from helpers.reading.owner_commands.command import READER, REASON, Command, study_of
from helpers.runs import Run
from helpers.study.counting import COUNT_READERS, counting, study_readers
from helpers.study.frozen_plan import rule_of
from helpers.study.record import set_aside
from helpers.study.schema import LOG
from helpers.study.withdrawal import forget_results, withdraw

RULE = {"--count-readers": {"choices": COUNT_READERS, "help": "blank: as frozen with the plan"}}


def progress(chosen: argparse.Namespace) -> str:
    """The readers' progress, who counts, and how many events were set aside."""
    plan, store = study_of(chosen)
    rule = chosen.count_readers or rule_of(Run(chosen.run))
    said = [in_lines(progress_by_reader(store, plan, rule)), counting(store, plan, rule)]
    if aside := len(set_aside(store, plan)):
        said.append(f"{aside} stored events are faulty and were set aside; list them by: set-aside")
    return "\n".join(said)


def listed_aside(chosen: argparse.Namespace) -> str:
    """The events that were set aside."""
    plan, store = study_of(chosen)
    return in_lines(set_aside(store, plan)) or "Everything stored is sound."


def close(chosen: argparse.Namespace) -> str:
    """Close the session of one reader or of all; of those who have not begun only if this is requested."""
    plan, store = study_of(chosen)
    if (chosen.reader is None) == (not chosen.all):
        raise ReadingError("say whose session to close: one READER, or --all")
    begun, known = store.readers(), list(dict.fromkeys(plan.reader))
    if chosen.reader and chosen.reader not in begun and chosen.reader in known and not chosen.unbegun:
        raise ReadingError(
            f"reader {chosen.reader!r} has not begun, and could not begin any more; add --unbegun if you mean it"
        )
    readers = [chosen.reader]
    if chosen.all:
        readers = [reader for reader in study_readers(plan) if chosen.unbegun or reader in begun]
    closed = [reader for reader in readers if close_session(store, plan, reader, chosen.reason)]
    if chosen.all:
        return f"Closed: {', '.join(closed) or 'nobody'}. " + _left(plan, readers)
    return f"The session of {readers[0]} is closed." if closed else f"{readers[0]}'s session was closed before."


def reopen(chosen: argparse.Namespace) -> str:
    """Let a closed session continue."""
    plan, store = study_of(chosen)
    reopen_session(store, plan, chosen.reader, chosen.reason)
    return f"The session of {chosen.reader} continues where it was; the record says why."


def withdrawn(chosen: argparse.Namespace) -> str:
    """Delete what is stored about a reader, and the results derived from it."""
    plan, store = study_of(chosen)
    run = Run(chosen.run)
    count, gone = withdraw(store, plan, chosen.reader, chosen.reason), forget_results(run)
    said = [f"{chosen.reader} has withdrawn: {count} events and the account are deleted; the name stays."]
    said[0] = said[0] if count is not None else f"{chosen.reader} had withdrawn before; the rest is deleted now."
    if gone:
        said.append(f"Also deleted, as made from everyone's answers: {', '.join(path.name for path in gone)}.")
        said.append("make study makes them again from the remaining readers.")
    kept = _kept_elsewhere(store, run)
    return "\n".join(said + (["These may still hold the answers, and are for you to delete:", *kept] if kept else []))


def _kept_elsewhere(store, run: Run) -> list[str]:
    """Exports and backups recorded in the log, and databases that a restored backup has replaced."""
    rows = store.read(LOG.select().where(LOG.c.kind.in_(("export", "backup"))).order_by(LOG.c.sequence))
    facts = [(row, json.loads(row.payload)) for row in rows]
    own = run.stage_folder("07_reading").name
    found = [f"  {row.kind} of {row.at}: {fact.get('folder') or fact['file']}" for row, fact in facts]
    found = [line for line in found if not line.endswith(f": {own}")]
    found += [f"  {file}" for file in sorted(run.folder.glob(f"{run.database.stem}.before-*"))]
    return found + (["  the server's own write-ahead log and backups"] if "://" in store.name else [])


def _left(plan, readers: list[str]) -> str:
    left = [reader for reader in study_readers(plan) if reader not in readers]
    return f"Not begun, and left open: {', '.join(left)} (--unbegun closes them too)." if left else "Nobody is left."


COMMANDS = {
    "progress": Command(
        "print how far each reader has come and who counts, but not whether they are right", progress, RULE
    ),
    "set-aside": Command("print faulty stored events, which do not count", listed_aside),
    "close": Command(
        "close a reader's session: nothing more can be answered or undone until it is reopened",
        close,
        {
            "reader": {"nargs": "?", "help": "name or pseudonym, as in the plan"},
            "--all": {"action": "store_true", "help": "everyone who has begun"},
            "--unbegun": {"action": "store_true", "help": "also readers who have not begun"},
            "--reason": {"default": "", "help": "why; it is kept in the record"},
        },
    ),
    "withdraw": Command(
        "delete what is stored of a reader who withdraws: answers, times, displays, account, and results made of them",
        withdrawn,
        READER | REASON,
    ),
    "reopen": Command("let a closed session continue where it was", reopen, READER | REASON),
}
