"""How many frames a second a page paints while something on it is dragged; for benchmarks."""

import math
import time

from playwright.sync_api import Locator, Page

COUNT = """([selector, what]) => {
    window.painted = [];
    new MutationObserver(() => window.painted.push(performance.now())).observe(document.querySelector(selector), what);
}"""


def frames_while_dragged(page: Page, held: Locator, selector: str, changes: dict, seconds: float) -> float:
    """Frames a second while the mouse goes round on what is ``held``; each paint changes what ``selector`` finds, in a
    way that a MutationObserver with the options ``changes`` sees."""
    box = held.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(COUNT, [selector, changes])
    page.mouse.move(x, y)
    page.mouse.down()
    began, step = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        step += 1
        page.mouse.move(x + 100 * math.sin(step / 20), y + 60 * math.cos(step / 17))
    page.mouse.up()
    painted = page.evaluate("window.painted")
    return (len(painted) - 1) / (painted[-1] - painted[0]) * 1000
