"""A stage that several runs of a sweep have in common: one of them makes it, the others share its files."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from helpers.errors import exit_code_of
from helpers.files import atomic_write
from helpers.runs import STAGES, Run

# Readings, and what is computed from them, belong to one run only: its database is outside the stages' folders.
SHARED = tuple(STAGES)[: tuple(STAGES).index("06_study_plan")]


def makers(keys: Mapping[str, str], stage: str) -> dict[str, str]:
    """Which run makes a stage for each run; ``keys`` gives, by run, what the stage is made from.

    Of the runs with equal keys it is the first that has already made the stage, or else the first. A finished stage
    therefore stays where it is when a grid grows.
    """
    made = {name: _has_made(Run(name), stage) for name in keys}
    first: dict[str, str] = {}
    for name in sorted(keys, key=lambda name: not made[name]):
        first.setdefault(keys[name], name)
    return {name: first[key] if stage in SHARED else name for name, key in keys.items()}


def _has_made(run: Run, stage: str) -> bool:
    """Whether a stage of a run has finished and was made in this run."""
    from helpers.provenance import read_manifest

    return run.manifest(stage).is_file() and read_manifest(run, stage)["parameters"].get("run") == run.name


def share(stage: str, run: Run, maker: Run) -> None:
    """Give a run the finished stage of another one: files as hard links, or as copies if the disk has no hard links.

    The manifest is a copy, written last, and names the run that made the stage.
    """
    folder, origin = run.stage_folder(stage), maker.stage_folder(stage)
    run.manifest(stage).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns(".*", "manifest.json")
    shutil.copytree(origin, folder, copy_function=_link, ignore=ignored)
    for old in _figures(run, stage):
        old.unlink()
    for figure in _figures(maker, stage):
        copy = run.figures / figure.relative_to(maker.figures)
        copy.parent.mkdir(parents=True, exist_ok=True)
        _link(figure, copy)
    for path, copy in (
        (maker.notebooks / f"{stage}.ipynb", run.notebooks / f"{stage}.ipynb"),
        (maker.manifest(stage), run.manifest(stage)),
    ):
        with atomic_write(copy) as temporary:
            shutil.copyfile(path, temporary)


def let_go_of_shared(run: Run, stage: str) -> None:
    """Remove the files of a stage that it shares with another run, so that running the stage never changes those."""
    for path in run.stage_folder(stage).rglob("*"):
        if path.is_file() and path.stat().st_nlink > 1:
            path.unlink()


def _figures(run: Run, stage: str) -> Iterator[Path]:
    return iter([*run.figures.glob(f"{stage}_*.png"), *run.figures.glob(f"images/{stage}_*.png")])


def _link(path: str | Path, copy: str | Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # a disk without hard links
        shutil.copy2(path, copy)


def main(arguments: list[str] | None = None) -> int:
    """``python -m helpers.sharing 01_cohort --run sweep-3.0 --of sweep-1.0``"""
    parser = argparse.ArgumentParser(prog="python -m helpers.sharing", description=main.__doc__)
    parser.add_argument("stage", choices=SHARED)
    parser.add_argument("--run", required=True)
    parser.add_argument("--of", required=True)
    options = parser.parse_args(arguments)
    return exit_code_of(lambda: share(options.stage, Run(options.run), Run(options.of)))


if __name__ == "__main__":
    sys.exit(main())
