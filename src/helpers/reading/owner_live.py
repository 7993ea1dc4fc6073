"""The owner's view that redraws by itself in a notebook while people read.

The browser asks for news as long as somebody can see the view, and the answer travels as a message: nothing of it is
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

SECONDS, LONGEST = 5.0, 60.0  # between two looks, at least and at most
SHARE = 0.05  # of the time that looking may take, so that the database has time for readers
SCRIPT = Path(__file__).parent / "server"  # beside that of the owner's page: readers' browsers get neither
DOTS = 100  # of an inch of the figure


class OwnersView(anywidget.AnyWidget):
    """Shows the table that ``look`` gives now, and the figure that ``draw`` makes of it, each time that it is new.

    From the browser comes {"do": "look", "knows": bool}; to it go {"is": "now", "html", "next"} with the figure as PNG,
    {"is": "same", "next"} where nothing is new, and {"is": "trouble", "text", "next"}; ``next`` are the seconds until
    it asks again.
    """

    _esm = joined("owner_live.js", SCRIPT, BROWSER)
    _css = ".rr-owner img { max-width: 100%; } .rr-owner [hidden] { display: none; } .rr-owner td { padding: 2px 8px; }"

    def __init__(self, look: Callable[[], pd.DataFrame], draw: Callable[[pd.DataFrame], Figure]):
        super().__init__()
        self._look, self._draw, self._known, self._next = look, draw, None, SECONDS
        self.on_msg(lambda _widget, message, _buffers: self.receive(message))

    def receive(self, message: Mapping) -> None:
        """Answer a message of the browser; any other than those above is passed over."""
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
        """The table now; when to look again follows from how long that took."""
        began = time.monotonic()
        table = self._look()
        self._next = min(LONGEST, max(SECONDS, (time.monotonic() - began) / SHARE))
        return table


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DOTS, bbox_inches="tight")
    pyplot.close(figure)
    return file.getvalue()
