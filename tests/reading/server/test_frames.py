"""A message with pixels is one frame, which the page takes apart again."""

import json
import struct

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from helpers.reading.server.frames import framed


def parsed(pieces: list) -> Frame:
    """The frame, as another program reads it."""
    reader = StreamReader()
    reader.feed_data(b"".join(pieces))
    parsing = Frame.parse(reader.read_exact, mask=False)
    try:
        next(parsing)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("the frame is longer than it says")


def test_pixels_follow_the_message_in_their_order():
    frame = parsed(framed({"is": "case"}, [b"left!", memoryview(b"right")]))
    assert frame.opcode == Opcode.BINARY and frame.fin
    (length,) = struct.unpack("<I", frame.data[:4])
    assert json.loads(frame.data[4 : 4 + length]) == {"message": {"is": "case"}, "lengths": [5, 5]}
    assert frame.data[4 + length :] == b"left!right"


@pytest.mark.parametrize("size", [0, 40, 1000, 70_000])
def test_a_frame_of_any_length_has_the_shortest_head(size):
    frame = parsed(pieces := framed({}, [bytes(size)]))
    assert b"".join(pieces) == frame.serialize(mask=False)


def test_frames_of_images_of_one_size_are_of_one_length():
    one, other = (b"".join(framed({"is": "case"}, [pixels] * 2)) for pixels in (bytes(100), b"x" * 100))
    assert len(one) == len(other)


def test_pixels_are_not_copied():
    pixels = memoryview(bytes(1000))
    assert framed({"is": "case"}, [pixels])[1] is pixels
