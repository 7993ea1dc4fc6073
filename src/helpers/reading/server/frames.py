"""Messages with buffers as one binary frame of a websocket; those without are plain JSON text."""

import json
import struct
from collections.abc import Sequence


def framed(message: dict, buffers: Sequence[bytes] = ()) -> bytes | str:
    """Text for a message alone; else four bytes with the length of the JSON that follows, which has the message and the
    lengths of its buffers, then the buffers. ``page.js`` takes it apart."""
    if not buffers:
        return json.dumps(message)
    head = json.dumps({"message": message, "lengths": [len(buffer) for buffer in buffers]}).encode()
    return b"".join([struct.pack("<I", len(head)), head, *buffers])
