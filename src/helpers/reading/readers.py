"""Accounts of the people who read: ``python -m helpers.reading.readers add --run quick reader-1 --years 12``."""

import argparse
import sys

from helpers.errors import StudyError
from helpers.reading.room import open_study
from helpers.reading.strings import LANGUAGES
from helpers.study.accounts import Account, accounts_table, add_account, renew_code

NOTICE = """Access code of {reader}: {code}
It is shown only now. Hand it over in private; a lost one is replaced by: new-code"""


def parser() -> argparse.ArgumentParser:
    """The command line: add, list, new-code."""
    whole = argparse.ArgumentParser(prog="python -m helpers.reading.readers", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for name, text in {
        "add": "make an account for a reader of the plan and print its access code",
        "list": "print all accounts, without codes",
        "new-code": "print a new access code for a reader; the old one is void",
    }.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--run", default="quick")
        command.add_argument("--database", default="", help="address of the readings, where not the run's own file")
        if name != "list":
            command.add_argument("reader", help="name or pseudonym, as in the plan")
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
        if chosen.command == "list":
            table = accounts_table(store)
            print("No accounts yet." if table.empty else table.fillna("").to_string(index=False))
            return 0
        if chosen.command == "add":
            account = Account(chosen.reader, chosen.years, chosen.subspecialty, chosen.language)
            code = add_account(store, plan, account)
        else:
            code = renew_code(store, chosen.reader)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2
    print(NOTICE.format(reader=chosen.reader, code=code))
    return 0


if __name__ == "__main__":
    sys.exit(main())
