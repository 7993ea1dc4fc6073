"""Real servers and a real headless Chromium, and a tiny run up to its study plan for them to read."""

import base64
import json
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from room_by_keys import CHROMIUM, FLAGS, OPEN_LAB, begin, run_all_cells

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.reading.room import StudyInReading
from helpers.reading.script import BROWSER, joined
from helpers.reading.served import served
from helpers.runs import NOTEBOOKS, Run
from helpers.study.display import image_paths, write_display
from helpers.study.plan import make_plan
from helpers.study.session import Session
from helpers.study.settings import GUEST, PlanSettings
from helpers.study.store import Store
from helpers.study.trials import trials_of
from helpers.tables import PLAN, SAMPLES, cohort_schema, read_table, write_table

CELLS = ORIGINAL.cells
COHORT = cohort_schema(ORIGINAL)

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
    settings = PlanSettings(("reader-1", GUEST), 1, pairs_per_cell=1, conditionality_per_cell=1, practice_per_task=1)
    plan, folder = make_plan(*tables, settings, ORIGINAL), run.stage_folder("06_study_plan")
    ORIGINAL.write(run.findings)
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
def launch():
    """A function: headless Chromium, with more options; it ends with the test file."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed; install it to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda *options: playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *options])


@pytest.fixture(scope="module")
def chromium(launch):
    """Headless Chromium, one for each test file."""
    browser = launch()
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
    """A function: start ``python -m module arguments`` on a port, or a free one; returns its address."""
    home = {name: str(tmp_path / "home") for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    home |= {name: str(tmp_path / "home" / name) for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with ExitStack() as servers:

        def start(module: str, *arguments: str, folder: Path, ready: str, port: int = 0, **environment: str) -> str:
            settings = {"folder": folder, "ready": ready, "port": port, "environment": home | environment}
            return servers.enter_context(served(module, *arguments, **settings))

        yield start


@pytest.fixture
def open_notebook(serve, tmp_path):
    """A function: JupyterLab on a copy of a notebook, for the run ``tiny``; returns the address of that notebook."""

    def start(name: str) -> str:
        folder = tmp_path / "notebooks"
        folder.mkdir()
        source = (NOTEBOOKS / name).read_text()
        assert 'run = \\"quick\\"' in source
        (folder / name).write_text(source.replace('run = \\"quick\\"', 'run = \\"tiny\\"'))
        quiet = tmp_path / "home" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        quiet.mkdir(parents=True)
        said = json.dumps({"fetchNews": "false", "checkForUpdates": False})
        (quiet / "notification.jupyterlab-settings").write_text(said)
        return f"{serve('jupyterlab', *OPEN_LAB, folder=folder, ready='/api')}/lab/tree/{name}"

    return start


@pytest.fixture(name="run_all_cells")
def run_all_cells_fixture():
    """The function ``run_all_cells``."""
    return run_all_cells


WHERE = """before => {
    const room = document.querySelector('.rr'), { screen, shown } = room.dataset;
    if (['break', 'part', 'end'].includes(screen)) return screen;
    if (room.classList.contains('rr-busy')) return null;
    if (room.querySelector('.rr-submit[aria-disabled=true]')) return null;
    return room.querySelector('.rr-told') ? 'told' : [before, undefined].includes(shown) ? null : 'case';
}"""


@contextmanager
def turning(page):
    """Whatever is done inside brings another case, or the end, to the screen; what lies between is passed by Enter."""
    before = page.locator(".rr").get_attribute("data-shown")
    yield
    while (where := page.wait_for_function(WHERE, arg=before).json_value()) not in ("case", "end"):
        page.keyboard.press("Enter")
        page.wait_for_function(f"([before, where]) => ({WHERE})(before) !== where", arg=[before, where])


@pytest.fixture(name="turning")
def turning_fixture():
    """The context manager ``turning``."""
    return turning


@pytest.fixture(name="begin")
def begin_fixture():
    """The function ``begin``."""
    return begin


ADDRESS = "http://room.test/"
HOST = """<!doctype html><style>body { margin: 0 }</style><div id="host"></div><script type="module">
import widget from "./script.js";
const listeners = new Set();
window.sent = [];
window.say = (message, pixels) => {
    const buffers = pixels.map((text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer));
    listeners.forEach((listener) => listener(message, buffers));
};
window.begin = (traits) => widget.render({ el: document.getElementById("host"), model: {
    get: (name) => traits[name], send: (message) => window.sent.push(structuredClone(message)),
    on: (_, listener) => listeners.add(listener), off: (_, listener) => listeners.delete(listener),
} });
</script>"""


class Bench:
    """The browser's side in a page of its own, and the conversation in this process; messages are carried by hand, so
    that nothing depends on the speed of a server."""

    def __init__(self, page, reader, language="en", break_every=30, break_minutes=20.0):
        self.page = page
        self.room = StudyInReading("tiny").conversation(reader, self._say, language)
        self._breaks = {"break_every": break_every, "break_minutes": break_minutes}
        page.route(ADDRESS, lambda route: route.fulfill(body=HOST, content_type="text/html"))
        page.route(f"{ADDRESS}script.js", lambda route: route.fulfill(body=joined(), content_type="text/javascript"))
        page.goto(ADDRESS)
        self._open()

    def _open(self):
        self.page.add_style_tag(path=BROWSER / "room.css")
        self.page.wait_for_function("window.begin !== undefined")
        traits = {"texts": self.room.texts, "seat": self.room.seat, "page": True, **self._breaks}
        self.page.evaluate("traits => { window.begin(traits) }", traits)
        self.carry()

    def reload(self) -> None:
        """Load the page again, in the same tab."""
        self.page.reload()
        self._open()

    def _say(self, message, buffers=()):
        pixels = [base64.b64encode(buffer).decode() for buffer in buffers or ()]
        self.page.evaluate("([message, pixels]) => window.say(message, pixels)", [message, pixels])

    def carry(self) -> list[dict]:
        """Carry messages until neither side has any left; returns those of the browser."""
        carried = []
        while sent := self.page.evaluate(f"async () => {{ await ({AFTER_PAINT}); return window.sent.splice(0) }}"):
            for message in sent:
                self.room.receive(message)
            carried += sent
        return carried

    def press(self, *keys: str) -> list[dict]:
        """Press keys, each when the one before has been dealt with; returns the browser's messages."""
        carried = []
        for key in keys:
            self.page.locator(".rr-submit[aria-disabled=true]").wait_for(state="detached")
            self.page.keyboard.press(key)
            carried += self.carry()
        return carried

    def begin(self) -> None:
        """To the first case."""
        begin_keys = ["1", "Enter"] if self.screen == "consent" else []
        self.press(*begin_keys, "Enter", "1", "3", "Enter")

    @property
    def screen(self) -> str:
        """Name of the screen that is shown; ``told`` where a practice case is explained."""
        screen = self.page.locator(".rr").get_attribute("data-screen")
        return "told" if screen == "case" and self.page.locator(".rr-told").count() else screen

    def hint(self) -> str:
        """What the room says beside the question."""
        return self.page.locator(".rr-hint").text_content()


AFTER_PAINT = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


@pytest.fixture
def bench(run, chromium):
    """A function: a Bench for a reader of the tiny run; ``dots`` is the device pixel ratio."""
    pages = []

    def make(reader: str = GUEST, viewport=(1400, 900), dots: float = 1, context=None, **settings) -> Bench:
        browser = context or chromium.new_context(
            viewport={"width": viewport[0], "height": viewport[1]}, device_scale_factor=dots
        )
        pages.append(browser.new_page())
        return Bench(pages[-1], reader, **settings)

    yield make
    for page in pages:
        page.context.close()
