"""Encode a message with buffers as one binary websocket frame; messages without buffers are plain JSON text."""

import json
import struct
from collections.abc import Sequence

WHOLE_BINARY = 0x82  # a binary message in one frame (RFC 6455, 5.2)


def framed(message: dict, buffers: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """The consecutive pieces of a binary frame, as sent by a server.

    Four bytes give the length of the JSON that follows, which contains the message and the lengths of its buffers; then
    come the buffers. ``page.js`` decodes it. Nothing is copied, as each case is two megabytes for each of hundreds of
    readers.
    """
    told = json.dumps({"message": message, "lengths": [len(buffer) for buffer in buffers]}).encode()
    head = _head(4 + len(told) + sum(map(len, buffers)))
    return [head + struct.pack("<I", len(told)) + told, *buffers]


def _head(length: int) -> bytes:
    """The shortest possible head of a frame with ``length`` bytes."""
    if length < 126:
        return struct.pack(">BB", WHOLE_BINARY, length)
    if length < 1 << 16:
        return struct.pack(">BBH", WHOLE_BINARY, 126, length)
    return struct.pack(">BBQ", WHOLE_BINARY, 127, length)
