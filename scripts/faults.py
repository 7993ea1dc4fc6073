"""Random faults in chain and reading, each drawn from its seed, and whether the same command then repaired them.

``python scripts/faults.py 1 500 --log benchmarks/faults.csv`` appends a line for each seed and says how many faults
were repaired. Needs Linux, and root to mount the small disks that are filled. An undisturbed study is run first with
the tests' parameters, or taken from ``--finished`` (a workspace that has it as run ``first``).
"""

import argparse
import csv
import importlib
import itertools
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

import helpers
import helpers.study
from helpers.runs import PROJECT, stages_with

sys.path.insert(0, str(PROJECT / "tests"))
from faults_of_reading import Sitting
from faults_of_stages import FinishedStudy, Outcome
from random_faults import Disk
from server_of_its_own import postgresql_server
from small_study import study

STAGES = tuple(stages_with(["realism_pair", "conditionality", "realism_choice_3"]))
COLUMNS = ("seed", "stage", "fault", "where", "disturbed", "afterwards", "seconds")
STAGE_EVERY = 6  # of so many seeds, one disturbs a stage, the others a reader


def preload(package: ModuleType = helpers) -> None:
    """Import every module of a package here, so that forked processes need no time for it."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def one_line(text: str, folder: Path) -> str:
    """The first line of a message, without the names of temporary folders."""
    return (text.splitlines() or [""])[0].replace(str(folder), "")[:200]


def chosen(first: int, last: int, only: str | None) -> list[int]:
    """The seeds from first to last, or ``only`` those that disturb sittings, or stages."""
    wanted = {None: (True, False), "sittings": (False,), "stages": (True,)}[only]
    return [seed for seed in range(first, last + 1) if (seed % STAGE_EVERY == 0) in wanted]


def disturb(seeds: list[int], finished: Path, folder: Path, new_database):
    """Outcomes of seeds, each with the seconds that it took."""
    with Disk(folder / "study") as large, Disk(folder / "sitting", 20) as small:
        sitting, chain = Sitting(small, folder / "words", new_database), None
        for seed in seeds:
            began = time.monotonic()
            if seed % STAGE_EVERY == 0 and chain is None:
                chain = FinishedStudy(finished, large, folder / "words")
            outcome = sitting.disturb(seed) if seed % STAGE_EVERY else chain.disturb(seed, STAGES)
            yield seed, outcome, time.monotonic() - began


def row_of(seed: int, outcome: Outcome, seconds: float, folder: Path) -> list:
    texts = [one_line(getattr(outcome, column), folder) for column in COLUMNS[1:-1]]
    return [seed, *texts, round(seconds, 1)]


def main() -> int:
    """Disturb, log, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--finished", type=Path, help="workspace of an undisturbed study")
    parser.add_argument("--only", choices=("sittings", "stages"), help="leave the other seeds out")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no other seed after so long")
    options = parser.parse_args()
    folder, until, good, done = Path(tempfile.mkdtemp()), time.monotonic() + 60 * options.minutes, 0, 0
    os.environ["OMP_NUM_THREADS"] = "1"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that disks and server are cleaned up
    if options.finished is None and options.only != "sittings":
        study(folder, "first")
    preload(helpers.study if options.only == "sittings" else helpers)
    is_new = not options.log.exists()
    with postgresql_server() as new_database, open(options.log, "a", newline="", buffering=1) as file:
        log = csv.writer(file, lineterminator="\n")
        if is_new:
            log.writerow(COLUMNS)
        seeds = chosen(options.first, options.last, options.only)
        outcomes = disturb(seeds, options.finished or folder, folder, new_database)
        for seed, outcome, seconds in itertools.takewhile(lambda _: time.monotonic() < until, outcomes):
            log.writerow(row_of(seed, outcome, seconds, folder))
            done, good = done + 1, good + (outcome.afterwards == "equal")
        outcomes.close()
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{done} faults, {good} made good")
    return 0 if good == done else 1


if __name__ == "__main__":
    sys.exit(main())
