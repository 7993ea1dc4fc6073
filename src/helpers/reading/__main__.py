"""Serves the reading room by Voila: ``python -m helpers.reading --run pilot-1``, or one reader's on this computer.

One server serves all readers: each is found by an access code (``python -m helpers.reading.readers``), asked for
before anything of the study is shown. With ``--reader NAME`` the room is that reader's and asks for no code. It is
then served to this computer only: anyone at this computer can read the plan and the readings from the disk anyway.
"""

import argparse
import os
import sys
from pathlib import Path

from helpers.errors import ReadingError, StudyError
from helpers.reading.room import open_room, open_study
from helpers.reading.strings import LANGUAGES
from helpers.reading.widget import BREAK_EVERY
from helpers.study.accounts import accounts_table

THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


def main(arguments: list[str] | None = None) -> int:
    """Check that the room can be opened, then become the Voila server; further arguments go to Voila."""
    parser = argparse.ArgumentParser(prog="python -m helpers.reading", description=__doc__)
    parser.add_argument("--run", default="quick")
    parser.add_argument("--reader", default="", help="this reader, without a code, on this computer only")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--ip", default="localhost", help="address to listen on; 0.0.0.0 for readers elsewhere")
    parser.add_argument("--break-every", type=int, default=BREAK_EVERY, help="cases after which a break is offered")
    chosen, for_voila = parser.parse_known_args(arguments)
    try:
        check(chosen, for_voila)
    except StudyError as error:
        print(f"The reading room cannot be opened: {error}", file=sys.stderr)
        return 2
    room = {"HELPERS_RUN": chosen.run, "HELPERS_READER": chosen.reader, "HELPERS_LANGUAGE": chosen.language}
    room["HELPERS_BREAK_EVERY"] = str(chosen.break_every)
    os.chdir(Path(__file__).parent)  # where Voila finds voila.json, and nothing of the study
    voila = [sys.executable, "-m", "voila", "room.ipynb", f"--Voila.ip={chosen.ip}", *for_voila]
    os.execve(sys.executable, voila, os.environ | room)


def check(chosen: argparse.Namespace, for_voila: list[str]) -> None:
    """Raise a StudyError where the room cannot be opened as asked."""
    if any(argument.startswith("--Voila.ip") for argument in for_voila):
        raise ReadingError("say --ip ADDRESS instead of --Voila.ip")
    if chosen.break_every < 1:
        raise ReadingError(f"--break-every {chosen.break_every}: must be 1 or more")
    if chosen.reader:
        open_room(chosen.run, chosen.reader, chosen.language)
        if chosen.ip not in THIS_COMPUTER:
            raise ReadingError(
                f"--reader {chosen.reader} asks for no access code and is served to this computer only, "
                f"not to {chosen.ip}; leave --reader out and give readers their codes"
            )
        return
    _, store = open_study(chosen.run)
    if accounts_table(store).empty:
        raise ReadingError(
            f"nobody has an access code in run {chosen.run!r}. Make one: python -m helpers.reading.readers add "
            f"--run {chosen.run} READER. Or read here, without a code: make read RUN={chosen.run} READER=guest"
        )


if __name__ == "__main__":
    sys.exit(main())
