"""The owner's commands: ``python -m helpers.reading.readers add --run quick reader-1 --years 12``.

Accounts of the people who read (add, list, new-code), how far they are (progress), and the end (close, export).
"""

import argparse
import sys

import pandas as pd

from helpers.errors import StudyError
from helpers.reading.owner import close_session, progress_by_reader
from helpers.reading.room import open_study
from helpers.reading.strings import LANGUAGES
from helpers.study.accounts import Account, accounts_table, add_account, renew_code
from helpers.study.export import export_readings
from helpers.study.store import Store

NOTICE = """Access code of {reader}: {code}
It is shown only now. Hand it over in private; a lost one is replaced by: new-code"""


COMMANDS = {
    "add": "make an account for a reader of the plan and print its access code",
    "list": "print all accounts, without codes",
    "new-code": "print a new access code for a reader; the old one is void",
    "progress": "print how far each reader is; nothing of whether they are right",
    "close": "close a reader's session permanently: nothing can be answered or taken back any more",
    "export": "write readings.csv, readings.parquet and codebook.csv, which hold the truth, into a folder",
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
        return _in_lines(accounts_table(store)) or "No accounts yet."
    if chosen.command == "progress":
        return _in_lines(progress_by_reader(store, plan))
    if chosen.command == "close":
        closed = close_session(store, plan, chosen.reader)
        return (
            f"The session of {chosen.reader} is closed." if closed else f"{chosen.reader}'s session was closed before."
        )
    if chosen.command == "export":
        return f"Answers written to {chosen.folder}: {len(export_readings(store, plan, chosen.folder))}"
    if chosen.command == "add":
        account = Account(chosen.reader, chosen.years, chosen.subspecialty, chosen.language)
        return NOTICE.format(reader=chosen.reader, code=add_account(store, plan, account))
    return NOTICE.format(reader=chosen.reader, code=renew_code(store, chosen.reader))


def _in_lines(table: pd.DataFrame) -> str:
    return "" if table.empty else table.astype(object).fillna("").to_string(index=False)


if __name__ == "__main__":
    sys.exit(main())
