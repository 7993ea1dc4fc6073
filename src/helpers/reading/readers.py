"""The owner's commands: ``python -m helpers.reading.readers add --run quick reader-1 --years 12``.

They concern the accounts of readers (add, list, new-code, correct) and of those who see the owner's page (add-owner,
remove-owner), the readers' sessions (progress, set-aside, close, reopen, withdraw), and the record (export, verify,
backup, restore, log). They are defined in ``owner_commands``.
"""

import argparse
import sys

from helpers.errors import StudyError
from helpers.reading.owner_commands import accounts, record, sessions

COMMANDS = accounts.COMMANDS | sessions.COMMANDS | record.COMMANDS


def parser() -> argparse.ArgumentParser:
    """The command-line parser."""
    whole = argparse.ArgumentParser(prog="python -m helpers.reading.readers", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add_to(commands, name)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command; if it fails, print the reason to stderr and return 2."""
    chosen = parser().parse_args(arguments)
    try:
        print(chosen.do(chosen))
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
