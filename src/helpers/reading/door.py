"""The page that asks a reader for the access code; the reading room takes its place."""

from collections.abc import Callable

import ipywidgets

from helpers.errors import ReadingError
from helpers.reading.strings import texts
from helpers.reading.widget import ReadingRoom


class Door(ipywidgets.VBox):
    """Asks for an access code in ``language``. ``admit`` turns it into the reader's room, and raises ReadingError where
    it is not known. Until then the browser is told nothing of the study."""

    def __init__(self, admit: Callable[[str], ReadingRoom], language: str = "en"):
        self.admit, self.texts = admit, texts(language)
        self.code = ipywidgets.Password(
            placeholder=self.texts["door_code"], continuous_update=False, layout={"width": "20em"}
        )
        self.button = ipywidgets.Button(description=self.texts["door_enter"], layout={"margin": "10px 0"})
        self.notice = ipywidgets.Label()
        title = ipywidgets.HTML(f"<h1>{self.texts['room']}</h1>")
        layout = {"align_items": "center", "margin": "15vh auto 0"}
        super().__init__([title, self.code, self.button, self.notice], layout=layout)
        self.code.observe(lambda _: self.enter(), "value")  # Enter, or leaving the field
        self.button.on_click(lambda _: self.enter())

    def enter(self) -> None:
        """Try the code that was typed; the field is emptied."""
        typed, self.code.value = self.code.value, ""
        if not typed or len(self.children) == 1:
            return
        try:
            room = self.admit(typed)
        except ReadingError:
            self.notice.value = self.texts["door_unknown"]
        except Exception as error:  # whatever it is, its details would name files in the browser
            self.log.error("reading room: %s", type(error).__name__)
            self.notice.value = self.texts["door_closed"]
        else:
            self.layout = {}
            self.children = [room]
