"""How fast a run can be explored: ``python benchmarks/explore.py``. Prints a table in Markdown; takes two minutes.

A made-up run of 5,000 readings, and one of 50,000 images. What Python takes is processor time, what the browser takes
is time by the clock. A filter is timed from the message of the browser to the painted table and images: what Python
takes, and what headless Chromium, which draws on the processor, takes with the messages; the way between them is that
of any message (benchmarks/reading_room.py).
"""

import base64
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Page, sync_playwright

from helpers.explore.atlas_view import AtlasView
from helpers.explore.case_view import CaseView
from helpers.explore.feature_atlas import atlas_of
from helpers.explore.material import Material
from helpers.explore.talking import Talking, script, style
from helpers.explore.what_if import WhatIf
from helpers.runs import PROJECT

sys.path.insert(0, str(PROJECT / "tests"))
from made_up_run import add_classifier, make_run

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REPEATS = 7
HOST = """<!doctype html><div id="host"></div><script type="module">
import widget from "./script.js";
let listener;
const model = { send() {}, on: (_, own) => (listener = own), off() {} };
widget.render({ el: document.getElementById("host"), model });
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.take = (sent) => {
    const told = sent.map(([message, pixels]) => [message, pixels.map(bytes)]);
    const began = performance.now();
    told.forEach(([message, pixels]) => listener(message, pixels));
    return new Promise((done) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - began);
        port2.postMessage(null);
    }));
};
</script>"""


def listened(view: Talking) -> list:
    """What a view sends from now on."""
    sent = []
    view.send = lambda message, buffers=(): sent.append(
        (message, [base64.b64encode(own).decode() for own in buffers or ()])
    )
    return sent


def hosted(page: Page, entry: str) -> None:
    """A page with one view of the browser's side."""
    page.route("http://bench.test/", lambda route: route.fulfill(body=HOST, content_type="text/html"))
    text = script(entry)
    page.route("**/script.js", lambda route: route.fulfill(body=text, content_type="text/javascript"))
    page.goto("http://bench.test/")
    page.add_style_tag(content=style())
    page.wait_for_function("window.take !== undefined")


def milliseconds(act: Callable[[], object]) -> float:
    """Processor time of one call, which is its time on a machine that does nothing else."""
    began = time.process_time()
    act()
    return 1000 * (time.process_time() - began)


def filters(browser) -> tuple[float, float]:
    """Median of Python's and of the browser's part of a filter, the first masks and facts included."""
    view, page = CaseView(Material("many")), browser.new_page(viewport={"width": 1400, "height": 1000})
    hosted(page, "cases.js")
    sent = listened(view)
    view.do_open({})
    page.evaluate("sent => window.take(sent)", sent)
    python, painted = [], []
    for source in ("gan", "diffusion", "real") * REPEATS:
        sent.clear()
        chosen = {"source": [source], "answer": ["wrong"]}
        python.append(milliseconds(lambda chosen=chosen: view.do_filter({"chosen": chosen})))
        painted.append(page.evaluate("sent => window.take(sent)", sent))
    page.close()
    return statistics.median(python), statistics.median(painted)


def what_ifs() -> dict[str, float]:
    """Median time of all main figures after one decision, in milliseconds; nothing is kept from before."""
    asked = WhatIf(Material("many"))
    others = {
        "another rule": replace(asked.planned, undetermined="wrong"),
        "other margins": replace(asked.planned, margin=0.07, area_margin=0.07),
        "another primary question": replace(asked.planned, primary=asked.planned.primary[1:]),
        "one reader less": replace(asked.planned, readers=asked.planned.readers[1:]),
    }
    found = {}
    for name, other in others.items():
        times = []
        for _ in range(REPEATS):
            asked._kept.clear()
            [make() for make in asked.figures(asked.planned)]
            times.append(milliseconds(lambda other=other: [make() for make in asked.figures(other)]))
        found[name] = statistics.median(times)
    return found


def large(browser) -> tuple[float, float, float]:
    """Seconds to open cases and atlas of 50,000 images, memory in GiB, and milliseconds of a frame of the atlas."""
    atlas_of(Material("large"))  # the layout, which is kept
    began = time.process_time()
    material = Material("large")
    CaseView(material)
    view = AtlasView(atlas_of(material), material)
    seconds = time.process_time() - began
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    hosted(page, "atlas.js")
    sent = listened(view)
    view.do_open({})
    page.evaluate("sent => window.take(sent)", sent)
    canvas = page.locator(".ex-cloud > canvas")
    canvas.focus()
    frames = []
    for key in ("ArrowLeft", "ArrowRight") * REPEATS:
        canvas.press(key)
        page.wait_for_timeout(60)
        frames.append(float(page.locator(".ex-atlas").get_attribute("data-frame-ms")))
    page.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return seconds, memory, statistics.median(frames)


def main() -> None:
    """Make both runs in a temporary workspace, measure, and print."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["HELPERS_WORKSPACE"] = folder
        make_run("many", readers=tuple(f"reader-{n}" for n in range(1, 21)), per_cell=6, images=(30, 16))
        add_classifier(make_run("large", images=(3126, 1563)))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        count = len(Material("many").readings)
        python, painted = filters(browser)
        print("| What | Measured | Wanted |\n|---|---|---|")
        print(f"| filter of {count} readings, Python and browser | {python:.0f} ms + {painted:.0f} ms | 100 ms |")
        for name, spent in what_ifs().items():
            print(f"| what if, {count} readings: {name} | {spent:.0f} ms | 300 ms |")
        seconds, memory, frame = large(browser)
        print(f"| opening cases and atlas of 50,016 images | {seconds:.1f} s, {memory:.2f} GiB | 5 s, 1 GiB |")
        print(f"| a frame of their atlas | {frame:.0f} ms | 33 ms |")
        browser.close()


if __name__ == "__main__":
    main()
