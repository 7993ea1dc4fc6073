"""The reading widget: Python's side of the reading room. The browser is told what is on the screen and no more."""

from collections import deque
from pathlib import Path

import anywidget
import traitlets

from helpers.errors import DiskError, ImageError, ReadingError, StoreError
from helpers.reading.pictures import Pictures
from helpers.reading.strings import texts
from helpers.study.session import Answer, Trial
from helpers.study.store import Desk

HERE = Path(__file__).parent
CASES_IN_BROWSER = 3  # the browser keeps one more; a case sent longer ago is sent again


class ReadingRoom(anywidget.AnyWidget):
    """One reader's reading room. ``page`` fills the whole page (Voila) instead of a notebook's output.

    Messages to the browser: ``case`` (opaque trial id, task, the finding where it is asked for, pixels as bytes),
    ``turn`` (which case is shown, how far the reader is) and ``trouble`` (name of a text). From it: ``open``,
    ``shown``, ``answer`` and ``undo``; each but ``shown`` is replied to with a turn or a trouble.
    A turn is sent only after what led to it is on the disk.
    """

    _esm = HERE / "widget.js"
    _css = HERE / "widget.css"
    texts = traitlets.Dict().tag(sync=True)
    page = traitlets.Bool(False).tag(sync=True)

    def __init__(self, desk: Desk, pictures: Pictures, language: str = "en", page: bool = False):
        super().__init__(texts=texts(language), page=page)
        self.desk, self.pictures = desk, pictures
        self._sent: deque[str] = deque(maxlen=CASES_IN_BROWSER)
        self.on_msg(self._receive)

    def _receive(self, _widget, message: dict, _buffers) -> None:
        """Do what the browser asks; whatever goes wrong is logged here and told there by the name of a text."""
        action = message.get("do")
        try:
            notice = self._act(action, message)
            if action != "shown":
                self._send_turn(notice)
        except (StoreError, DiskError) as error:
            self._trouble("trouble_save", error)
        except ImageError as error:
            self._trouble("trouble_case", error)
        except Exception as error:
            self._trouble("trouble_other", error)

    def _act(self, action: str, message: dict) -> str | None:
        """Carry out one request; returns the name of a text to show with the turn, or None."""
        try:
            if action == "open":
                self._sent.clear()
                self.desk.refresh()
                self.desk.resume()
            elif action == "shown":
                self._present(message["trial"])
            elif action == "answer":
                self.desk.answer(message["trial"], message["submission"], answer_of(message))
            elif action == "undo":
                self.desk.undo()
        except ReadingError as error:
            self.log.warning("reading room: %s", error)
            return "elsewhere"
        return None

    def _present(self, trial_id: str) -> None:
        """Log the first paint of the current trial; a note from a window left behind is not kept."""
        current = self.desk.current
        if current is not None and current.trial_id == trial_id:
            self.desk.present()

    def _send_turn(self, notice: str | None) -> None:
        current = self.desk.current
        if current is not None:
            self._send_case(current)
        self.send({"is": "turn", "notice": notice} | turn_of(self.desk))
        try:
            for trial in self.desk.upcoming(1):
                self._send_case(trial)
        except ImageError as error:  # told when its turn comes
            self.log.error("reading room: the next case: %s", error)

    def _send_case(self, trial: Trial) -> None:
        """Send a case that the browser does not have: pixels as plain bytes, alike for every image."""
        if trial.trial_id in self._sent:
            return
        images = [self.pictures.pixels(image_id) for image_id in trial.images]
        height, width = images[0].shape
        case = {"is": "case", "trial": trial.trial_id, "task": trial.task, "width": width, "height": height}
        case["bits"] = 8 * images[0].itemsize
        if trial.task == "conditionality":
            case["finding"] = trial.finding
        self.send(case, [image.tobytes() for image in images])
        self._sent.append(trial.trial_id)

    def _trouble(self, text: str, error: Exception) -> None:
        """The details, which may name files, stay in the kernel's log."""
        self.log.error("reading room: %s: %s", type(error).__name__, error)
        self.send({"is": "trouble", "text": text})


def answer_of(message: dict) -> Answer:
    """The answer in a browser's message; raises ReadingError for values out of range."""
    return Answer(
        rating=message["rating"],
        cue=message["cue"],
        cues=tuple(message["cues"]),
        cue_text=message["note"],
        active_ms=message["active_ms"],
        idle_ms=message["idle_ms"],
    )


def turn_of(desk: Desk) -> dict:
    """What the browser shows of the session: the current trial's opaque id, and how far the reader is."""
    current, trials = desk.current, desk.trials
    practice = sum(trial.is_practice for trial in trials)
    turn = {
        "trial": None,
        "answered": desk.answered,
        "total_all": len(trials),
        "practice_all": practice,
        "tasks": sorted({trial.task for trial in trials}, reverse=True),
        "can_undo": desk.can_undo,
        "is_closed": desk.is_closed,
    }
    if current is None:
        return turn
    alike = [trial.trial_id for trial in trials if trial.is_practice == current.is_practice]
    place = {"n": alike.index(current.trial_id) + 1, "total": len(alike), "is_practice": current.is_practice}
    return turn | {"trial": current.trial_id} | place
