"""One command of the owner: what it is called and takes, and what it does."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

READER = {"reader": {"help": "name or pseudonym, as in the plan"}}
REASON = {"--reason": {"required": True, "help": "why; it stands in the record"}}


@dataclass(frozen=True)
class Command:
    """``about`` is its help; ``takes`` are its arguments beside ``--run`` and ``--database``, as argparse takes them;
    ``do`` carries it out and returns what to print."""

    about: str
    do: Callable[[argparse.Namespace], str]
    takes: Mapping[str, Mapping] = field(default_factory=dict)

    def add_to(self, commands, name: str) -> None:
        """Add the command to the subcommands of a parser."""
        parser = commands.add_parser(name, help=self.about, description=self.about)
        parser.add_argument("--run", default="quick")
        parser.add_argument("--database", default="", help="address of the readings, where not the run's own file")
        for argument, options in self.takes.items():
            parser.add_argument(argument, **options)
        parser.set_defaults(do=self.do)
