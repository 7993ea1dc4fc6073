"""Serves the reading room of one reader by Voila: ``python -m helpers.reading --run quick --reader guest``."""

import argparse
import os
import sys
from pathlib import Path

from helpers.errors import StudyError
from helpers.reading.room import open_room
from helpers.reading.strings import LANGUAGES


def main(arguments: list[str] | None = None) -> int:
    """Check that the room can be opened, then become the Voila server; further arguments go to Voila."""
    parser = argparse.ArgumentParser(prog="python -m helpers.reading", description=__doc__)
    parser.add_argument("--run", default="quick")
    parser.add_argument("--reader", default="guest")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    chosen, for_voila = parser.parse_known_args(arguments)
    try:
        open_room(chosen.run, chosen.reader, chosen.language)
    except StudyError as error:
        print(f"The reading room cannot be opened: {error}", file=sys.stderr)
        return 2
    room = {"HELPERS_RUN": chosen.run, "HELPERS_READER": chosen.reader, "HELPERS_LANGUAGE": chosen.language}
    os.chdir(Path(__file__).parent)  # where Voila finds voila.json, and nothing of the study
    os.execve(sys.executable, [sys.executable, "-m", "voila", "room.ipynb", *for_voila], os.environ | room)


if __name__ == "__main__":
    sys.exit(main())
