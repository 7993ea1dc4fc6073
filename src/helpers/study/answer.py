"""One checked answer of a reader: rating, reasons, note, marks on the image, and times."""

import re
from typing import Annotated, Literal

from pydantic import Field, Strict

from helpers.checks import Several, Share, checked
from helpers.errors import ReadingError
from helpers.tables import CUES
from helpers.tasks import ALL_RATINGS, PLACES, TASKS

LONGEST_MS = 31 * 24 * 3600 * 1000.0  # a month: nobody looks at a case for longer
NOTE_LIMIT = 2000  # characters
MARKS_LIMIT = 20  # per answer
Milliseconds = Annotated[float, Field(ge=0, le=LONGEST_MS, allow_inf_nan=False)]
Place = Annotated[tuple[Share, Share, Share, Share], Strict(False)]
Side = Literal[PLACES]


@checked(ReadingError)
class Answer:
    """A reader's answer: rating, reasons, note, marks, and active and idle time in milliseconds.

    ``cue`` is the main reason and ``cues`` are all reasons, the main one first. ``mark`` says where on the image the
    reason or the finding is: centre x and y, width and height (0 and 0 for a point), as fractions of the image;
    ``mark_side`` says on which of several images. ``more_marks`` are the marks besides this main one, each a place and
    a side; ``marks`` are all of them. ``swapped``: the reader had the images in the opposite order; rating and side
    still refer to the plan's order. Raises ReadingError for a value that no task has or that is out of range, for a
    note without a reason, and for a note with half a character (a lone surrogate), which no file could hold;
    ``check_for`` checks what the trial's own task accepts.
    """

    rating: int
    cue: Literal[CUES] | None = None
    cue_text: Annotated[str, Field(max_length=NOTE_LIMIT)] | None = None
    active_ms: Milliseconds = 0.0
    idle_ms: Milliseconds = 0.0
    cues: Several[Literal[CUES]] = ()
    mark: Place | None = None
    mark_side: Side | None = None
    swapped: bool = False
    more_marks: Annotated[
        Several[Annotated[tuple[Place, Side | None], Strict(False)]], Field(max_length=MARKS_LIMIT - 1)
    ] = ()

    def __post_init__(self):
        if self.rating not in ALL_RATINGS:
            raise ReadingError(f"rating = {self.rating!r}: must be one of {', '.join(map(str, ALL_RATINGS))}")
        if len(set(self.cues)) != len(self.cues):
            raise ReadingError(f"cues = {list(self.cues)}: each must be named once")
        if self.cues and self.cue not in self.cues:
            raise ReadingError(f"cues = {list(self.cues)}: the main reason (cue = {self.cue!r}) must be among them")
        first = () if self.cue is None else (self.cue,)
        object.__setattr__(self, "cues", first + tuple(cue for cue in self.cues if cue != self.cue))
        if self.cue_text is not None and self.cue is None:
            raise ReadingError("cue_text: a note belongs to a main reason; choose one (cue) first")
        if self.mark_side is not None and self.mark is None:
            raise ReadingError(f"mark_side = {self.mark_side!r}: needs a mark")
        if self.more_marks and self.mark is None:
            raise ReadingError("more_marks: need a mark")
        for mark, _ in self.marks:
            if (mark[2] == 0) != (mark[3] == 0):
                raise ReadingError(f"mark = {mark!r}: a box has width and height above 0, a point has neither")

    @property
    def marks(self) -> tuple[tuple[tuple[float, ...], str | None], ...]:
        """All marks, each a place and a side, the main one first."""
        return () if self.mark is None else ((self.mark, self.mark_side), *self.more_marks)

    def check_for(self, name: str) -> None:
        """Raise ReadingError if a task does not accept this answer: its rating, reason or mark."""
        task = TASKS[name]
        if self.rating not in task.means:
            known = ", ".join(map(str, sorted(task.means)))
            raise ReadingError(f"rating = {self.rating}: a {name} trial takes {known}")
        if self.cue is None and task.asks_reason(self.rating):
            raise ReadingError(f"cue: rating {self.rating} of a {name} trial needs its main reason")
        if self.cue is not None and not task.asks_reason(self.rating):
            raise ReadingError(f"cue = {self.cue!r}: rating {self.rating} of a {name} trial has no main reason")
        if self.mark is not None and not task.takes_mark(self.rating):
            raise ReadingError(f"mark: rating {self.rating} of a {name} trial has nothing to mark; leave it out")
        if self.swapped and not task.places:
            raise ReadingError(f"swapped: a {name} trial shows a single image")
        for _, side in self.marks:
            if side not in (task.places or (None,)):
                known = ", ".join(task.places) or "left out"
                raise ReadingError(f"mark_side = {side!r}: in a {name} trial it must be {known}")


def stored_answer(payload: object, task: str) -> tuple[Answer | None, str]:
    """The answer in a stored payload to a trial of a task, and what is wrong with it: blank, "cue_text" if only the
    note is set aside, or the field at fault (the answer is then None)."""
    try:
        return _of_task(payload, task), ""
    except (ReadingError, TypeError) as error:
        word = re.match(r"\w*", str(error))[0]
        fault = word if word in Answer.__dataclass_fields__ else "answer"
    if fault == "cue_text" and payload.get("cue") is not None:
        return stored_answer(payload | {"cue_text": None}, task)[0], fault
    return None, fault


def _of_task(payload: object, task: str) -> Answer:
    answer = Answer(**payload)
    answer.check_for(task)
    return answer
