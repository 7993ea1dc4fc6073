"""The room in a notebook: the conversation behind the widget, whose own values a page cannot change."""

from helpers.reading.room import open_room


def told(room) -> list[dict]:
    """What the browser is told from now on."""
    messages = []
    room.conversation.send = lambda message, buffers=(): messages.append(message)
    return messages


def test_messages_go_to_the_conversation_and_back(run):
    room = open_room("tiny", "guest", break_every=12)
    said = told(room)
    room._handle_custom_msg({"do": "open", "location": "1" * 32}, [])
    assert [message["is"] for message in said] == ["turn"]
    assert (room.texts, room.seat) == (room.conversation.texts, room.conversation.seat)
    assert room.break_every == 12 and not room.page


def test_what_a_page_makes_of_the_rooms_own_values_is_not_taken_over(run):
    room = open_room("tiny", "guest")
    texts, digest = room.texts, room.conversation.consent_sha256
    update = {"method": "update", "state": {"texts": {"consent": ["I agree to nothing"]}, "break_every": 0}}
    room._handle_msg({"content": {"data": update}})
    room._handle_custom_msg({"do": "agree"}, [])
    assert room.texts == texts and room.break_every > 0 and room.conversation.desk.consent == digest
