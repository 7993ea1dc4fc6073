"""``python -m helpers.explore --run quick``: notebook 13 as a page without controls, in the run's folder."""

import argparse
import sys

from helpers.chain import execute, explain
from helpers.errors import RunError, StudyError
from helpers.runs import Run

NOTEBOOK = "13_explore"


def main(arguments: list[str] | None = None) -> int:
    """Execute the notebook for a run and print where its page is; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m helpers.explore", description=main.__doc__)
    parser.add_argument("--run", required=True)
    try:
        run = Run(parser.parse_args(arguments).run)
        if not run.folder.is_dir():
            raise RunError(f"run {run.name!r}: there is no such run; make it with: make study RUN={run.name}")
        print(f"Page: {execute(NOTEBOOK, run, {})}")
    except StudyError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # of a cell, or of the kernel: explained to a person
        print(explain(error, NOTEBOOK, run), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
