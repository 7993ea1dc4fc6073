"""One command of the owner: its help, its arguments and its action."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers.reading.room import consent_of, open_study
from helpers.reading.strings import LANGUAGES, texts
from helpers.study.log import note_consents
from helpers.study.store import Store

READER = {"reader": {"help": "name or pseudonym, as in the plan"}}
REASON = {"--reason": {"required": True, "help": "why; it is kept in the record"}}


def study_of(chosen: argparse.Namespace) -> tuple[pd.DataFrame, Store]:
    """Plan and store of the chosen run; consent texts that have changed are added to its log."""
    plan, store = open_study(chosen.run, chosen.database)
    with store.writing() as connection:
        note_consents(connection, consents(chosen.run))
    return plan, store


def consents(run: str) -> dict[str, str]:
    """The consent text of a run in each language, in the form whose digest is stored when a reader agrees."""
    return {language: "\n\n".join(consent_of(run, language) or texts(language)["consent"]) for language in LANGUAGES}


@dataclass(frozen=True)
class Command:
    """One command: ``about`` is its help; ``takes`` are its arguments besides ``--run`` and ``--database``, as for
    argparse; ``do`` carries it out and returns what to print."""

    about: str
    do: Callable[[argparse.Namespace], str]
    takes: Mapping[str, Mapping] = field(default_factory=dict)

    def add_to(self, commands, name: str) -> None:
        """Add the command to the subcommands of a parser."""
        parser = commands.add_parser(name, help=self.about, description=self.about)
        parser.add_argument("--run", default="quick")
        parser.add_argument("--database", default="", help="address of the readings, if not the run's own file")
        for argument, options in self.takes.items():
            parser.add_argument(argument, **options)
        parser.set_defaults(do=self.do)
