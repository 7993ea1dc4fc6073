"""How fast a run can be explored: ``python benchmarks/explore.py``. Prints a Markdown table; takes three minutes.

Uses two made-up runs: one of 5,280 readings by 20 readers, with images of 256 pixels and a GAN like the default run's
with random weights, and one of 50,016 images. Everything but the opening is timed by the clock in real JupyterLab in
headless Chromium, which draws on the processor: from the mouse or key event, through the kernel and back, to the frame
in which the last change is painted. ``--folder`` keeps the runs for the next time.
"""

import argparse
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import nbformat
import numpy as np
import torch
from playwright.sync_api import Browser, Page, sync_playwright

from helpers.explore.atlas_view import AtlasView
from helpers.explore.case_view import CaseView
from helpers.explore.feature_atlas import atlas_of
from helpers.explore.material import Material
from helpers.findings import ORIGINAL
from helpers.generators import gan
from helpers.generators.enlarging import enlarger
from helpers.generators.stylegan2 import Architecture, Generator
from helpers.image_metrics.features import ClassifierShape, FindingClassifier, Network
from helpers.reading.served import served
from helpers.runs import PROJECT, Run

sys.path.insert(0, str(PROJECT / "tests"))
from made_up_run import add_classifier, finish, make_run
from painted_frames import frames_while_dragged

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LAB_OPTION = "--ServerApp.kernel_websocket_connection_class=helpers.reading.channel.PromptChannel"  # of `make lab`
READERS = tuple(f"reader-{n}" for n in range(1, 21))
SIZE, DRAWN = 256, 64  # pixels, of images and of what the GAN draws before they are enlarged
REPEATS, PAUSE_MS = 8, 400
WATCH = """([selector, attribute]) => {
    window.taken = [];
    for (const kind of ["click", "keydown"]) addEventListener(kind, (event) => (window.acted = event.timeStamp), true);
    const told = (records) => records.forEach(() => window.taken.push(performance.now() - window.acted));
    const watch = new MutationObserver(told);
    for (const one of document.querySelectorAll(selector)) watch.observe(one, { attributeFilter: [attribute] });
}"""  # a view sets the attribute right after the frame in which it is painted


def make_runs() -> None:
    """Make the runs ``many`` and ``large`` in the current workspace, unless they exist."""
    if not Run("many").manifest("07_reading").is_file():
        add_models(make_run("many", readers=READERS, per_cell=6, images=(30, 16), size=SIZE))
    if not Run("large").manifest("05_image_metrics").is_file():
        add_classifier(make_run("large", images=(3126, 1563)))
        atlas_of(Material("large"))  # as notebook 05 leaves it: with features and layout


