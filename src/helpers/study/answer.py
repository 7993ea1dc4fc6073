"""One answer of a reader, checked: rating, reasons, note, the mark on the image, and times."""

import math
from dataclasses import dataclass

from helpers.errors import ReadingError
from helpers.tables import CUES
from helpers.tasks import ALL_RATINGS, PLACES

TEXT_LIMIT = 2000  # characters of a note


@dataclass(frozen=True)
class Answer:
    """A reader's answer: rating, reasons, note, mark, and active and idle time in milliseconds.

    ``cue`` is the main reason and ``cues`` are all of them, the main one first. ``mark`` says where on the image the
    reason or the finding is: centre x and y, width and height (0 and 0 for a point), as fractions of the image;
    ``mark_side`` says on which of several images. Raises ReadingError for a value that no task has or outside these
    ranges, and for a note without a reason. What the trial's own task takes, the session checks.
    """

    rating: int
    cue: str | None = None
    cue_text: str | None = None
    active_ms: float = 0.0
    idle_ms: float = 0.0
    cues: tuple[str, ...] = ()
    mark: tuple[float, float, float, float] | None = None
    mark_side: str | None = None

    def __post_init__(self):
        if type(self.rating) is not int or self.rating not in ALL_RATINGS:
            raise ReadingError(f"rating = {self.rating!r}: must be one of {', '.join(map(str, ALL_RATINGS))}")
        self._check_reasons()
        self._check_mark()
        for name in ("active_ms", "idle_ms"):
            value = getattr(self, name)
            if not _is_number(value) or value < 0:
                raise ReadingError(f"{name} = {value!r}: must be milliseconds, 0 or more")

    def _check_reasons(self) -> None:
        if self.cue is not None and self.cue not in CUES:
            raise ReadingError(f"cue = {self.cue!r}: must be one of {', '.join(CUES)}")
        if not isinstance(self.cues, tuple | list):
            raise ReadingError(f"cues = {self.cues!r}: must be a list of reasons")
        named = [cue for cue in self.cues if cue in CUES]
        if len(named) != len(self.cues) or len(set(named)) != len(named):
            raise ReadingError(f"cues = {list(self.cues)}: each must be one of {', '.join(CUES)}, and named once")
        if self.cues and self.cue not in self.cues:
            raise ReadingError(f"cues = {list(self.cues)}: the main reason (cue = {self.cue!r}) must be among them")
        first = () if self.cue is None else (self.cue,)
        object.__setattr__(self, "cues", first + tuple(cue for cue in self.cues if cue != self.cue))
        if self.cue_text is not None and (not isinstance(self.cue_text, str) or len(self.cue_text) > TEXT_LIMIT):
            raise ReadingError(f"cue_text: must be text of at most {TEXT_LIMIT} characters")
        if self.cue_text is not None and self.cue is None:
            raise ReadingError("cue_text: a note belongs to a main reason; choose one (cue) first")

    def _check_mark(self) -> None:
        if self.mark_side is not None and (self.mark is None or self.mark_side not in PLACES):
            raise ReadingError(f"mark_side = {self.mark_side!r}: must be one of {', '.join(PLACES)}, beside a mark")
        if self.mark is None:
            return
        numbers = isinstance(self.mark, tuple | list) and len(self.mark) == 4 and all(map(_is_number, self.mark))
        if not numbers or not all(0 <= value <= 1 for value in self.mark):
            raise ReadingError(f"mark = {self.mark!r}: must be x, y, width and height as fractions 0 to 1 of the image")
        if (self.mark[2] == 0) != (self.mark[3] == 0):
            raise ReadingError(f"mark = {self.mark!r}: a box has width and height above 0, a point has neither")
        object.__setattr__(self, "mark", tuple(self.mark))


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
