"""What the server's handlers share, and those that are not websockets: the fixed texts and the door."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler

from helpers.errors import ReadingError
from helpers.reading.room import StudyInReading
from helpers.reading.script import BROWSER, joined
from helpers.reading.server.attempts import Attempts
from helpers.reading.strings import texts
from helpers.reading.widget import BREAK_EVERY, BREAK_MINUTES
from helpers.study.accounts import GROUP, account_of
from helpers.study.tickets import LASTING, account_by_ticket, ticket_for

THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")
TICKET = "reading-room"  # name of the cookie
WORKERS = 16  # threads that wait for the database and read images
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FIXED = {
    "": ("text/html; charset=utf-8", (Path(__file__).with_name("page.html")).read_text(encoding="utf-8")),
    "room.js": ("text/javascript; charset=utf-8", joined("page.js")),
    "room.css": (
        "text/css; charset=utf-8",
        "\n".join((BROWSER / n).read_text("utf-8") for n in ("room.css", "page.css")),
    ),
}

TEXTS = ("language", "room", "door_code", "door_enter", "door_unknown", "door_closed", "door_wait", "door_again")

log = logging.getLogger(__name__)


@dataclass
class Settings:
    """What a server serves: the given ``reader`` without a code, otherwise everyone who has an access code.

    Every path begins with ``prefix`` ("/reading"); ``origin`` is an allowed origin of pages besides the server itself.
    """

    study: StudyInReading
    reader: str = ""
    language: str = "en"
    break_every: int = BREAK_EVERY
    break_minutes: float = BREAK_MINUTES
    prefix: str = ""
    origin: str = ""
    attempts: Attempts = field(default_factory=Attempts)
    owner_attempts: Attempts = field(default_factory=Attempts)  # owner's page; readers cannot use them up
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WORKERS))
    sockets: set = field(default_factory=set)  # of the open rooms

    async def in_pool(self, work, *arguments):
        """The result of ``work``, run in a thread so that waiting for the database does not block others."""
        return await IOLoop.current().run_in_executor(self.pool, work, *arguments)


class OfRoom:
    """What the page, the door and the websocket share; a mixin for Tornado's handlers."""

    def initialize(self, settings: Settings) -> None:
        """Take the server's settings."""
        self.room = settings

    def set_default_headers(self) -> None:
        """Forbid caching, framing and requests to other sites, and do not reveal the server's software."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **_) -> None:
        """Send an error as a number without details."""
        self.finish(f"{status_code}\n")

    def log_exception(self, typ, value, tb) -> None:
        """Log only the kind of an unforeseen error, because its text may contain what was sent."""
        if not isinstance(value, HTTPError):
            log.error("reading room: %s", typ.__name__)

    def prepare(self) -> None:
        """Refuse, in a room without codes, requests under host names other than this computer's: another site's name
        may resolve to this computer (DNS rebinding), and its page would get in."""
        if self.room.reader and self.request.host_name.strip("[]") not in THIS_COMPUTER:
            raise HTTPError(403)

    def comes_from_here(self) -> bool:
        """Whether a page of this server sent the request; browsers state the origin, and no page can choose it."""
        origin, host = self.request.headers.get("Origin"), self.request.host
        return bool(origin) and origin in (f"http://{host}", f"https://{host}", self.room.origin)

    async def seat(self) -> tuple[str, str, str | None]:
        """Reader, language and key of the access code; raises ReadingError without fixed reader or valid ticket."""
        if self.room.reader:
            return self.room.reader, self.room.language, None
        store, ticket = self.room.study.store, self.get_cookie(TICKET, "")
        account = await self.room.in_pool(account_by_ticket, store, ticket)
        return account.reader, account.language, account.key


class Fixed(OfRoom, RequestHandler):
    """The page, its script and its style, the same for everyone."""

    fixed = FIXED

    def get(self, name: str) -> None:
        """Send one of the fixed texts."""
        kind, text = self.fixed[name]
        self.set_header("Content-Type", kind)
        self.finish(text)


class Door(OfRoom, RequestHandler):
    """Whether a browser may enter, and the access code it needs; the cookie ``ticket`` is valid below ``place``."""

    ticket, place, texts, told = TICKET, "/", staticmethod(texts), TEXTS

    def check_xsrf_cookie(self) -> None:
        """Check nothing: a foreign page is recognized by its origin, which it cannot choose; no form can be forged."""

    async def get(self) -> None:
        """Send whether the door is open to this browser, and the door's texts."""
        words = self.texts(self.room.language)
        try:
            is_open = bool(await self.seat())
        except ReadingError:
            is_open = False
        self.finish({"open": is_open, "texts": {name: words[name] for name in self.told}})

    async def post(self) -> None:
        """Take an access code: 204 and a ticket, 403 if it is unknown, 429 if too many were tried."""
        if not self.comes_from_here():
            raise HTTPError(403)
        try:
            code = json.loads(self.request.body)["code"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise HTTPError(400) from None
        if not isinstance(code, str) or not 0 < len(code) <= 100:
            raise HTTPError(403)
        address = self.request.remote_ip or ""
        named = "".join(code.upper().split()).replace("-", "")[:GROUP]  # the open part, as ``account_of`` reads it
        attempts = self.attempts()
        if not attempts.may_try(address, named):
            log.warning("reading room: too many wrong access codes from %s", address)
            raise HTTPError(429)
        try:
            ticket = await self.room.in_pool(self._ticket, code)
        except ReadingError:
            attempts.note_wrong(address, named)
            log.warning("reading room: a wrong access code from %s", address)
            raise HTTPError(403) from None
        secure = self.request.protocol == "https"
        path = f"{self.room.prefix}{self.place}"
        self.set_cookie(
            self.ticket, ticket, max_age=int(LASTING), path=path, httponly=True, samesite="Strict", secure=secure
        )
        self.set_status(204)

    def attempts(self) -> Attempts:
        """The record of wrong codes used here."""
        return self.room.attempts

    def _ticket(self, code: str) -> str:
        store = self.room.study.store
        return ticket_for(store, account_of(store, code))


class Elsewhere(OfRoom, RequestHandler):
    """Any other path."""

    def prepare(self) -> None:
        """Answer every request with 404."""
        super().prepare()
        raise HTTPError(404)