def add_models(run: Run) -> None:
    """Add GAN, enlarger and classifier of the default run's shapes, with random weights."""
    torch.manual_seed(1)
    network = Generator(Architecture(size=DRAWN, width=16, widest=128, latent=64, mapping_layers=2))
    gan.save(run.stage_folder("02_train_gan"), {gan.JOINT: network}, {"findings": list(ORIGINAL.names)})
    larger = enlarger.Enlarger(enlarger.EnlargerShape(DRAWN, SIZE // DRAWN))
    enlarger.save(run.stage_folder("02_train_enlarger"), larger, {})
    shape = ClassifierShape(DRAWN, 24, 32, ORIGINAL.names)
    judge = FindingClassifier(Network(shape), shape)
    judge.save(run.stage_folder("05_image_metrics") / "classifier.safetensors")
    finish(run, "01_cohort", cohort="phantom", seed=1, size=SIZE, drawn_size=DRAWN)


@contextmanager
def lab(folder: Path, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """A function that opens a page with a notebook and runs one call of ``helpers.explore`` in it."""
    options = ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", "--allow-root", LAB_OPTION]
    with served("jupyterlab", *options, folder=folder, ready="/api") as address:

        def opened(call: str) -> Page:
            name = f"{call.split('(')[0]}.ipynb"
            cell = nbformat.v4.new_code_cell(f"from helpers.explore import *\n{call}")
            notebook = nbformat.v4.new_notebook(cells=[cell])
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(notebook, folder / name)
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.set_default_timeout(180_000)
            page.goto(f"{address}/lab/tree/{name}?reset")
            page.locator(".jp-Notebook").wait_for()
            page.get_by_text("| Idle").wait_for()
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            return page

        yield opened


def taken(page: Page, act: Callable[[], object], changes: int = 1) -> float:
    """Milliseconds from an action to the paint of the last of so many ``changes``."""
    page.wait_for_timeout(PAUSE_MS)
    before = page.evaluate("window.taken.length")
    act()
    page.wait_for_function("count => window.taken.length >= count", arg=before + changes, polling=50)
    return page.evaluate("window.taken.at(-1)")


def filters(page: Page) -> list[float]:
    """From a click on a filter of the case view to the painted table and images."""
    page.locator("[data-shown]").wait_for()
    page.evaluate(WATCH, [".ex", "data-shown"])
    page.locator("details[data-name=source] summary").click()
    boxes = [page.get_by_role("checkbox", name=name, exact=True) for name in ("GAN", "Diffusion")]
    return [taken(page, boxes[k % 2].click) for k in range(2 * REPEATS)]


def gan_images(page: Page) -> list[float]:
    """From a key on a slider to the painted image of the GAN."""
    page.locator(".ex-screen[data-shown]").wait_for()
    page.evaluate(WATCH, [".ex-screen", "data-shown"])
    page.locator(".widget-slider", has_text="Truncation psi").locator(".noUi-handle").focus()
    return [taken(page, lambda: page.keyboard.press("ArrowLeft")) for _ in range(2 * REPEATS)]


def what_ifs(page: Page) -> dict[str, list[float]]:
    """From a changed decision to the last of the main figures. As another reader is left out each time, no figure has
    been made before."""
    page.locator(".ex-picture[data-drawn]").last.wait_for()
    page.evaluate(WATCH, [".ex-picture", "data-drawn"])
    count = page.locator(".ex-picture").count()
    rule = page.get_by_role("button", name="wrong", exact=True), page.get_by_role("button", name="half", exact=True)
    margin = page.locator(".widget-slider", has_text="Margin of areas").locator(".noUi-handle")
    primary = page.get_by_role("checkbox", name="differences in areas")
    found = {"one reader less": [], "another rule": [], "another margin": [], "another primary question": []}
    for k, reader in enumerate(READERS[:REPEATS]):
        without = page.get_by_role("checkbox", name=reader, exact=True)
        acts = (without.click, rule[k % 2].click, lambda: margin.press("ArrowRight"), primary.click)
        for times, act in zip(found.values(), acts, strict=True):
            times.append(taken(page, act, count))
    return found


def frames_of_atlas(page: Page) -> float:
    """Frames per second while the atlas is dragged."""
    page.locator(".ex-atlas[data-frame-ms]").wait_for()
    page.wait_for_timeout(2000)
    told = {"attributeFilter": ["data-frame-ms"]}
    return frames_while_dragged(page, page.locator(".ex-cloud > canvas"), ".ex-atlas", told, seconds=4)


def opening() -> tuple[float, float]:
    """Seconds until cases and atlas of ``large`` are ready to be sent, and the peak memory, in GiB, of the process,
    which has done nothing else."""
    began = time.perf_counter()
    material = Material("large")
    view = CaseView(material)
    for one in (view, AtlasView(atlas_of(material), material, view)):
        one.do_open({})
    seconds = time.perf_counter() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def line(what: str, times: list[float], wanted: str) -> None:
    """A line of the table: median and 95th percentile of times in milliseconds."""
    shown = f"{statistics.median(times):.0f} ms ({np.percentile(times, 95):.0f})"
    print(f"| {what} | {shown} | {wanted} |", flush=True)


def main() -> None:
    """Make the runs, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="workspace of the made-up runs; a temporary one by default")
    parser.add_argument("--prepare", action="store_true", help="make the runs in --folder, and measure nothing")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        os.environ["HELPERS_WORKSPACE"] = str(asked.folder or temporary)
        make_runs()
        if asked.prepare:
            return
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            seconds, memory = alone.submit(opening).result()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        count = len(Material("many").readings)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the beginning\n")
        print("| What | Median (95 %) | Wanted |\n|---|---|---|", flush=True)
        with lab(Path(temporary), browser) as opened:
            line(f"filter of {count} readings", filters(opened("cases('many')")), "100 ms")
            line(f"GAN of {SIZE} pixels after a slider", gan_images(opened("bench('many')")), "100 ms")
            for name, times in what_ifs(opened("what_if('many')")).items():
                line(f"what if, {count} readings: {name}", times, "300 ms")
            frames = frames_of_atlas(opened("atlas('large')"))
        print(f"| atlas of 50,016 images while it is dragged | {frames:.0f} frames/s | 30 frames/s |")
        print(f"| opening cases and atlas of 50,016 images | {seconds:.1f} s, {memory:.2f} GiB | 5 s, 1 GiB |")
        print(f"\nLoad {os.getloadavg()[0]:.1f} at the end")
        browser.close()


if __name__ == "__main__":
    main()
