"""Conversion of a reader's answer from a browser's message and back; the browser numbers the images from 0."""

from helpers.errors import ReadingError
from helpers.study.answer import Answer

SAME = ("rating", "cue", "cues", "mark", "active_ms", "idle_ms", "swapped")  # the same in messages and answers


def answer_of(message: dict, places: tuple[str, ...]) -> Answer:
    """The answer in a browser's message (``messages.Answered``), to a trial with these places.

    Raises ReadingError if the parts of the answer are inconsistent.
    """
    given = {name: message[name] for name in SAME if name in message}
    side = None if message["mark_image"] is None else _side_of(message["mark_image"], places)
    more = [(more["mark"], _side_of(more["mark_image"], places)) for more in message.get("more_marks", ())]
    return Answer(cue_text=message["note"], mark_side=side, more_marks=more, **given)


def _side_of(number: int, places: tuple[str, ...]) -> str | None:
    if number not in range(len(places) or 1):
        raise ReadingError(f"mark_image = {number!r}: must be the number of an image, from 0")
    return places[number] if places else None


def given_in(answer: Answer, places: tuple[str, ...]) -> dict:
    """What the browser is sent about an answer that was undone, in the form in which it was sent."""
    marks = [{"mark": list(mark), "mark_image": places.index(side) if places else 0} for mark, side in answer.marks]
    main, *others = marks or [{"mark": None, "mark_image": None}]
    given = {"rating": answer.rating, "cues": list(answer.cues), "note": answer.cue_text, "swapped": answer.swapped}
    return given | main | {"more_marks": others}
