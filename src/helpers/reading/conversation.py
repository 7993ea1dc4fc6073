"""Python's side of the reading room; the browser is sent only what is shown on the screen."""

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from helpers.errors import DiskError, EndedError, ImageError, ReadingError, StaleError, StoreError, StudyError
from helpers.findings import Findings
from helpers.reading.answers import answer_of, given_in
from helpers.reading.asking import asked, part_of, told
from helpers.reading.messages import MessageError, parsed
from helpers.reading.pace import Pace
from helpers.reading.pictures import Pictures
from helpers.reading.strings import texts
from helpers.reading.turn import turn_of
from helpers.study.desk import Desk
from helpers.study.trials import Trial
from helpers.tasks import TASKS

CASES_IN_BROWSER = 3  # the browser keeps one more; a case sent longer ago is sent again
COMPOSED = ("tasks", "verdict", "flagged")  # texts used only by Python
AGAIN = ("refused", "times", "consent_first")  # notices after which an answer must be sent again
TOLERANCE_MS = 5000.0  # by how much a browser's clock may run ahead of ours

log = logging.getLogger(__name__)


class Conversation:
    """One reader's session, exchanging messages with the room in their browser.

    ``findings`` are those that trials ask about. ``consent``: paragraphs of the study's own consent text; empty: the
    default text. ``send`` passes a message and its buffers to the browser; ``texts`` are what it shows, and ``seat``
    is a hash that is the same for all windows of one reader and reveals nothing.

    Messages to the browser: ``case`` (opaque trial id, number of its part of the reading, question, names of the
    images, answers, pixels as bytes), ``turn`` (which case is shown, the reader's progress, the right answer of a
    practice case just answered, and as ``given`` the answer just undone) and ``trouble`` (name of a text).
    Messages from the browser are those of ``messages``; each except ``shown`` is answered with a turn or a trouble. A
    turn is sent only after what led to it is on the disk, and a case only after the consent is. The turn's ``notice``
    names a text: ``elsewhere`` if another window has continued, ``two_places`` if the access code is also in use at
    another place, ``consent_first`` if the current text has not been agreed to, and ``refused``, ``note_refused`` or
    ``times`` if the trial does not allow the answer, its note cannot be stored, or its times are impossible. Refused
    messages are logged by kind, without their content.
    """

    def __init__(
        self,
        desk: Desk,
        pictures: Pictures,
        findings: Findings,
        send: Callable[..., None],
        language: str = "en",
        consent: tuple[str, ...] = (),
    ):
        self.words = texts(language)
        self.findings = {finding.name: finding.question[language] for finding in findings}
        self.texts = {name: text for name, text in self.words.items() if name not in COMPOSED}
        self.texts |= {"consent": list(consent)} if consent else {}
        self.consent_sha256 = hashlib.sha256("\n\n".join(self.texts["consent"]).encode()).hexdigest()
        self.seat = hashlib.sha256(f"{desk.store.plan_sha256} {desk.reader}".encode()).hexdigest()[:16]
        self.desk, self.pictures, self.send = desk, pictures, send
        self._trials = {trial.trial_id: trial for trial in desk.trials}
        self.pace = Pace(desk.trials, desk.answers)
        self._sent: deque[str] = deque(maxlen=CASES_IN_BROWSER)
        self._facts = {}  # about the display, kept until they are on the disk
        self._location: str | None = None  # of the browser
        self._told: int = len(desk.together)  # number of times two places were in use, as reported to this browser
        self._current_since: tuple[str | None, float] = (None, 0.0)  # a trial, and when it became current by our clock

    def receive(self, message: object) -> None:
        """Carry out the browser's request; any error is logged here and reported there by the name of a text."""
        try:
            request = parsed(message)
            notice = self._act(request)
            if request["do"] == "shown":
                self._send_next()
            else:
                self._send_turn(notice, request["trial"] if request["do"] == "answer" and notice not in AGAIN else None)
        except MessageError as error:
            self._refuse(error)
        except EndedError as error:
            self._trouble("trouble_ended", error)
        except (StoreError, DiskError) as error:
            self._trouble("trouble_save", error)
        except ImageError as error:
            self._trouble("trouble_case", error)
        except Exception as error:
            self._trouble("trouble_other", error)

    def _refuse(self, error: MessageError) -> None:
        """Report that a message was not understood; an answer stays on the screen, to be sent again."""
        log.warning("reading room: a message is refused (%s)", error)
        if error.answers:
            self._send_turn(error.notice, None)
        else:
            self.send({"is": "trouble", "text": error.notice})

    def _act(self, request: dict) -> str | None:
        """Carry out one request; returns the name of a text to show with the turn, or None."""
        action = request["do"]
        try:
            if action == "open":
                self._open(request["location"])
            elif action == "look":
                return self._look()
            elif action == "shown":
                self._present(request)
            elif action == "agree":
                self.desk.agree(self.consent_sha256)
            elif action == "answer":
                return self._answer(request) or self._meeting()
            else:
                getattr(self.desk, action)()
        except EndedError:
            raise
        except ReadingError as error:
            notice = "elsewhere" if isinstance(error, StaleError) else "refused"
            log.warning("reading room: %s: %s", action, notice)
            return notice if notice == "refused" else self._meeting() or notice
        return self._meeting()

    def _open(self, location: str) -> None:
        self._sent.clear()
        self._location = location
        self.desk.refresh()
        if self.desk.key is not None:
            self.desk.enter(location)

    def _look(self) -> str | None:
        """Load what another window did while this one was hidden."""
        before = self.desk.answered
        self.desk.refresh()
        return self._meeting() or ("elsewhere" if self.desk.answered != before else None)

    def _meeting(self) -> str | None:
        """Report, once each time, that the access code is also in use at another place; record this place again."""
        if self.desk.key is not None and self._location is not None and self.desk.location != self._location:
            self.desk.enter(self._location)
        told, self._told = self._told, len(self.desk.together)
        return "two_places" if self._told > told else None

    def _present(self, message: dict) -> None:
        """Log the first paint of the current trial; a message from an outdated window is ignored.

        The first one of a sitting carries the facts about the display.
        """
        if message["facts"]:
            self._facts = {**message["facts"], "language": self.words["language"]}
        current = self.desk.current
        if current is not None and current.trial_id == message["trial"]:
            self.desk.present(self._facts)
            self._facts = {}

    def _answer(self, message: dict) -> str | None:
        """Store an answer, or return the name of the text that says why not. Raises StaleError if the session has moved
        on, other ReadingErrors for an invalid answer."""
        if self.desk.consent != self.consent_sha256:
            return self._not_kept("consent_first")
        trial = self._trials.get(message["trial"])
        if trial is None:
            raise ReadingError("trial: not in this session")
        answer = answer_of(message, TASKS[trial.task].places)
        if self._is_current(trial) and answer.active_ms + answer.idle_ms > self._longest_ms():
            return self._not_kept("times")
        if self.desk.answer(trial.trial_id, message["submission"], answer):
            self.pace.note(trial.task, answer.active_ms)
        return None

    def _not_kept(self, notice: str) -> str:
        log.warning("reading room: answer: %s", notice)
        return notice

    def _is_current(self, trial: Trial) -> bool:
        return self.desk.current is not None and self.desk.current.trial_id == trial.trial_id

    def _longest_ms(self) -> float:
        """Longest time for which the current trial can have been shown by our clock, plus a tolerance, in milliseconds.

        It began when the trial was sent as the current one, or earlier, when another room showed it.
        """
        seconds = time.monotonic() - self._current_since[1]
        if self.desk.shown_at is not None:
            seconds = max(seconds, _seconds_between(self.desk.shown_at, self.desk.clock()))
        return 1000 * seconds + TOLERANCE_MS

    def _send_turn(self, notice: str | None, answered: str | None) -> None:
        """Send the state of the session, with feedback on the trial that was ``answered`` if it was practice."""
        current = self.desk.current
        agreed = self.desk.consent == self.consent_sha256
        if current is not None and agreed:
            self._send_case(current)
            if self._current_since[0] != current.trial_id:
                self._current_since = (current.trial_id, time.monotonic())
        feedback = None if answered is None else self.desk.feedback(answered)
        turn = {"seconds_left": self.pace.seconds_left(self.desk.answered), "notice": notice, "agreed": agreed}
        if feedback:
            feedback = told(self._trials[answered], feedback, self.words, self.desk.answers[answered].swapped)
        turn["feedback"] = feedback
        turn["given"] = self._taken_back() if agreed else None
        turn["parts"] = [part_of(TASKS[task], self.words) for task in self.desk.tasks]
        self.send({"is": "turn"} | turn | turn_of(self.desk))

    def _taken_back(self) -> dict | None:
        """The undone answer to the current trial, as the browser sent it; None if there is none."""
        current, (trial_id, answer) = self.desk.current, self.desk.taken_back
        if answer is None or current is None or current.trial_id != trial_id:
            return None
        return given_in(answer, TASKS[current.task].places)

    def _send_next(self) -> None:
        """Send the next case in advance, once the current one is on the screen; earlier, the reader would have to wait
        for its bytes."""
        if self.desk.consent != self.consent_sha256:
            return
        try:
            for trial in self.desk.upcoming(1):
                self._send_case(trial)
        except ImageError as error:  # reported when its turn comes
            log.error("reading room: the next case: %s", error)

    def _send_case(self, trial: Trial) -> None:
        """Send a case unless the browser has it: pixels as plain bytes, in the same way for every image."""
        if trial.trial_id in self._sent:
            return
        images = [self.pictures.pixels(image_id) for image_id in trial.images]
        height, width = images[0].shape
        case = {"is": "case", "trial": trial.trial_id, "part": self.desk.tasks.index(trial.task)}
        case |= {"width": width, "height": height, "bits": 8 * images[0].itemsize}
        case |= {"enlarge_at_most": self.pictures.enlarge_at_most}
        self.send(
            case | asked(trial, self.words, self.findings), [image.reshape(-1).view("u1").data for image in images]
        )
        self._sent.append(trial.trial_id)

    def _trouble(self, text: str, error: Exception) -> None:
        """Log the details, which may name files, and send only a text; of an unforeseen error, log only its kind."""
        log.error("reading room: %s: %s", type(error).__name__, error if isinstance(error, StudyError) else text)
        self.send({"is": "trouble", "text": text})


def _seconds_between(earlier: str, later: str) -> float:
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (ValueError, TypeError):  # an invalid stored time
        return 0.0
