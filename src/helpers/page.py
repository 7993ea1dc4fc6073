"""``python -m helpers.page 13_explore --run quick``: execute a notebook outside the chain as a page of a run."""

import argparse
import sys

from helpers.chain import execute, explain
from helpers.errors import RunError, StudyError
from helpers.runs import Run

PAGES = ("13_explore", "14_words")


def main(arguments: list[str] | None = None) -> int:
    """Execute a notebook for a run and print where its page is; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m helpers.page", description=main.__doc__)
    parser.add_argument("notebook", choices=PAGES)
    parser.add_argument("--run", required=True)
    parser.add_argument("--images", type=int, help="of each sentence, for 14_words")
    options = parser.parse_args(arguments)
    given = {"images": options.images} if options.images else {}
    try:
        run = Run(options.run)
        if not run.folder.is_dir():
            raise RunError(f"run {run.name!r}: there is no such run; make it with: make study RUN={run.name}")
        print(f"Page: {execute(options.notebook, run, given)}")
    except StudyError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # from a cell or the kernel: explained to the user
        print(explain(error, options.notebook, run), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
