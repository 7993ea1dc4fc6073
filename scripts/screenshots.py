"""Takes the README's pictures of the reading room: ``python scripts/screenshots.py RUN`` on a phantom run with a plan.

The run is copied to a temporary workspace first, so that no reading is added to it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from helpers.provenance import read_manifest
from helpers.runs import PROJECT, Run
from helpers.study.settings import GUEST

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def take(page: Page, folder: Path) -> None:
    """Read as a guest until both tasks have been on the screen, outside practice, with an answer chosen."""
    page.get_by_role("button", name="Start reading").click()
    wanted = {"realism", "conditionality"}
    while wanted:
        page.wait_for_function("!document.querySelector('.rr-busy') && document.querySelector('.rr').dataset.shown")
        page.wait_for_timeout(150)
        is_pair = page.locator(".rr-pane").count() == 2
        name = "realism" if is_pair else "conditionality"
        if name in wanted and page.locator(".rr-practice").is_hidden():
            page.keyboard.press("4")
            page.keyboard.press("s")
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"reading-{name}.png")
            wanted.remove(name)
        page.keyboard.press("3")
        page.keyboard.press("Enter")


def main(run_name: str) -> None:
    run = Run(run_name)
    if read_manifest(run, "01_cohort")["parameters"]["cohort"] != "phantom":
        sys.exit(f"run {run_name!r} shows patients; pictures for the README are taken of phantoms only")
    with tempfile.TemporaryDirectory() as workspace, socket.socket() as free:
        copy = Path(workspace) / "data" / "runs" / run_name / "plan"
        shutil.copytree(run.stage_folder("06_study_plan"), copy)
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        free.close()
        room = {"HELPERS_WORKSPACE": workspace, "HELPERS_RUN": run_name, "HELPERS_READER": GUEST}
        command = [sys.executable, "-m", "voila", "room.ipynb", "--no-browser", f"--port={address.rsplit(':', 1)[1]}"]
        server = subprocess.Popen(command, cwd=PROJECT / "src" / "helpers" / "reading", env=os.environ | room)
        try:
            wait_for(address)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                page.goto(address)
                take(page, PROJECT / "figures")
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address: str, seconds: float = 60) -> None:
    """Return once the server answers at all."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/voila/static/", timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "quick")
