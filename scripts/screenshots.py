"""Takes the screenshots of the reading room: ``python scripts/screenshots.py [FOLDER]``, into figures/ by default.

It makes a small study of its own in a temporary workspace. All its images are phantoms, including those that are called
synthetic there; the pictures show the room, not what a generator can do.
"""

import os
import sys
import tempfile
from pathlib import Path

import pandas as pd
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from helpers.cohort.phantom import render
from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.reading.served import served
from helpers.runs import NOTEBOOKS, PROJECT, Run
from helpers.study.display import image_paths, write_display
from helpers.study.plan import make_plan
from helpers.study.settings import GUEST, PlanSettings
from helpers.tables import PLAN, SAMPLES, cohort_schema, write_table

sys.path.insert(0, str(PROJECT / "tests"))
from room_by_keys import CHROMIUM, FLAGS, OPEN_LAB, run_all_cells

CELLS = ORIGINAL.cells
COHORT = cohort_schema(ORIGINAL)

WINDOW = {"width": 1440, "height": 900}
SIZE = 768  # pixels of a phantom
NAME = "pictures"
KEPT = (1200, 750)  # pixels of a picture in the README
ACCENTS = ("2d5c93", "5d90cc", "1d436f", "e8b04b", "7a4b00", "8ab4e8", "1876d2", "24476f", "a87f38")


def make_study(seed: int = 5) -> None:
    """A run up to its plan: in each cell, four phantoms as real images and three as synthetic ones."""
    run, tables = Run(NAME), {"cohort": [], "samples": []}
    for index, (cell, kind, number) in enumerate(
        (cell, kind, number) for cell in CELLS for kind, count in (("real", 4), ("model", 3)) for number in range(count)
    ):
        name = f"{kind}-{cell.label}-{number}"
        write_png(run.folder / f"{name}.png", render(seed, index, {cell.finding: 0.6 * cell.present}, SIZE).image)
        row = {"image_id": name, "path": f"{name}.png"}
        if kind == "real":
            tables["cohort"].append(row | {"patient_id": name, "split": "test", cell.finding: cell.present})
        else:
            tables["samples"].append(row | {"source": kind} | cell._asdict())
    cohort = pd.DataFrame(tables["cohort"], columns=list(COHORT.columns))
    samples = pd.DataFrame(tables["samples"], columns=list(SAMPLES.columns)).astype({"seed": "Int64"})
    counts = {"pairs_per_cell": 1, "conditionality_per_cell": 1, "practice_per_task": 1}
    plan = make_plan(cohort, samples, PlanSettings(("reader-1", GUEST), seed, **counts), ORIGINAL)
    folder = run.stage_folder("06_study_plan")
    ORIGINAL.write(run.findings)
    write_table(plan.trials, folder / "plan.csv", PLAN)
    write_display(plan, image_paths(cohort, samples, run.folder), SIZE, folder)


def palette() -> Image.Image:
    """Gray levels and the few colours of the room, for small files without dithering."""
    grays = [round(step * 255 / 127) for step in range(128) for _ in range(3)]
    accents = [int(colour[i : i + 2], 16) for colour in ACCENTS for i in (0, 2, 4)]
    image = Image.new("P", (1, 1))
    image.putpalette(grays + accents)
    return image


class Camera:
    """Saves what a page shows as ``reading-<name>.png``."""

    def __init__(self, page: Page, folder: Path):
        self.page, self.folder = page, folder

    def take(self, name: str) -> None:
        """Take the picture, once nothing is in progress any more."""
        self.page.wait_for_function("() => !document.querySelector('.rr-busy')")
        self.page.wait_for_timeout(300)
        file = self.folder / f"reading-{name}.png"
        self.page.screenshot(path=file)
        image = Image.open(file).convert("RGB").resize(KEPT, Image.Resampling.LANCZOS)
        image.quantize(palette=palette(), dither=Image.Dither.NONE).save(file, optimize=True)

    def press(self, *keys: str) -> None:
        """Press keys one after another, each after the previous one has been handled."""
        for key in keys:
            self.page.wait_for_function("() => !document.querySelector('.rr-busy, .rr-submit[aria-disabled=true]')")
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(60)

    def mark(self, side: int, *corners: tuple[float, float]) -> None:
        """Mark a box between two corners, given as fractions of a pane."""
        box = self.page.locator(".rr-pane").nth(side).bounding_box()
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        self.press("m")
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        self.page.mouse.move(*points[1], steps=3)
        self.page.mouse.up()

    def screen(self) -> str:
        return self.page.locator(".rr").get_attribute("data-screen")


