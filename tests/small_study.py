"""Runs the whole chain on tiny parameters, as ``make study`` does."""

import os
import subprocess
import sys
from pathlib import Path

from patience import told_by

from helpers.runs import NOTEBOOKS, PROJECT, Run

TEST_PARAMS = NOTEBOOKS / "params" / "test.yaml"
RUN = "first"  # name of the study that nothing disturbs
LOCAL = ("--profile", str(PROJECT / "profiles" / "local"))


def command(folder: Path, run: str, params: Path, until: str | None = None, profile=LOCAL, files=()) -> list[str]:
    """The command of ``make study``, or what makes a run's stages as far as one of them, or only some ``files``."""
    targets = [Run(run).manifest(until)] if until else files
    return [
        sys.executable, "-m", "snakemake", *map(str, targets), "--snakefile", str(PROJECT / "Snakefile"),
        "--directory", str(folder), *profile, "--cores", "2",
        "--config", f"run={run}", f"params={params}",
    ]  # fmt: skip


def start(
    folder: Path, run: str, params: Path = TEST_PARAMS, until: str | None = None, profile=LOCAL, files=()
) -> subprocess.Popen:
    environment = os.environ | {"HELPERS_WORKSPACE": str(folder), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command(folder, run, params, until, profile, files), env=environment, cwd=folder, text=True,
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def study(folder: Path, run: str, params: Path = TEST_PARAMS, until: str | None = None) -> str:
    process = start(folder, run, params, until)
    said = told_by(process, folder)
    assert process.returncode == 0, said
    return said
