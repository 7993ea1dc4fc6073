"""Real servers and a real headless Chromium, and a tiny run up to its study plan for them to read."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.files import write_png
from helpers.findings import CELLS
from helpers.runs import Run
from helpers.study.display import image_paths, write_display
from helpers.study.plan import make_plan
from helpers.study.session import Session, trials_of
from helpers.study.settings import GUEST, PlanSettings
from helpers.study.store import Store
from helpers.tables import COHORT, PLAN, SAMPLES, read_table, write_table

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZE = 64
PATIENCE_MS = 90_000  # a busy machine starts JupyterLab and a kernel slowly


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    """Run ``tiny``: one trial per source and cell, one practice trial per task, random images."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path / "workspace"))
    run, rng = Run("tiny"), np.random.default_rng(1)
    cohort, samples = [], []
    for cell in CELLS:
        for number in range(6):
            name = f"patient-{cell.label}-{number}"
            row = {"image_id": name, "path": f"cohort/images/{name}.png", "patient_id": name, "split": "test"}
            cohort.append(row | {cell.finding: cell.present})
        for source in ("gan", "diffusion"):
            for number in range(4):
                name = f"{source}-{cell.label}-{number}"
                row = {"image_id": name, "path": f"samples/{name}.png", "source": source}
                samples.append(row | cell._asdict())
    tables = []
    for rows, schema in ((cohort, COHORT), (samples, SAMPLES)):
        table = pd.DataFrame(rows, columns=list(schema.columns))
        tables.append(table.astype({"seed": "Int64"}) if schema is SAMPLES else table)
        for path in table.path:
            write_png(run.folder / path, rng.random((SIZE, SIZE)))
    settings = PlanSettings(("reader-1", GUEST), 1, ("realism_pair", "conditionality"), 1, 1, 1, 1)
    plan, folder = make_plan(*tables, settings), run.stage_folder("06_study_plan")
    write_table(plan.trials, folder / "plan.csv", PLAN)
    write_display(plan, image_paths(*tables, run.folder), SIZE, folder)
    return run


@pytest.fixture
def read_state(run):
    """A function: the session of a reader as the database has it, and its events."""
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)

    def read(reader: str = GUEST) -> tuple[Session, list]:
        events = Store(run.database, plan).events(reader)
        return Session(trials_of(plan, reader), events), events

    return read


@pytest.fixture(scope="module")
def chromium():
    """Headless Chromium, one for each test file."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; install it to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, tmp_path):
    """A page of 1400 x 900; what it showed last is kept as last.png."""
    page = chromium.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.screenshot(path=tmp_path / "last.png")
    page.close()


@pytest.fixture
def serve(tmp_path):
    """A function: start ``python -m module arguments`` on a free port in a home of its own; returns its address."""
    started = []

    def start(module: str, *arguments: str, folder: Path, ready: str, **environment: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        home = {name: str(tmp_path / "home") for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
        home |= {name: str(tmp_path / "home" / name) for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
        log = open(tmp_path / f"{module}.log", "w")  # noqa: SIM115 - the server writes on until it is ended
        command = [sys.executable, "-m", module, *arguments, f"--port={port}", "--no-browser"]
        server = subprocess.Popen(command, cwd=folder, env=os.environ | home | environment, stdout=log, stderr=log)
        started.append((server, log))
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}{ready}", server, tmp_path / f"{module}.log")
        return address

    yield start
    for server, log in started:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{address} does not answer: {log.read_text()[-2000:]}")


@contextmanager
def turning(page):
    """Whatever is done inside brings another case, or the end, to the screen."""
    before = page.locator(".rr").get_attribute("data-shown")
    yield
    page.wait_for_function(
        "before => { const room = document.querySelector('.rr').dataset;"
        " return room.screen === 'end' || room.shown !== before }",
        arg=before,
    )


@pytest.fixture(name="turning")
def turning_fixture():
    """The context manager ``turning``."""
    return turning
