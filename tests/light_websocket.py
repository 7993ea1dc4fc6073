"""A websocket that costs its process next to nothing: of images it counts the bytes, and only texts are kept.

Hundreds of them in one process beside the server that is measured: what real pages spend on their images is spent on
other machines.
"""

import asyncio
import base64
import json
import os
import struct
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10  # RFC 6455, 5.2
LAST, MASKED, NO_MASK = 0x80, 0x80, bytes(4)
READ = bytearray(1 << 20)  # of all sockets: what is read is dealt with before anything else is


class LightWebsocket(asyncio.BufferedProtocol):
    """``texts`` are what the server said, ``dropped`` the bytes of binary messages."""

    def __init__(self):
        self.texts, self.dropped = asyncio.Queue(), 0
        self.opened = asyncio.get_running_loop().create_future()
        self._kept, self._to_drop = bytearray(), 0

    @classmethod
    async def connect(cls, address: str, cookie: str) -> "LightWebsocket":
        """Open the websocket at ``address`` (http://host:port) of a reader who holds a ticket, as their page does."""
        place = urlsplit(address)
        loop = asyncio.get_running_loop()
        transport, socket = await loop.create_connection(cls, place.hostname, place.port)
        fields = {
            "Host": place.netloc, "Origin": address, "Cookie": cookie, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": 13, "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        }  # fmt: skip
        lines = ["GET /socket HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        transport.write("\r\n".join(lines).encode())
        await socket.opened
        return socket

    def say(self, **message) -> None:
        """Send a message."""
        self._write(TEXT, json.dumps(message).encode())

    def close(self) -> None:
        """Leave."""
        self._write(CLOSE, struct.pack(">H", 1000))
        self.transport.close()

    def _write(self, kind: int, content: bytes) -> None:
        short = len(content) < 126
        length = struct.pack(">B", MASKED | len(content)) if short else struct.pack(">BH", MASKED | 126, len(content))
        self.transport.write(bytes([LAST | kind]) + length + NO_MASK + content)

    def connection_made(self, transport) -> None:
        self.transport = transport

    def connection_lost(self, error) -> None:
        lost = "the server closed the connection"
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(lost))
        self.texts.put_nowait({"is": "trouble", "text": lost})

    def get_buffer(self, _) -> bytearray:
        return READ

    def buffer_updated(self, count: int) -> None:
        dropped = min(self._to_drop, count)
        self._to_drop -= dropped
        self._kept += memoryview(READ)[dropped:count]
        if not self.opened.done():
            if b"\r\n\r\n" not in self._kept:
                return
            head, _, self._kept = self._kept.partition(b"\r\n\r\n")
            if b" 101 " not in head.split(b"\r\n")[0]:
                return self.opened.set_exception(ConnectionError(head.split(b"\r\n")[0].decode()))
            self.opened.set_result(None)
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        """Take the first frame from what was read; False where it is not all there, or is being dropped."""
        kept = self._kept
        if len(kept) < 2:
            return False
        kind, length, start = kept[0] & 15, kept[1], 2
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(kept) < start:
                return False
            length = int.from_bytes(kept[2:start])
        if kind == BINARY:
            self.dropped += length
            self._to_drop = max(0, start + length - len(kept))
        elif len(kept) < start + length:
            return False
        elif kind == TEXT:
            self.texts.put_nowait(json.loads(kept[start : start + length]))
        elif kind == PING:
            self._write(PONG, bytes(kept[start : start + length]))
        del kept[: start + length]
        return len(kept) > 0
