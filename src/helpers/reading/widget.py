"""The reading widget: Python's side of the reading room. The browser is told what is on the screen and no more."""

import hashlib
from collections import deque

import anywidget
import traitlets

from helpers.errors import DiskError, ImageError, ReadingError, StaleError, StoreError
from helpers.findings import Findings
from helpers.reading.asking import asked, part_of, told
from helpers.reading.pace import Pace
from helpers.reading.pictures import Pictures
from helpers.reading.script import BROWSER, joined
from helpers.reading.strings import texts
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.trials import Trial
from helpers.tasks import TASKS

CASES_IN_BROWSER = 3  # the browser keeps one more; a case sent longer ago is sent again
COMPOSED = ("tasks", "verdict", "flagged")  # texts that only Python uses
BREAK_EVERY = 30  # cases; a quarter of an hour at half a minute a case


class ReadingRoom(anywidget.AnyWidget):
    """One reader's reading room.

    ``findings`` are those that trials ask for. ``page`` fills the whole page (Voila) instead of a notebook's output.
    ``consent``: paragraphs of the study's own consent text; blank: the default text. ``break_every``: a break is
    offered after so many cases.

    Messages to the browser: ``case`` (opaque trial id, number of its part of the reading, question, names of the
    images, answers, pixels as bytes), ``turn`` (which case is shown, how far the reader is, what was right in a
    practice case just answered) and ``trouble`` (name of a text). From it: ``open``, ``look``, ``shown``, ``answer``,
    ``undo``, ``pause`` and ``resume``; each but ``shown`` is replied to with a turn or a trouble. A turn is sent only
    after what led to it is on the disk. Its ``notice`` names a text: ``elsewhere`` where another window has gone on,
    ``refused`` where an answer is not one that the trial takes.
    """

    _esm = joined()
    _css = BROWSER / "room.css"
    texts = traitlets.Dict().tag(sync=True)
    page = traitlets.Bool(False).tag(sync=True)
    break_every = traitlets.Int(BREAK_EVERY, min=1).tag(sync=True)
    seat = traitlets.Unicode().tag(sync=True)  # the same in all windows of one reader; tells nothing

    def __init__(
        self,
        desk: Desk,
        pictures: Pictures,
        findings: Findings,
        language: str = "en",
        page: bool = False,
        consent: tuple[str, ...] = (),
        break_every: int = BREAK_EVERY,
    ):
        self.words = texts(language)
        self.findings = {finding.name: finding.question[language] for finding in findings}
        shown = {name: text for name, text in self.words.items() if name not in COMPOSED}
        shown |= {"consent": list(consent)} if consent else {}
        seat = hashlib.sha256(f"{desk.store.plan_sha256} {desk.reader}".encode()).hexdigest()[:16]
        super().__init__(texts=shown, page=page, seat=seat, break_every=break_every)
        self.desk, self.pictures = desk, pictures
        self._trials = {trial.trial_id: trial for trial in desk.trials}
        self.pace = Pace(desk.trials, desk.answers)
        self._sent: deque[str] = deque(maxlen=CASES_IN_BROWSER)
        self._facts = {}  # of the display, kept until they are on the disk
        self.on_msg(self._receive)

    def _receive(self, _widget, message: dict, _buffers) -> None:
        """Do what the browser asks; whatever goes wrong is logged here and told there by the name of a text."""
        try:
            action = message["do"]
            notice = self._act(action, message)
            if action == "shown":
                self._send_next()
            else:
                self._send_turn(notice, message["trial"] if action == "answer" and notice != "refused" else None)
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
            elif action == "look":
                return self._look()
            elif action == "shown":
                self._present(message)
            elif action == "answer":
                self._answer(message)
            elif action in ("undo", "pause", "resume"):
                getattr(self.desk, action)()
            else:
                raise ValueError(f"do = {action!r}: the room has no such request")
        except ReadingError as error:
            self.log.warning("reading room: %s", error)
            return "elsewhere" if isinstance(error, StaleError) else "refused"
        return None

    def _look(self) -> str | None:
        """Take in what another window did while this one was out of sight."""
        before = self.desk.answered
        self.desk.refresh()
        return "elsewhere" if self.desk.answered != before else None

    def _present(self, message: dict) -> None:
        """Log the first paint of the current trial; a note from a window left behind is not kept.

        The first one of a sitting carries the facts of the display and the digest of the text that was agreed to.
        """
        facts = message.get("facts") or {}
        if facts.pop("agreed", False):
            consent = "\n\n".join(self.texts["consent"])
            facts["consent_sha256"] = hashlib.sha256(consent.encode()).hexdigest()
        self._facts |= facts
        current = self.desk.current
        if current is not None and current.trial_id == message.get("trial"):
            self.desk.present(self._facts)
            self._facts = {}

    def _answer(self, message: dict) -> None:
        """Keep an answer. Raises StaleError where the session has gone on, other ReadingErrors for a wrong answer."""
        trial = self._trials.get(text_in(message, "trial"))
        if trial is None:
            raise ReadingError(f"trial = {message['trial']!r}: not in this session")
        answer = answer_of(message, TASKS[trial.task].places)
        if self.desk.answer(trial.trial_id, text_in(message, "submission"), answer):
            self.pace.note(trial.task, answer.active_ms)

    def _send_turn(self, notice: str | None, answered: str | None) -> None:
        """Send where the session stands, with feedback on the trial that was ``answered`` where that was practice."""
        current = self.desk.current
        if current is not None:
            self._send_case(current)
        feedback = None if answered is None else self.desk.feedback(answered)
        turn = {"seconds_left": self.pace.seconds_left(self.desk.answered), "notice": notice}
        turn["feedback"] = feedback and told(self._trials[answered], feedback, self.words)
        turn["parts"] = [part_of(TASKS[task], self.words) for task in self.desk.tasks]
        self.send({"is": "turn"} | turn | turn_of(self.desk))

    def _send_next(self) -> None:
        """Send the case after the current one ahead, now that the current one is on the screen: not before, or the
        reader would wait for its bytes."""
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
        case = {"is": "case", "trial": trial.trial_id, "part": self.desk.tasks.index(trial.task)}
        case |= {"width": width, "height": height, "bits": 8 * images[0].itemsize}
        self.send(case | asked(trial, self.words, self.findings), [image.tobytes() for image in images])
        self._sent.append(trial.trial_id)

    def _trouble(self, text: str, error: Exception) -> None:
        """The details, which may name files, stay in the kernel's log."""
        self.log.error("reading room: %s: %s", type(error).__name__, error)
        self.send({"is": "trouble", "text": text})


