"""What all views of a run in a notebook share: they communicate by messages, and the notebook stores none of them."""

from pathlib import Path

import anywidget

from helpers.errors import StudyError
from helpers.reading.script import BROWSER as OF_READING
from helpers.reading.script import joined

BROWSER = Path(__file__).parent / "browser"


def script(entry: str) -> str:
    """A module of ``browser/`` as one text, with its imports from there and from the reading room."""
    return joined(entry, BROWSER, OF_READING)


def style() -> str:
    """The style of all views, appended to that of the reading room, whose viewer they share."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for folder, name in STYLES)


STYLES = ((OF_READING, "room.css"), (BROWSER, "explore.css"))


class Talking(anywidget.AnyWidget):
    """A view: what it shows is sent as messages and is not a trait, so that no image can be stored with a notebook.

    The browser sends ``{"do": name, ...}``, which calls the method ``do_<name>`` with the message. Errors are sent back
    to it in words.
    """

    def __init__(self):
        super().__init__()
        self.on_msg(self._receive)

    def _receive(self, _widget, message: dict, _buffers) -> None:
        try:
            getattr(self, f"do_{message['do']}")(message)
        except StudyError as error:
            self.send({"is": "trouble", "text": str(error)})
