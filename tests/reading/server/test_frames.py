"""A message with pixels is one frame, which the page takes apart again."""

import json
import struct

from helpers.reading.server.frames import framed


def test_a_message_alone_is_text():
    assert json.loads(framed({"is": "turn"})) == {"is": "turn"}


def test_pixels_follow_the_message_in_their_order():
    frame = framed({"is": "case"}, [b"left!", b"right"])
    (length,) = struct.unpack("<I", frame[:4])
    assert json.loads(frame[4 : 4 + length]) == {"message": {"is": "case"}, "lengths": [5, 5]}
    assert frame[4 + length :] == b"left!right"


def test_frames_of_images_of_one_size_are_of_one_length():
    assert len(framed({"is": "case"}, [bytes(100)] * 2)) == len(framed({"is": "case"}, [b"x" * 100] * 2))
