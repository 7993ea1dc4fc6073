"""Runs of the study that are begun, killed, looked at and compared with one that nothing disturbed."""

import json
import os
import shutil
import signal
import subprocess
import time

from helpers.runs import STAGES, Run


def manifests(run: Run) -> dict[str, bytes]:
    return {stage: run.manifest(stage).read_bytes() for stage in STAGES}


def wait_for(condition, process: subprocess.Popen, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the study ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill(process: subprocess.Popen) -> None:
    """SIGKILL the whole process group, then reap it; kernels end with the chain that started them."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def made(run: Run, stage: str) -> dict[str, bytes]:
    """What a stage made, without what tells when and how long: the manifest, and the heads of the record."""
    when = ("manifest.json", "chains.json")
    files = [path for path in run.stage_folder(stage).rglob("*") if path.is_file() and path.name not in when]
    return {str(path.relative_to(run.folder)): path.read_bytes() for path in files}


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