def read_as_guest(camera: Camera) -> None:
    """Read from consent to thanks, and take a picture of every kind of screen."""
    camera.page.locator(".rr[data-screen=consent]").wait_for()
    camera.press("1")
    camera.take("consent")
    camera.press("Enter")
    camera.page.locator(".rr[data-screen=start]").wait_for()
    camera.take("instructions")
    camera.press("Enter", "1", "3")
    camera.take("ramp")
    camera.press("Enter", "4", "s", "Enter")
    camera.take("practice")
    camera.press("Enter", "2", "s", "b")
    camera.mark(0, (0.2, 0.4), (0.42, 0.62))
    camera.take("mark")
    camera.press("l")
    camera.take("light")
    camera.press("l", "Enter")
    seen = set()
    while (screen := camera.screen()) != "end":
        is_single = camera.page.locator(".rr-no-why:not(.rr-told)").count()
        if is_single and camera.page.locator(".rr-practice").is_hidden() and screen not in seen:
            camera.press("5")
            camera.take("conditionality")
            seen.add(screen)
        elif screen == "break" and screen not in seen:
            camera.take("break")
            seen.add(screen)
        camera.press(*(("3", "Enter") if screen == "case" else ("Enter",)))
    camera.take("thanks")


def read_in_spanish(camera: Camera) -> None:
    """Take a picture of a pair with everything that a reader may add to it."""
    camera.page.locator(".rr[data-screen=consent]").wait_for()
    camera.press("1", "Enter")
    camera.page.locator(".rr[data-screen=start]").wait_for()
    camera.press("Enter", "1", "3", "Enter", "3", "Enter", "Enter", "5", "a", "h")
    camera.take("spanish")


def read_in_jupyterlab(camera: Camera) -> None:
    """Take a picture of the room in the notebook."""
    run_all_cells(camera.page)
    camera.page.locator(".rr[data-screen=start], .rr[data-screen=consent]").click(position={"x": 5, "y": 5})
    if camera.screen() == "consent":
        camera.press("1", "Enter")
    camera.page.locator(".rr[data-screen=start]").wait_for()
    camera.press("Enter", "1", "3", "Enter", "4", "d")
    camera.take("jupyterlab")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as playwright:
        os.environ |= {"HELPERS_WORKSPACE": workspace, "HOME": workspace, "JUPYTER_CONFIG_DIR": f"{workspace}/jupyter"}
        make_study()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

        def visit(address: str, read) -> None:
            page = browser.new_page(viewport=WINDOW)
            page.set_default_timeout(90_000)
            page.goto(address)
            read(Camera(page, folder))
            page.close()

        room = ("helpers.reading", f"--run={NAME}", "--break-every=5")
        with served(*room, f"--reader={GUEST}", folder=PROJECT) as address:
            visit(address, read_as_guest)
        with served(*room, "--reader=reader-1", "--language=es", folder=PROJECT) as address:
            visit(address, read_in_spanish)
        quiet = Path(workspace) / "jupyter/lab/user-settings/@jupyterlab/apputils-extension"
        quiet.mkdir(parents=True)
        (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        source = (NOTEBOOKS / "07_reading.ipynb").read_text()
        notebook = source.replace('run = \\"quick\\"', f'run = \\"{NAME}\\"').replace('\\"guest\\"', '\\"reader-1\\"')
        (Path(workspace) / "07_reading.ipynb").write_text(notebook)
        with served("jupyterlab", *OPEN_LAB, folder=Path(workspace)) as address:
            visit(f"{address}/lab/tree/07_reading.ipynb", read_in_jupyterlab)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "figures")
