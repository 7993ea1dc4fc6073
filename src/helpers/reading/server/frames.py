"""Messages with buffers as one binary frame of a websocket; those without are plain JSON text."""

import json
import struct
from collections.abc import Sequence

WHOLE_BINARY = 0x82  # a binary message in one frame (RFC 6455, 5.2)


def framed(message: dict, buffers: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """The pieces of a binary frame, one after another, as a server sends it.

    Four bytes have the length of the JSON that follows, which has the message and the lengths of its buffers, then come
    the buffers; ``page.js`` takes it apart. Nothing is copied: hundreds of readers are sent two megabytes a case each.
    """
    told = json.dumps({"message": message, "lengths": [len(buffer) for buffer in buffers]}).encode()
    head = _head(4 + len(told) + sum(map(len, buffers)))
    return [head + struct.pack("<I", len(told)) + told, *buffers]


def _head(length: int) -> bytes:
    """The head of a frame of so many bytes, in as few of its own as there can be."""
    if length < 126:
        return struct.pack(">BB", WHOLE_BINARY, length)
    if length < 1 << 16:
        return struct.pack(">BBH", WHOLE_BINARY, 126, length)
    return struct.pack(">BBQ", WHOLE_BINARY, 127, length)
