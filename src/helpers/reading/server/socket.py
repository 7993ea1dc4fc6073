"""One reader's websocket: the messages of their room, in the order of arrival."""

import asyncio
import contextlib
import json
import logging

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from helpers.errors import ReadingError, StudyError
from helpers.reading.conversation import Conversation
from helpers.reading.server.frames import framed
from helpers.reading.server.handlers import OfRoom

GOING_AWAY, TRY_AGAIN = 1001, 1013  # RFC 6455 and its registry
WAITING = 32  # messages of one reader that may wait for earlier ones

log = logging.getLogger(__name__)


class Socket(OfRoom, WebSocketHandler):
    """Carries the messages between a reader's page and their conversation.

    The first message to the page is ``room``: its texts, ``seat``, and when a break is offered. Without a ticket, or
    from a page of another server, no websocket is opened: the answer is 403, and nothing is stored.
    """

    conversation: Conversation | None = None

    def check_origin(self, origin: str) -> bool:
        """Check the origin again; Tornado skips this for requests without one, so ``get`` has checked all."""
        return self.comes_from_here()

    async def get(self, *arguments, **named) -> None:
        """Open the websocket for a reader who may enter; a page of another server may not, although the browser would
        send the ticket with its request."""
        try:
            self.reader = await self.seat() if self.comes_from_here() else None
        except ReadingError:
            self.reader = None
        if self.reader is None:
            self.set_status(403)
            return
        await super().get(*arguments, **named)

    async def open(self) -> None:
        """Begin the reader's conversation."""
        self.set_nodelay(True)
        self.outbox, self.turn, self.waiting = [], asyncio.Lock(), 0
        self.room.sockets.add(self)
        try:
            async with self.turn:
                await self.room.in_pool(self._begin)
        except StudyError as error:
            self._fail(error, str(error))
        except Exception as error:  # only its kind is logged: its text may name files or contain what was sent
            self._fail(error, "unforeseen")
        else:
            traits = {"texts": self.conversation.texts, "page": True, "seat": self.conversation.seat}
            breaks = {"break_every": self.room.break_every, "break_minutes": self.room.break_minutes}
            await self._write({"is": "room", **traits, **breaks})

    def _begin(self) -> None:
        reader, language, key = self.reader
        self.conversation = self.room.study.conversation(reader, self._keep, language, key)

    def _fail(self, error: Exception, said: str) -> None:
        log.error("reading room: %s: %s", type(error).__name__, said)
        self.close(TRY_AGAIN)

    def _keep(self, message: dict, buffers=()) -> None:
        self.outbox.append((message, buffers))

    async def on_message(self, text: str | bytes) -> None:
        """Pass a message to the conversation, and its replies to the page."""
        if self.waiting >= WAITING:
            log.warning("reading room: a page sends faster than it is answered; its messages are dropped")
            return
        self.waiting += 1
        try:
            async with self.turn:
                if self.conversation is None:
                    return
                await self.room.in_pool(self.conversation.receive, _message(text))
                said, self.outbox = self.outbox, []
                for message, buffers in said:
                    await self._write(message, buffers)
        finally:
            self.waiting -= 1

    async def _write(self, message: dict, buffers=()) -> None:
        """Send a message; if the page has gone, its request is already on the disk."""
        with contextlib.suppress(WebSocketClosedError, StreamClosedError):
            if not buffers:
                await self.write_message(json.dumps(message))
            elif self.ws_connection is not None and not self.ws_connection.is_closing():
                await asyncio.gather(*map(self.ws_connection.stream.write, framed(message, buffers)))

    def on_close(self) -> None:
        """Forget the page."""
        self.room.sockets.discard(self)


def _message(text: str | bytes) -> object:
    """The decoded text; None, which no schema accepts, if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
