"""Serve the reading room to all readers, ``python -m helpers.reading --run pilot-1``, or to one on this computer.

One process serves all readers. Each is identified by an access code (``python -m helpers.reading.readers``), which is
required before anything of the study is shown. With ``--reader NAME`` the room is for that reader and needs no code.
It is then served to this computer only, where anyone can read the plan and the readings from the disk anyway.
"""

import argparse
import asyncio
import logging
import sys

from helpers.errors import ReadingError, StudyError
from helpers.reading.room import StudyInReading
from helpers.reading.server.handlers import THIS_COMPUTER, Settings
from helpers.reading.server.serving import Place, serve
from helpers.reading.strings import LANGUAGES
from helpers.reading.widget import BREAK_EVERY, BREAK_MINUTES
from helpers.study.accounts import accounts_table


def main(arguments: list[str] | None = None) -> int:
    """Check that the room can be opened, then serve it until the process is told to stop; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    try:
        settings = settings_of(chosen)
        place = Place(chosen.ip, chosen.port, chosen.behind_proxy, chosen.certificate, chosen.key)
        asyncio.run(serve(settings, place, opens_browser=not chosen.no_browser))
    except StudyError as error:
        print(f"The reading room cannot be opened: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers.reading", description=__doc__)
    parser.add_argument("--run", default="quick")
    parser.add_argument("--reader", default="", help="this reader, without a code, on this computer only")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--ip", default="localhost", help="address to listen on; 0.0.0.0 for readers elsewhere")
    parser.add_argument("--port", type=int, default=8866, help="0: any that is free")
    parser.add_argument("--break-every", type=int, default=BREAK_EVERY, help="cases after which a break is offered")
    minutes = {"type": float, "default": BREAK_MINUTES}
    parser.add_argument("--break-minutes", **minutes, help="minutes of reading after which one is offered too")
    parser.add_argument("--prefix", default="", help="path under which a proxy serves the room, as /reading")
    parser.add_argument("--origin", default="", help="where readers see the room, as https://reading.example.org")
    parser.add_argument("--behind-proxy", action="store_true", help="trust X-Forwarded-For and X-Forwarded-Proto")
    parser.add_argument("--certificate", default="", help="file of a TLS certificate, with --key, to serve https")
    parser.add_argument("--key", default="", help="file of the certificate's key")
    parser.add_argument("--no-browser", action="store_true", help="do not open the room in a browser")
    return parser


def settings_of(chosen: argparse.Namespace) -> Settings:
    """What to serve; raises a StudyError if the room cannot be opened as requested."""
    if chosen.break_every < 1:
        raise ReadingError(f"--break-every {chosen.break_every}: must be 1 or more")
    if not chosen.break_minutes >= 1:
        raise ReadingError(f"--break-minutes {chosen.break_minutes}: must be 1 or more")
    prefix = chosen.prefix.rstrip("/")
    if prefix and (not prefix.startswith("/") or not prefix.replace("/", "").replace("-", "").isalnum()):
        raise ReadingError(f"--prefix {chosen.prefix}: must be a path of letters and digits, as /reading")
    study = StudyInReading(chosen.run)
    if chosen.reader:
        study.conversation(chosen.reader, print, chosen.language)
        if chosen.ip not in THIS_COMPUTER or chosen.behind_proxy:
            raise ReadingError(
                f"--reader {chosen.reader} asks for no access code and is served to this computer only, "
                "not to others or through a proxy; leave --reader out and give readers their codes"
            )
    elif accounts_table(study.store).empty:
        raise ReadingError(
            f"no reader has an access code in run {chosen.run!r}. Make one: python -m helpers.reading.readers add "
            f"--run {chosen.run} READER. Or read here, without a code: make read RUN={chosen.run} READER=guest"
        )
    breaks = {"break_every": chosen.break_every, "break_minutes": chosen.break_minutes}
    return Settings(study, chosen.reader, chosen.language, **breaks, prefix=prefix, origin=chosen.origin.rstrip("/"))


if __name__ == "__main__":
    sys.exit(main())
