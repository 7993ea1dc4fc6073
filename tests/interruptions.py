"""Runs of the study that are begun, killed, looked at and compared with one that nothing disturbed."""

import json
import shutil
from pathlib import Path

import pandas as pd

from helpers.runs import STAGES, Run

WHEN = ("manifest.json", "chains.json", "training.json")  # files that tell when and how long


def manifests(run: Run) -> dict[str, bytes]:
    return {stage: run.manifest(stage).read_bytes() for stage in STAGES}


def made(run: Run, stage: str) -> dict[str, bytes]:
    """Every table, number and picture of a stage, without what tells when it was made, and how long that took."""
    found = {}
    for path in run.stage_folder(stage).rglob("*"):
        inside = path.relative_to(run.folder)
        skipped = path.name in WHEN or path.name.startswith(".") or {"features", "checkpoint"} & set(inside.parts)
        if path.is_file() and not skipped:
            found[str(inside)] = _without_seconds(path) if "_train_" in stage else path.read_bytes()
    return found


def _without_seconds(file: Path) -> bytes:
    """The bytes of a file; of a table without the column of the seconds that a training took."""
    if file.suffix != ".csv":
        return file.read_bytes()
    return pd.read_csv(file, dtype=str).drop(columns="seconds", errors="ignore").to_csv(index=False).encode()


def numbers(run: Run) -> dict:
    """Every number of a run."""
    return json.loads(run.results.read_text())["numbers"]


def begun(finished: Run, name: str, until: str) -> Run:
    """A run in the same place whose stages before one of them are those of a finished one."""
    run = Run(name)
    for stage in list(STAGES)[: list(STAGES).index(until)]:
        shutil.copytree(finished.stage_folder(stage), run.stage_folder(stage), dirs_exist_ok=True)
        run.notebooks.mkdir(exist_ok=True)
        shutil.copy2(finished.notebooks / f"{stage}.ipynb", run.notebooks)
    shutil.copy2(finished.findings, run.findings)
    return run
