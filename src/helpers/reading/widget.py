"""The reading room as a widget, for a notebook in JupyterLab."""

import anywidget
import traitlets

from helpers.findings import Findings
from helpers.reading.conversation import Conversation
from helpers.reading.pictures import Pictures
from helpers.reading.script import BROWSER, joined
from helpers.study.desk import Desk

BREAK_EVERY = 30  # cases; a quarter of an hour at half a minute per case
BREAK_MINUTES = 20.0  # of reading without a break


class ReadingRoom(anywidget.AnyWidget):
    """One reader's reading room in a notebook's output; arguments as for ``Conversation``.

    A break is offered after ``break_every`` cases, and after ``break_minutes`` of reading without one.
    """

    _esm = joined()
    _css = BROWSER / "room.css"
    texts = traitlets.Dict().tag(sync=True)
    page = traitlets.Bool(False).tag(sync=True)  # whether the room fills a separate page
    break_every = traitlets.Int(BREAK_EVERY, min=1).tag(sync=True)
    break_minutes = traitlets.Float(BREAK_MINUTES, min=1).tag(sync=True)
    seat = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        desk: Desk,
        pictures: Pictures,
        findings: Findings,
        language: str = "en",
        consent: tuple[str, ...] = (),
        break_every: int = BREAK_EVERY,
        break_minutes: float = BREAK_MINUTES,
    ):
        self.conversation = Conversation(desk, pictures, findings, self.send, language, consent)
        breaks = {"break_every": break_every, "break_minutes": break_minutes}
        super().__init__(texts=self.conversation.texts, seat=self.conversation.seat, **breaks)
        self.on_msg(lambda _widget, message, _buffers: self.conversation.receive(message))

    def set_state(self, sync_data: dict) -> None:
        """Ignore changes from a page: consent, texts and breaks are set by the study."""
        self.log.warning("reading room: a page tried to change %d of the room's own values", len(sync_data))
