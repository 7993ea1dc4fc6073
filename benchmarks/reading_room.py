"""How fast the reading room is: ``python benchmarks/reading_room.py``. Prints tables in Markdown; takes ten minutes.

Everything is measured in one run with real servers and a real headless Chromium without a graphics card, so the
processor does the drawing. From the key press (Enter submits) to the paint of the next pair, an answer goes through
browser, server (in JupyterLab a kernel too), a commit that waits for the disk, and back. Between two answers the reader
waits for ``PAUSE_MS``, in which the following pair is fetched. The images are noise.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from helpers.reading.room import open_room, open_study
from helpers.reading.served import served
from helpers.runs import PROJECT, Run
from helpers.study.answer import Answer
from helpers.study.desk import Desk

sys.path.insert(0, str(PROJECT / "tests"))
from painted_frames import frames_while_dragged
from room_by_keys import CHROMIUM, FLAGS, OPEN_LAB, begin, run_all_cells
from server_of_its_own import process_at
from study_of_pairs import make_study

SIZE = 1024
TRIALS, PLACES = 10_000, (10, 5_000)
PAUSE_MS = 700
BETWEEN_KEYS_MS, FRAME_MS = 100, 1000 / 60
NO_BREAK = 10**6
WARM_CASES = 20  # until all caches are filled
HELD = ("JavaScript of the page, MB", "nodes of the page", "listeners of the page", "server, resident MB")

WATCH = """() => {
    window.taken = [];
    addEventListener("keydown", (event) => { if (event.key === "Enter") window.pressed = event.timeStamp; }, true);
    const room = document.querySelector(".rr");
    new MutationObserver(() => room.dataset.shown && window.taken.push(performance.now() - window.pressed))
        .observe(room, { attributes: true, attributeFilter: ["data-shown"] });
}"""  # the room sets data-shown right after the frame in which a case is painted
PAINTED = {"childList": True, "characterData": True, "subtree": True}  # of the corner, which shows window and level
# As `make lab` starts it
LAB = [*OPEN_LAB, "--ServerApp.kernel_websocket_connection_class=helpers.reading.channel.PromptChannel"]
LAB_NOTEBOOK = """from helpers.reading.room import open_room
open_room({run!r}, {reader!r}, break_every={no_break})"""


def read_up_to(run: Run, reader: str, position: int) -> None:
    """Answer every trial before ``position``."""
    plan, store = open_study(run.name)
    desk = Desk(store, plan, reader)
    while desk.position < position:
        desk.answer(desk.current.trial_id, desk.current.trial_id, Answer(1, "other", active_ms=8000))
    store.dispose()


def pages_of(run: Run, *arguments: str):
    """The server of ``make read``."""
    options = [f"--run={run.name}", f"--break-every={NO_BREAK}", *arguments]
    return served("helpers.reading", *options, folder=PROJECT, ready="/door")


@contextmanager
def window(browser: Browser):
    """A page of 1400 x 900."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(180_000)
    yield page
    page.close()


def answer(page: Page, answers: int, keys: tuple[str, ...] = ("3", "Enter")) -> list[float]:
    """Milliseconds from each key press to the next pair; the first two are not counted."""
    rng = np.random.default_rng(1)
    for number in range(answers + 2):
        page.wait_for_timeout(PAUSE_MS)
        for key in keys:
            page.wait_for_timeout(BETWEEN_KEYS_MS + rng.uniform(0, FRAME_MS))  # not in step with the screen's frames
            page.keyboard.press(key)
        page.wait_for_function("count => window.taken.length > count", arg=number)
    return page.evaluate("window.taken")[2:]


def on_page(browser: Browser, run: Run, reader: str, answers: int) -> tuple[list[float], float, float]:
    """Milliseconds of each turn, seconds until the page can be read, frames per second of a drag."""
    with pages_of(run, f"--reader={reader}") as address, window(browser) as page:
        start = time.perf_counter()
        page.goto(address)
        page.locator(".rr[data-screen=consent], .rr[data-screen=start]").wait_for()
        opened = time.perf_counter() - start
        begin(page)
        page.evaluate(WATCH)
        turns = answer(page, answers)
        return turns, opened, drag(page)


