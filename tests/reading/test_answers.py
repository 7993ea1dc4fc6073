"""What a browser sends becomes an answer, and an answer what it had sent."""

import pytest

from helpers.errors import ReadingError
from helpers.reading.answers import answer_of, given_in

SENT = {
    "rating": 1,
    "cue": "other",
    "cues": ["other"],
    "note": "edge",
    "active_ms": 900,
    "idle_ms": 0,
    "swapped": False,
}
BOX, POINT = [0.25, 0.5, 0.125, 0.25], [0.5, 0.5, 0.0, 0.0]


@pytest.mark.parametrize(
    ("places", "marks"),
    [
        (("left", "right"), []),
        (("left", "right"), [(BOX, 1)]),
        (("left", "right"), [(POINT, 0), (BOX, 1), (POINT, 1)]),
        ((), [(BOX, 0), (POINT, 0)]),
    ],
)
def test_what_is_brought_back_is_what_was_sent(places, marks):
    named = [{"mark": mark, "mark_image": number} for mark, number in marks]
    main, *others = named or [{"mark": None, "mark_image": None}]
    sent = SENT | main | {"more_marks": others}
    answer = answer_of(sent, places)
    assert [side for _, side in answer.marks] == [places[number] if places else None for _, number in marks]
    given = given_in(answer, places)
    assert given == {name: sent[name] for name in given} and "more_marks" in given


@pytest.mark.parametrize("image", [2, -1])
@pytest.mark.parametrize("is_main", [True, False])
def test_a_mark_on_an_image_that_is_not_there_is_refused(image, is_main):
    right, wrong = {"mark": POINT, "mark_image": 0}, {"mark": POINT, "mark_image": image}
    sent = SENT | (wrong if is_main else right | {"more_marks": [wrong]})
    with pytest.raises(ReadingError, match="mark_image"):
        answer_of(sent, ("left", "right"))
