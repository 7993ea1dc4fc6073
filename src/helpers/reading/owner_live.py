"""The owner's view, which updates itself in a notebook while people read.

The browser asks for updates as long as the view is visible. The answer is sent as a message, so nothing of it is
stored with the notebook.
"""

import io
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import anywidget
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from helpers.errors import StudyError
from helpers.reading.owner import as_html_table
from helpers.reading.script import BROWSER, joined

SECONDS, LONGEST = 5.0, 60.0  # between two updates, at least and at most
SHARE = 0.05  # of the time that updates may take, so that the database has time for readers
SCRIPT = Path(__file__).parent / "server"  # with the owner's page: readers' browsers get neither
DOTS = 100  # per inch of the figure


class OwnersView(anywidget.AnyWidget):
    """Shows the current table from ``look`` and the figure that ``draw`` makes of it, whenever the table has changed.

    The browser sends {"do": "look", "knows": bool} and gets {"is": "now", "html", "next"} with the figure as PNG,
    {"is": "same", "next"} if nothing is new, or {"is": "trouble", "text", "next"}; ``next`` is the time in seconds
    until it asks again.
    """

    _esm = joined("owner_live.js", SCRIPT, BROWSER)
    _css = ".rr-owner img { max-width: 100%; } .rr-owner [hidden] { display: none; } .rr-owner td { padding: 2px 8px; }"

    def __init__(self, look: Callable[[], pd.DataFrame], draw: Callable[[pd.DataFrame], Figure]):
        super().__init__()
        self._look, self._draw, self._known, self._next = look, draw, None, SECONDS
        self.on_msg(lambda _widget, message, _buffers: self.receive(message))

    def receive(self, message: Mapping) -> None:
        """Answer a message from the browser; any but the one above is ignored."""
        if not isinstance(message, Mapping) or message.get("do") != "look":
            return
        told, pixels = self._news(knows=message.get("knows") is True)
        self.send(told | {"next": self._next}, pixels)

    def _news(self, knows: bool) -> tuple[dict, list[bytes]]:
        try:
            table = self._timed()
            if knows and table.equals(self._known):
                return {"is": "same"}, []
            figure = self._draw(table)
        except StudyError as error:
            return {"is": "trouble", "text": str(error)}, []
        self._known = table
        return {"is": "now", "html": as_html_table(table).to_html()}, [_png(figure)]

    def _timed(self) -> pd.DataFrame:
        """The current table; the time to the next update depends on how long this took."""
        began = time.monotonic()
        table = self._look()
        self._next = min(LONGEST, max(SECONDS, (time.monotonic() - began) / SHARE))
        return table


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS, bbox_inches="tight")
    pyplot.close(figure)
    return file.getvalue()
