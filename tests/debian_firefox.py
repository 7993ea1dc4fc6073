"""A Firefox driven by WebDriver BiDi (W3C), which it speaks itself: no driver in between has to be installed."""

import base64
import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
KEYS = {"Enter": "\ue007", "Space": " ", "Shift": "\ue008", "ArrowUp": "\ue013"}  # as the standard names them
PATIENCE = 60.0  # seconds
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class Firefox:
    """One page of a headless Firefox."""

    def __init__(self, socket: ClientConnection):
        self.socket, self.number, self.errors = socket, 0, []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **parameters) -> dict:
        """The result of a command; raises RuntimeError where it failed. Errors of the page are kept meanwhile."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (said := json.loads(self.socket.recv(PATIENCE))).get("id") != self.number:
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self.errors.append(said["params"]["text"])
        if said["type"] == "error":
            raise RuntimeError(f"{method}: {said['message']}")
        return said["result"]

    def here(self, method: str, **parameters) -> dict:
        """``ask`` about this page."""
        return self.ask(f"browsingContext.{method}", context=self.context, **parameters)

    def goto(self, address: str) -> None:
        """Load a page."""
        self.here("navigate", url=address, wait="complete")

    def size(self, width: int, height: int, dots: float = 1.0) -> None:
        """Give the page this size in CSS pixels, with so many pixels of the display for each."""
        self.here("setViewport", viewport={"width": width, "height": height}, devicePixelRatio=dots)

    def evaluate(self, expression: str) -> object:
        """The value of an expression: text, number, boolean, or null."""
        said = self.ask(
            "script.evaluate", expression=expression, awaitPromise=True, target={"context": self.context}
        )  # fmt: skip
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        return said["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true."""
        frames = int(60 * PATIENCE)
        waiting = f"for (let n = 0; n < {frames} && !({expression}); n++) await new Promise(requestAnimationFrame);"
        assert self.evaluate(f"(async () => {{ {waiting} return Boolean({expression}); }})()"), expression

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.ask("input.performActions", context=self.context, actions=[{"type": "key", "id": "k", "actions": strokes}])

    def drag(self, *points: tuple[float, float]) -> None:
        """Move the mouse to the first point, press, and move on to the others."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y)} for x, y in points]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "m", "parameters": {"pointerType": "mouse"}, "actions": actions}
        self.ask("input.performActions", context=self.context, actions=[mouse])

    def screenshot(self, file: Path) -> None:
        """What the page shows, as a PNG file."""
        file.write_bytes(base64.b64decode(self.here("captureScreenshot")["data"]))


@contextlib.contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A Firefox with a new ``profile``; it ends with the block."""
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    profile.mkdir()
    browser = subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        address = next(found[1] for line in browser.stderr if (found := LISTENING.search(line)))
        with connect(f"{address}/session", max_size=None, proxy=None, open_timeout=PATIENCE) as socket:
            yield Firefox(socket)
    finally:
        browser.terminate()
        browser.wait(timeout=60)
        browser.stderr.close()
