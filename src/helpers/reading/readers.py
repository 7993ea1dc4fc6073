"""The owner's commands: ``python -m helpers.reading.readers add --run quick reader-1 --years 12``.

Accounts of the people who read (add, list, new-code), how far they are (progress), what was set aside (set-aside), and
the end (close, export).
"""

import argparse
import sys

import pandas as pd

from helpers.errors import StudyError
from helpers.reading.owner import close_session, in_lines, progress_by_reader
from helpers.reading.room import open_study
from helpers.reading.strings import LANGUAGES
from helpers.runs import Run
from helpers.study.accounts import Account, accounts_table, add_account, renew_code
from helpers.study.counting import COUNT_READERS, counting, readers_that_count, study_readers
from helpers.study.export import export_readings
from helpers.study.frozen_plan import rule_of
from helpers.study.phantom_facts import phantom_truth
from helpers.study.record import set_aside
from helpers.study.store import Store

NOTICE = """Access code of {reader}: {code}
It is shown only now. Hand it over in private; a lost one is replaced by: new-code"""


COMMANDS = {
    "add": "make an account for a reader of the plan and print its access code",
    "list": "print all accounts, without codes",
    "new-code": "print a new access code for a reader; the old one is void, and open sittings end",
    "progress": "print how far each reader is and who counts; nothing of whether they are right",
    "set-aside": "print stored events that are not sound and therefore do not count",
    "close": "close a reader's session permanently: nothing can be answered or taken back any more",
    "export": "write the readings of those who count, with the truth, a codebook and what was set aside, into a folder",
}
OF_A_READER = ("add", "new-code", "close")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="python -m helpers.reading.readers", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--run", default="quick")
        command.add_argument("--database", default="", help="address of the readings, where not the run's own file")
        if name in OF_A_READER:
            command.add_argument("reader", help="name or pseudonym, as in the plan")
        if name == "export":
            command.add_argument("folder")
        if name in ("export", "progress"):
            command.add_argument("--count-readers", choices=COUNT_READERS, help="blank: as frozen with the plan")
        if name == "add":
            command.add_argument("--years", type=float, help="years of experience in reading such images")
            command.add_argument("--subspecialty")
            command.add_argument("--language", default="en", choices=LANGUAGES)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command; 2 and one line on stderr where it cannot be."""
    chosen = parser().parse_args(arguments)
    try:
        plan, store = open_study(chosen.run, chosen.database)
        print(carry_out(chosen, plan, store))
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def carry_out(chosen: argparse.Namespace, plan: pd.DataFrame, store: Store) -> str:
    """Do what was chosen and return what to print."""
    if chosen.command == "list":
        return in_lines(accounts_table(store)) or "No accounts yet."
    if chosen.command == "progress":
        return progress(plan, store, chosen.count_readers or rule_of(Run(chosen.run)))
    if chosen.command == "set-aside":
        return in_lines(set_aside(store, plan)) or "Everything stored is sound."
    if chosen.command == "close":
        closed = close_session(store, plan, chosen.reader)
        return (
            f"The session of {chosen.reader} is closed." if closed else f"{chosen.reader}'s session was closed before."
        )
    if chosen.command == "export":
        return export(chosen, plan, store)
    if chosen.command == "add":
        account = Account(chosen.reader, chosen.years, chosen.subspecialty, chosen.language)
        return NOTICE.format(reader=chosen.reader, code=add_account(store, plan, account))
    return NOTICE.format(reader=chosen.reader, code=renew_code(store, chosen.reader))


def progress(plan: pd.DataFrame, store: Store, count_readers: str) -> str:
    """How far the readers are, who counts, and how much was set aside."""
    said = [in_lines(progress_by_reader(store, plan, count_readers)), counting(store, plan, count_readers)]
    if aside := len(set_aside(store, plan)):
        said.append(f"{aside} stored events are not sound and were set aside; list them by: set-aside")
    return "\n".join(said)


def export(chosen: argparse.Namespace, plan: pd.DataFrame, store: Store) -> str:
    """Write what notebook 07 would: the readings of those who count, with what is known of phantoms."""
    run, kinds = Run(chosen.run), store.readers()
    people = [reader for reader in study_readers(plan) if kinds.get(reader) == "human"]
    rule = chosen.count_readers or rule_of(run)
    counted = readers_that_count(store, plan, "human" if people or not kinds else "simulated", rule)
    readings = export_readings(store, plan, chosen.folder, counted, phantom_truth(run.stage_folder("01_cohort")))
    said = [f"Answers written to {chosen.folder}: {len(readings)} of {', '.join(counted)}"]
    said += [counting(store, plan, rule)] if people else []
    if aside := len(set_aside(store, plan)):
        said.append(f"{aside} stored events are not sound and were set aside: {chosen.folder}/set_aside.csv")
    return "\n".join(said)


if __name__ == "__main__":
    sys.exit(main())
