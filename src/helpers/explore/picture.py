"""A drawing that can be clicked: what was picked is passed to a callback."""

from collections.abc import Callable, Mapping

from helpers.explore.canvas import Drawing
from helpers.explore.talking import Talking, script, style


class Picture(Talking):
    """Shows a ``Drawing`` with a title and a note; ``on_pick`` is called with the pick of each mark clicked."""

    _esm = script("picture.js")
    _css = style()

    def __init__(self, on_pick: Callable[[Mapping], None] | None = None):
        super().__init__()
        self.on_pick = on_pick
        self.drawing, self.title, self.note, self.flag = Drawing(""), "", "", ""

    def draw(self, drawing: Drawing, title: str = "", note: str = "", flag: str = "") -> None:
        """Show another drawing; ``flag`` is a word highlighted beside the title."""
        self.drawing, self.title, self.note, self.flag = drawing, title, note, flag
        self.do_open({})

    def do_open(self, _message: Mapping) -> None:
        """Send what is shown."""
        told = {"title": self.title, "note": self.note, "flag": self.flag}
        self.send({"is": "drawing", "svg": self.drawing.svg} | told)

    def do_pick(self, message: Mapping) -> None:
        """Pass on the pick of a mark that was clicked, or chosen by keyboard."""
        if self.on_pick is not None and 0 <= int(message["pick"]) < len(self.drawing.picks):
            self.on_pick(self.drawing.picks[int(message["pick"])])