def growth(browser: Browser, run: Run, reader: str, cases: int) -> dict[str, tuple[float, float]]:
    """What the page and the server hold after the first cases and after ``cases`` more, read without a pause."""
    with pages_of(run, f"--reader={reader}") as address, window(browser) as page:
        page.goto(address)
        begin(page)
        page.evaluate(WATCH)
        server, devtools = process_at(address), page.context.new_cdp_session(page)

        def held() -> list[float]:
            devtools.send("HeapProfiler.collectGarbage")
            counted = devtools.send("Memory.getDOMCounters")
            heap = devtools.send("Runtime.getHeapUsage")
            stored = (heap["usedSize"] + heap.get("backingStorageSize", 0)) / 2**20
            return [stored, counted["nodes"], counted["jsEventListeners"], server.memory_info().rss / 2**20]

        read_on(page, WARM_CASES)
        before = held()
        read_on(page, cases)
        return dict(zip(HELD, zip(before, held(), strict=True), strict=True))


def read_on(page: Page, cases: int) -> None:
    """Answer ``cases`` cases, each as soon as it appears."""
    before = page.evaluate("window.taken.length")
    for number in range(cases):
        for key in ("3", "Enter"):
            page.keyboard.press(key)
        page.wait_for_function("count => window.taken.length > count", arg=before + number)


def in_jupyterlab(browser: Browser, run: Run, reader: str, answers: int) -> list[float]:
    """Milliseconds of each turn in a notebook."""
    source = LAB_NOTEBOOK.format(run=run.name, reader=reader, no_break=NO_BREAK)
    with tempfile.TemporaryDirectory() as folder:
        write_notebook(source, Path(folder) / "room.ipynb")
        with served("jupyterlab", *LAB, folder=Path(folder), ready="/api") as address, window(browser) as page:
            page.goto(f"{address}/lab/tree/room.ipynb")
            run_all_cells(page)
            begin(page)
            page.evaluate(WATCH)
            return answer(page, answers)


def write_notebook(source: str, file: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, file)


def drag(page: Page) -> float:
    """Frames per second while the mouse changes window and level of a pair."""
    return frames_while_dragged(page, page.locator(".rr-pane").first, ".rr-corner", PAINTED, seconds=3)


def opening(run: Run, reader: str, repeats: int = 7) -> list[float]:
    """Seconds that Python needs to open the room from the files alone: plan, database, replay, widget."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        room = open_room(run.name, reader)
        seconds.append(time.perf_counter() - start)
        room.conversation.desk.store.dispose()
    return seconds


def line(*cells) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def line_of(what: str, values: list[float], target: str = "") -> None:
    """A line of the table: what, median, 95th percentile, number."""
    low, high = statistics.median(values), float(np.percentile(values, 95))
    line(what, f"{low:.1f}", f"{high:.1f}", len(values), target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=40, help="turns measured in each place")
    parser.add_argument("--cases", type=int, default=500, help="cases after which growth is measured")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as playwright:
        os.environ["HELPERS_WORKSPACE"] = workspace
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        places = {f"{where}-{place}": place for where in ("page", "lab") for place in PLACES}
        run = make_study("speed", [*places, "growth"], TRIALS, SIZE)
        for reader, place in places.items():
            read_up_to(run, reader, place)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the beginning\n")
        line("milliseconds from key press to next pair painted", "median", "95 %", "turns", "wanted")
        line(*["---"] * 5)
        wanted, pages, frames = "<= 30, <= 80", {}, {}
        for place in PLACES:
            turns, pages[place], frames[place] = on_page(browser, run, f"page-{place}", chosen.answers)
            line_of(f"the page of make read, trial {place:,} of {TRIALS:,}", turns, wanted)
            turns = in_jupyterlab(browser, run, f"lab-{place}", chosen.answers)
            line_of(f"JupyterLab, trial {place:,} of {TRIALS:,}", turns, wanted)
        print()
        line("also", "measured", "wanted")
        line(*["---"] * 3)
        seconds = opening(run, f"page-{PLACES[-1]}")
        line(f"Python opens a session of {TRIALS:,} trials, s", f"{statistics.median(seconds):.2f}", "< 2")
        line(f"page opened, trial {PLACES[-1]:,}, s", f"{pages[PLACES[-1]]:.1f}", "")
        line(f"frames per second of a window/level drag, a pair of {SIZE} px", f"{min(frames.values()):.0f}", ">= 50")
        print()
        line("held", f"after {WARM_CASES} cases", f"after {chosen.cases} more")
        line(*["---"] * 3)
        for what, (before, after) in growth(browser, run, "growth", chosen.cases).items():
            line(what, f"{before:.1f}", f"{after:.1f}")
        print(f"\nLoad {os.getloadavg()[0]:.1f} at the end")
        browser.close()


if __name__ == "__main__":
    main()
