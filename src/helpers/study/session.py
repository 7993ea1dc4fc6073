"""One reader's session as a pure state machine: trials in, events out; the event log alone gives the state."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import accumulate

from helpers.errors import ReadingError, StaleError
from helpers.study.answer import Answer
from helpers.study.trials import Trial
from helpers.tasks import TASKS

KINDS = ("presented", "answered", "undone", "paused", "resumed", "closed")
PAYLOAD_LIMIT = 4000  # characters of JSON


@dataclass(frozen=True)
class Event:
    """One thing that happened in a session; ``at`` is ISO 8601 with time zone, ``payload`` is JSON-ready."""

    kind: str
    trial_id: str | None
    submission_id: str | None
    payload: dict = field(default_factory=dict)
    at: str = ""

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ReadingError(f"event kind {self.kind!r}: must be one of {', '.join(KINDS)}")


class Session:
    """State of one reader's reading.

    The methods ``present``, ``answer``, ``undo``, ``pause``, ``resume`` and ``close`` change nothing: they return
    the Event that would follow (or None where nothing would change). They raise StaleError where it may not because
    the session stands elsewhere by now, and any other ReadingError where it never may.
    ``apply`` takes an event into the state. Replaying the log gives the same state. ``practice`` holds the right
    answer of practice trials, for ``feedback``; of other trials a session does not know what is right.
    """

    def __init__(
        self, trials: Iterable[Trial], events: Iterable[Event] = (), practice: Mapping[str, str] | None = None
    ):
        self.trials = tuple(sorted(trials, key=lambda trial: trial.position))
        if len({trial.trial_id for trial in self.trials}) != len(self.trials):
            raise ReadingError("two trials of this session have one trial_id; make the plan again (06_study_plan)")
        self._index = {trial.trial_id: index for index, trial in enumerate(self.trials)}
        self._practice_before = tuple(accumulate((trial.is_practice for trial in self.trials), initial=0))
        self._practice = dict(practice or {})
        self.tasks = tuple(dict.fromkeys(trial.task for trial in self.trials))  # in the order they come
        self._answers: list[Answer] = []  # of the first len(_answers) trials
        self._submissions: dict[str, str] = {}  # submission_id -> trial_id, undone ones included
        self._can_undo = False
        self.is_paused = False
        self.is_closed = False
        for event in events:
            self.apply(event)

    @property
    def total(self) -> int:
        """Number of trials, practice and repeats included."""
        return len(self.trials)

    @property
    def answered(self) -> int:
        """Number of trials with a valid answer."""
        return len(self._answers)

    @property
    def current(self) -> Trial | None:
        """The trial to be answered next; None when all are answered or the session is closed."""
        return None if self.is_closed or self.answered == self.total else self.trials[self.answered]

    @property
    def position(self) -> int:
        """1-based place of the current trial; the total when there is none left."""
        return min(self.answered + 1, self.total)

    @property
    def practice_total(self) -> int:
        """Number of practice trials."""
        return self._practice_before[-1]

    @property
    def place(self) -> tuple[int, int] | None:
        """Number of the current trial and the total, among practice trials or among the others. None when none is."""
        if self.current is None:
            return None
        practice = self._practice_before[self.answered]
        if self.current.is_practice:
            return practice + 1, self.practice_total
        return self.answered - practice + 1, self.total - self.practice_total

    @property
    def is_finished(self) -> bool:
        """True when every trial has its answer."""
        return self.answered == self.total

    @property
    def can_undo(self) -> bool:
        """True when the last answer may be taken back: once only, and not after the session is closed."""
        return self._can_undo and not self.is_closed

    @property
    def answers(self) -> dict[str, Answer]:
        """Valid answers by trial_id, in the order of the trials."""
        return {trial.trial_id: answer for trial, answer in zip(self.trials, self._answers, strict=False)}

    def upcoming(self, count: int) -> tuple[Trial, ...]:
        """The next trials after the current one, at most ``count``, to be fetched ahead."""
        return () if self.is_closed else self.trials[self.answered + 1 : self.answered + 1 + count]

    def feedback(self, trial_id: str) -> dict | None:
        """What was right in a practice trial, once it is answered: ``truth``, the name of the right answer, and
        ``correct`` (True, False, None where undecided). None for any other trial, and before the answer."""
        index = self._index.get(trial_id, self.total)
        if index >= self.answered or trial_id not in self._practice or not self.trials[index].is_practice:
            return None
        right = self._practice[trial_id]
        claim = TASKS[self.trials[index].task].means[self._answers[index].rating]
        return {"truth": right, "correct": None if claim is None else claim == right}

    def present(self, at: str, payload: Mapping | None = None) -> Event:
        """The current trial is on the screen; ``payload`` may hold facts of the display.

        Raises StaleError when no trial is left, and ReadingError when the payload is not plain JSON of at most 4,000
        characters.
        """
        if self.current is None:
            raise StaleError("there is no trial left to present")
        try:
            size = len(json.dumps(dict(payload or {}), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise ReadingError(f"payload: must be plain JSON ({error})") from error
        if size > PAYLOAD_LIMIT:
            raise ReadingError(f"payload: {size} characters of JSON, at most {PAYLOAD_LIMIT} are kept")
        return Event("presented", self.current.trial_id, None, dict(payload or {}), at)

    def answer(self, trial_id: str, submission_id: str, answer: Answer, at: str) -> Event | None:
        """The current trial is answered; None when this submission is already known (sent twice).

        Raises StaleError for a trial of the session that is not the current one and where the session is paused or
        closed; ReadingError for an unknown trial, a missing or misplaced reason and a submission_id used for another
        trial.
        """
        if not submission_id:
            raise ReadingError("submission_id: must not be empty")
        if submission_id in self._submissions:
            if self._submissions[submission_id] != trial_id:
                raise ReadingError(f"submission {submission_id!r} already answers another trial; send a new one")
            return None
        event = Event("answered", trial_id, submission_id, asdict(answer), at)
        self._check(event)
        return event

    def undo(self, at: str) -> Event:
        """The last answer is taken back, and its trial is current again."""
        last = self.trials[self.answered - 1].trial_id if self.answered else None
        return self._checked(Event("undone", last, None, {}, at))

    def pause(self, at: str) -> Event | None:
        """A break begins; None when there is one already."""
        return None if self.is_paused else self._checked(Event("paused", None, None, {}, at))

    def resume(self, at: str) -> Event | None:
        """The break ends; None when there is none."""
        return self._checked(Event("resumed", None, None, {}, at)) if self.is_paused else None

    def close(self, at: str) -> Event | None:
        """The session ends permanently; None when it has ended already."""
        return None if self.is_closed else Event("closed", None, None, {}, at)

    def apply(self, event: Event) -> None:
        """Take an event into the state; raises ReadingError when it cannot follow, and then changes nothing."""
        if event.kind == "answered" and self._submissions.get(event.submission_id) == event.trial_id:
            return
        answer = self._check(event)
        if event.kind == "answered":
            self._answers.append(answer)
            self._submissions[event.submission_id] = event.trial_id
            self._can_undo = True
        elif event.kind == "undone":
            self._answers.pop()
            self._can_undo = False
        elif event.kind in ("paused", "resumed"):
            self.is_paused = event.kind == "paused"
        elif event.kind == "closed":
            self.is_closed = True

    def _checked(self, event: Event) -> Event:
        self._check(event)
        return event

    def _check(self, event: Event) -> Answer | None:
        """The answer of an event that may follow, None where it is another event; ReadingError where it may not."""
        if self.is_closed and event.kind != "closed":
            raise StaleError(f"the session is closed: nothing can be {event.kind} any more")
        if event.kind == "answered":
            return self._check_answer(event)
        if event.kind == "undone":
            if not self._can_undo:
                raise StaleError("only the last answer can be undone, and only once")
            if event.trial_id != self.trials[self.answered - 1].trial_id:
                raise StaleError(f"trial {event.trial_id!r} is not the last one answered; it cannot be undone")
        return None

    def _check_answer(self, event: Event) -> Answer:
        if self.is_paused:
            raise StaleError("the session is paused; resume it before answering")
        if event.trial_id not in self._index:
            raise ReadingError(f"trial {event.trial_id!r} is not in this session; open the reading room again")
        if self.current is None or event.trial_id != self.current.trial_id:
            shown = self.current.trial_id if self.current else "none, all are answered"
            raise StaleError(f"trial {event.trial_id!r} is not the current one ({shown}); reload the session")
        if event.submission_id in self._submissions:
            raise ReadingError(f"submission {event.submission_id!r} already answers another trial; send a new one")
        answer = Answer(**event.payload)
        answer.check_for(self.current.task)
        return answer
