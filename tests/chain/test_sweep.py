"""A sweep of real runs, one of them killed: the same command finishes it, and its table is the runs' own numbers."""

import json
import os
import signal
import subprocess
import sys

import pandas as pd
import psutil
import pytest
import yaml
from patience import told_by, wait_for
from small_study import TEST_PARAMS

from helpers import sweep
from helpers.grid import read_grid
from helpers.runs import PROJECT, Run

pytestmark = pytest.mark.chain
GRID = {
    "params": str(TEST_PARAMS),
    "until": "02_train_gan",
    "grid": {"02_train_gan.budget.images": [160, 320]},
    "shown": ["gan.images_seen"],
}
KILLED = "tiny-320"


def start(grid) -> subprocess.Popen:
    """What ``make sweep`` does once its grid has been checked."""
    words = [sys.executable, "-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile"), "--directory", grid.parent]
    words += ["--profile", str(PROJECT / "profiles" / "local"), "--cores", "2", "--keep-going"]
    environment = {name: value for name, value in os.environ.items() if name != "HELPERS_PARAMS"}
    return subprocess.Popen(
        [*words, "--config", f"grid={grid}"], cwd=grid.parent, text=True, start_new_session=True,
        env=environment | {"HELPERS_WORKSPACE": str(grid.parent), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def kill_training(process: subprocess.Popen, run: Run) -> None:
    """SIGKILL the process of one run's stage as soon as it trains."""
    wait_for((run.stage_folder("02_train_gan") / ".lock").exists, process, run.folder.parent)
    for child in psutil.Process(process.pid).children(recursive=True):
        if "helpers.chain" in (words := child.cmdline()) and run.name in words:
            child.send_signal(signal.SIGKILL)


def test_a_sweep_with_a_killed_run_is_finished_by_the_same_command(workspace):
    grid = workspace / "tiny.yaml"
    grid.write_text(yaml.safe_dump(GRID))
    assert sweep.main(["check", "--grid", str(grid)]) == 0
    process = start(grid)
    kill_training(process, Run(KILLED))
    said = told_by(process, workspace)
    runs = [Run(point.run) for point in read_grid(grid).points]
    assert process.returncode != 0 and [run.name for run in runs if not run.manifest("02_train_gan").exists()] == [
        KILLED
    ], said
    kept = {run.name: run.manifest("02_train_gan").read_bytes() for run in runs if run.name != KILLED}

    process = start(grid)
    said = told_by(process, workspace)
    assert process.returncode == 0, said
    assert "tiny-320: done 02_train_gan" in said
    assert {name: Run(name).manifest("02_train_gan").read_bytes() for name in kept} == kept, "the others did not run"
    made = [json.loads(run.manifest("01_cohort").read_text())["parameters"]["run"] for run in runs]
    assert len(set(made)) == 1, "the cohort was made once"

    table = pd.read_csv(read_grid(grid).folder / sweep.NUMBERS)
    for run in runs:
        for stage in ("01_cohort", "02_train_gan"):
            for row in json.loads((run.stage_folder(stage) / "results.json").read_text()):
                found = table[(table["run"] == run.name) & (table["name"] == row["name"])]
                assert found["value"].tolist() == [row["value"]] and found["n"].tolist() == [row["n"]]
    seen = table[table["name"] == "gan.images_seen"].set_index("02_train_gan.budget.images")["value"]
    assert seen.to_dict() == {160: 160, 320: 320}
