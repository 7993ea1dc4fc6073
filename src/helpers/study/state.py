"""The state of one reader's session, derived from the event log alone."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from helpers.errors import ReadingError, StaleError
from helpers.study.answer import Answer, stored_answer
from helpers.study.events import KINDS, Event, SetAside
from helpers.study.facts import Facts, checked_facts
from helpers.study.trials import Trial
from helpers.tasks import TASKS


class State:
    """State of one reader's reading.

    ``apply`` updates the state with an event. Replaying the log gives the same state. Answers are bound to their
    trials: if the plan has been extended, earlier answers still stand. ``practice`` holds the right answers of practice
    trials, for ``feedback``; a session does not know those of other trials.
    """

    def __init__(
        self, trials: Iterable[Trial], events: Iterable[Event] = (), practice: Mapping[str, str] | None = None
    ):
        self.trials = tuple(sorted(trials, key=lambda trial: trial.position))
        if len({trial.trial_id for trial in self.trials}) != len(self.trials):
            raise ReadingError("two trials of this session have one trial_id; make the plan again (06_study_plan)")
        self._index = {trial.trial_id: index for index, trial in enumerate(self.trials)}
        self.practice_total = sum(trial.is_practice for trial in self.trials)
        self._practice = dict(practice or {})
        self.tasks = tuple(dict.fromkeys(trial.task for trial in self.trials))  # in the order they come
        self._answers: dict[str, Answer | None] = {}  # in the order given; None for one that is set aside
        self._submissions: dict[str, str] = {}  # submission_id -> trial_id, undone ones included
        self.submitted: dict[str, str] = {}  # trial_id -> moment of its last answer
        self._next = 0  # index of the first trial without an answer
        self._practice_answered = 0
        self._can_undo = False
        self.taken_back: tuple[str | None, Answer | None] = (None, None)  # trial_id, answer, until the next answer
        self.is_paused = self.is_closed = self.is_withdrawn = False
        self.shown_at: str | None = None  # when the current trial was first on the screen
        self.consent: str | None = None  # digest of the text that was agreed to last
        self.location: str | None = None  # where the reader sits, an opaque name
        self.together: list[str] = []  # moments at which another location joined one that was at work
        self.sittings: list[tuple[str, Facts]] = []  # moment and facts of the display
        self.set_aside: list[SetAside] = []
        self.seen = 0  # events taken in from the store
        self.last_at: str | None = None
        self.take_in(events)

    @property
    def total(self) -> int:
        """Number of trials, practice and repeats included."""
        return len(self.trials)

    @property
    def answered(self) -> int:
        """Number of trials that have been answered."""
        return len(self._answers)

    @property
    def current(self) -> Trial | None:
        """The trial to be answered next; None if all are answered or the session is closed."""
        return None if self.is_closed or self._next == self.total else self.trials[self._next]

    @property
    def position(self) -> int:
        """1-based place of the current trial; the total if none is left."""
        return min(self._next + 1, self.total)

    @property
    def place(self) -> tuple[int, int] | None:
        """Number of the current trial and the total, among practice or among other trials; None if none is left."""
        if self.current is None:
            return None
        if self.current.is_practice:
            return self._practice_answered + 1, self.practice_total
        return self.answered - self._practice_answered + 1, self.total - self.practice_total

    @property
    def is_finished(self) -> bool:
        """True if every trial has an answer."""
        return self.answered == self.total

    @property
    def can_undo(self) -> bool:
        """True if the last answer may be taken back: once only, and not after the session is closed."""
        return self._can_undo and not self.is_closed

    @property
    def answers(self) -> dict[str, Answer]:
        """Valid answers by trial_id, in the order in which they were given."""
        return {trial_id: answer for trial_id, answer in self._answers.items() if answer is not None}

    def upcoming(self, count: int) -> tuple[Trial, ...]:
        """The next trials after the current one, at most ``count``, to be fetched in advance."""
        following = (trial for trial in self.trials[self._next + 1 :] if trial.trial_id not in self._answers)
        return () if self.is_closed else tuple(islice(following, count))

    def feedback(self, trial_id: str) -> dict | None:
        """What was right in a practice trial, once it is answered: ``truth``, the name of the right answer, and
        ``correct`` (True, False, None if undecided). None for any other trial, and before the answer."""
        answer, index = self._answers.get(trial_id), self._index.get(trial_id)
        if answer is None or trial_id not in self._practice or not self.trials[index].is_practice:
            return None
        right = self._practice[trial_id]
        claim = TASKS[self.trials[index].task].means[answer.rating]
        return {"truth": right, "correct": None if claim is None else claim == right}

    def take_in(self, events: Iterable[Event]) -> None:
        """Update the state with stored events; those malformed or out of sequence are listed in ``set_aside``.

        The trial of an answer that is set aside is neither asked again nor counted.
        """
        for event in events:
            self.seen += 1
            try:
                self.apply(event)
            except ReadingError:
                kind = event.kind if event.kind in KINDS else "an unknown event"
                self._put_aside(event, f"{kind}: cannot follow what stands before it")

    def apply(self, event: Event) -> None:
        """Update the state with an event; raises ReadingError, and changes nothing, if the event cannot follow."""
        if event.kind == "answered" and self._submissions.get(event.submission_id) == event.trial_id:
            return
        self._check(event)
        if event.kind in ("paused", "resumed"):
            self.is_paused = event.kind == "paused"
        elif event.kind in ("closed", "reopened"):
            self.is_closed = event.kind == "closed"
        elif event.kind == "withdrawn":
            self.is_closed = self.is_withdrawn = True
        else:
            getattr(self, f"_apply_{event.kind}")(event)
        self.last_at = event.at or None

    def _apply_entered(self, event: Event) -> None:
        location = self._word(event, "location", r"[0-9a-f]{32}")
        self.location = location or self.location
        self.together += [event.at] if location and event.payload.get("together") is True else []

    def _apply_agreed(self, event: Event) -> None:
        self.consent = self._word(event, "sha256", r"[0-9a-f]{64}") or self.consent

    def _apply_presented(self, event: Event) -> None:
        if self.current is not None and event.trial_id == self.current.trial_id:
            self.shown_at = self.shown_at or event.at
        if event.payload == {}:
            return
        try:
            facts = checked_facts(event.payload)
        except ReadingError as error:
            return self._put_aside(event, str(error))
        self.consent = facts.get("consent_sha256") or self.consent
        self.sittings.append((event.at, facts))

    def _apply_answered(self, event: Event) -> None:
        trial = self.trials[self._index[event.trial_id]]
        answer, fault = stored_answer(event.payload, trial.task)
        if fault:
            self._put_aside(event, "the note, not the answer" if answer else f"the answer ({fault})")
        self._answers[event.trial_id], self.submitted[event.trial_id] = answer, event.at
        self.taken_back = (None, None)
        self._submissions[event.submission_id] = event.trial_id
        self._practice_answered += trial.is_practice
        self._move_on(can_undo=True)

    def _apply_undone(self, event: Event) -> None:
        self.taken_back = self._answers.popitem()
        index = self._index[event.trial_id]
        self._practice_answered -= self.trials[index].is_practice
        self._next = min(self._next, index)
        self._move_on(can_undo=False)

    def _move_on(self, can_undo: bool) -> None:
        while self._next < self.total and self.trials[self._next].trial_id in self._answers:
            self._next += 1
        self._can_undo, self.shown_at = can_undo, None

    def _word(self, event: Event, name: str, pattern: str) -> str | None:
        """A word of the payload that matches ``pattern``; None if it does not, which is listed in ``set_aside``."""
        word = event.payload.get(name) if isinstance(event.payload, dict) else None
        if isinstance(word, str) and re.fullmatch(pattern, word):
            return word
        self._put_aside(event, f"{event.kind}: {name} is not sound")
        return None

    def _put_aside(self, event: Event, why: str) -> None:
        self.set_aside.append(SetAside(self.seen, event.trial_id, why))

    def _check(self, event: Event) -> None:
        """Raise ReadingError if an event may not follow."""
        if event.kind not in KINDS:
            raise ReadingError(f"event kind {event.kind!r}: must be one of {', '.join(KINDS)}")
        if event.kind == "reopened" and (self.is_withdrawn or not self.is_closed):
            raise StaleError("only a closed session can be reopened, and none whose reader has withdrawn")
        if self.is_closed and event.kind not in ("closed", "reopened", "withdrawn"):
            raise StaleError(f"the session is closed: nothing can be {event.kind} any more")
        if event.kind == "undone":
            if not self._can_undo:
                raise StaleError("only the last answer can be undone, and only once")
            if event.trial_id != next(reversed(self._answers), None):
                raise StaleError(f"trial {event.trial_id!r} is not the last one answered; it cannot be undone")
        if event.kind == "answered":
            if event.trial_id not in self._index:
                raise ReadingError(f"trial {event.trial_id!r} is not in this session; open the reading room again")
            if event.trial_id in self._answers:
                raise StaleError(f"trial {event.trial_id!r} has been answered; reload the session")
            if event.submission_id in self._submissions:
                raise ReadingError(f"submission {event.submission_id!r} already answers another trial; send a new one")
