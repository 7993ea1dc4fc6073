"""A message of a browser is one of a few forms, to the letter; what breaks them is told without its content."""

import pytest

from helpers.reading.messages import MessageError, parsed

ANSWER = {
    "do": "answer", "trial": "t-1", "submission": "s-1", "rating": 1, "cue": None, "cues": [], "note": None,
    "mark": None, "mark_image": None, "active_ms": 10, "idle_ms": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [{"do": "look"}, {"do": "open", "location": "0" * 32}, {"do": "shown", "trial": "t-1", "facts": None}, ANSWER],
)
def test_sound_messages_come_back_as_they_are(message):
    assert parsed(message) == message


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (None, "message: "),
        ({"do": "export"}, "message: union_tag_invalid"),
        ({"do": "look", "truth": 1}, "message: extra_forbidden"),
        ({"do": "open", "location": "../../etc"}, "location: string_pattern_mismatch"),
        (ANSWER | {"rating": "1"}, "rating: int_type"),
        (ANSWER | {"mark": [0.0, 0.0, 1.0, float("inf")]}, "mark: "),
        (ANSWER | {"active_ms": 1e308}, "active_ms: "),
    ],
)
def test_a_fault_is_told_by_field_and_kind(message, fault):
    with pytest.raises(MessageError, match=fault) as caught:
        parsed(message)
    assert caught.value.answers == (isinstance(message, dict) and message.get("do") == "answer")


def test_a_reader_is_told_which_part_of_an_answer_was_refused():
    for field, value, notice in (("note", 7, "note_refused"), ("idle_ms", -1, "times"), ("rating", None, "refused")):
        with pytest.raises(MessageError) as caught:
            parsed(ANSWER | {field: value})
        assert caught.value.notice == notice
    with pytest.raises(MessageError) as caught:
        parsed({"do": "open", "location": ""})
    assert caught.value.notice == "trouble_page"
