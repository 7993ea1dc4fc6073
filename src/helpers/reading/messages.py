"""What a reader's browser may send: one schema for every message; anything else is refused."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from helpers.errors import ReadingError
from helpers.study.answer import MARKS_LIMIT, NOTE_LIMIT, Milliseconds
from helpers.study.facts import STRICT, Display, Ramp, place_of
from helpers.tables import CUES

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
Location = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Place = Annotated[list[Share], Field(min_length=4, max_length=4)]
ImageNumber = Annotated[int, Field(ge=0, le=9)]


class Plain(TypedDict):
    """A request without arguments: to check whether another window has continued, to agree to the consent text, to
    undo the last answer, to begin or to end a break."""

    __pydantic_config__ = STRICT
    do: Literal["look", "agree", "undo", "pause", "resume"]


class Open(TypedDict):
    """The page has been opened. ``location``: a random name kept by the browser, or made up for this page."""

    __pydantic_config__ = STRICT
    do: Literal["open"]
    location: Location


class Sight(TypedDict):
    """What the browser reports about its display, and the reader about the brightness ramp."""

    __pydantic_config__ = STRICT
    display: Display
    ramp: Ramp


class Shown(TypedDict):
    """A trial's images have been painted. The first one of a sitting, and the first after a change of display, carry
    facts about the display."""

    __pydantic_config__ = STRICT
    do: Literal["shown"]
    trial: Name
    facts: Sight | None


class Mark(TypedDict):
    """An additional mark, as in ``Answered``."""

    __pydantic_config__ = STRICT
    mark: Place
    mark_image: ImageNumber


class Answered(TypedDict):
    """An answer to a trial. ``mark_image`` is the number of the marked image, from 0, in the order in which the images
    were sent, even if the reader had them ``swapped``; ``more_marks`` are additional marks; times in milliseconds."""

    __pydantic_config__ = STRICT
    do: Literal["answer"]
    trial: Name
    submission: Name
    rating: int
    cue: Literal[CUES] | None
    cues: Annotated[list[Literal[CUES]], Field(max_length=len(CUES))]
    note: Annotated[str, Field(max_length=NOTE_LIMIT)] | None
    mark: Place | None
    mark_image: ImageNumber | None
    active_ms: Milliseconds
    idle_ms: Milliseconds
    swapped: NotRequired[bool]
    more_marks: NotRequired[Annotated[list[Mark], Field(max_length=MARKS_LIMIT - 1)]]


KINDS = (Plain, Open, Shown, Answered, Mark, Sight, Display, Ramp)
_MESSAGE = TypeAdapter(Annotated[Plain | Open | Shown | Answered, Field(discriminator="do")])
TOLD = {"note": "note_refused", "active_ms": "times", "idle_ms": "times"}  # invalid field, and the text that says so


class MessageError(ReadingError):
    """A message violates its schema. The error text says where and how, but does not repeat what was sent.

    ``answers``: whether it was an answer. ``notice``: name of the text that tells the reader.
    """

    def __init__(self, fault: str, answers: bool):
        super().__init__(fault)
        field = fault.split(":")[0]
        self.answers, self.notice = answers, TOLD.get(field, "refused") if answers else "trouble_page"


def parsed(message: object) -> dict:
    """The message, if it matches its schema; raises MessageError otherwise."""
    try:
        return _MESSAGE.validate_python(message)
    except ValidationError as error:
        is_answer = isinstance(message, dict) and message.get("do") == "answer"
        raise MessageError(place_of(error, *KINDS), is_answer) from None
    except RecursionError:  # nested deeper than any valid message
        raise MessageError("message: nested", False) from None