def text_in(message: dict, name: str) -> str:
    """A text in a browser's message; raises ReadingError where there is none."""
    if not isinstance(message.get(name), str):
        raise ReadingError(f"{name} = {message.get(name)!r}: must be text")
    return message[name]


def answer_of(message: dict, places: tuple[str, ...]) -> Answer:
    """The answer in a browser's message, to a trial with these places.

    ``mark_image`` is the number of the marked image, from 0. Raises ReadingError for what is missing or out of range.
    """
    names = ("rating", "cue", "cues", "mark", "active_ms", "idle_ms")
    if missing := [name for name in (*names, "note", "mark_image") if name not in message]:
        raise ReadingError(f"the browser's answer lacks {', '.join(missing)}")
    marked = message["mark_image"]
    if marked is not None and (type(marked) is not int or marked not in range(len(places) or 1)):
        raise ReadingError(f"mark_image = {marked!r}: must be the number of an image, from 0")
    side = places[marked] if places and marked is not None else None
    return Answer(cue_text=message["note"], mark_side=side, **{name: message[name] for name in names})


def turn_of(desk: Desk) -> dict:
    """What the browser shows of the session: the current trial's opaque id, and how far the reader is.

    Its size does not depend on the number of trials.
    """
    current = desk.current
    n, total = desk.place or (None, None)
    return {
        "trial": current and current.trial_id,
        "is_practice": bool(current and current.is_practice),
        "n": n,
        "total": total,
        "total_all": desk.total,
        "practice_all": desk.practice_total,
        **{name: getattr(desk, name) for name in ("answered", "can_undo", "is_paused", "is_closed")},
    }
