"""The owner's page, in the readers' server: who reads, their progress, and the owner's actions.

It does not exist if the room is served without codes.
"""

import base64
import json
from pathlib import Path

from tornado.web import HTTPError, RequestHandler

from helpers.errors import ReadingError, StudyError
from helpers.reading.script import BROWSER, joined
from helpers.reading.server.attempts import Attempts
from helpers.reading.server.handlers import Door, Fixed, OfRoom, Settings
from helpers.reading.server.owner_actions import Overview, asked_for, carry_out
from helpers.reading.strings import owner_texts
from helpers.study.keepers import OWNER, Keeper, keeper_by_ticket, keeper_ticket

TICKET = "owner-page"  # name of the cookie
HERE = Path(__file__).parent
PAGE = (HERE / "page.html").read_text(encoding="utf-8")
OWNER_FIXED = {
    "": ("text/html; charset=utf-8", PAGE.replace("room.", "owner.").replace('content="dark"', 'content="dark light"')),
    "owner.js": ("text/javascript; charset=utf-8", joined("owner.js", HERE, BROWSER)),
    "owner.css": ("text/css; charset=utf-8", (HERE / "owner.css").read_text(encoding="utf-8")),
}


def owner_routes(settings: Settings) -> list[tuple]:
    """Tornado routes of the page; none if the room is served without codes."""
    if settings.reader:
        return []
    given, place = {"settings": settings}, f"{settings.prefix}/owner"
    seen = given | {"overview": Overview(settings.study)}
    return [
        (rf"{place}/({'|'.join(OWNER_FIXED)})", OwnerFixed, given),
        (rf"{place}/door", OwnerDoor, given),
        (rf"{place}/state", State, seen),
        (rf"{place}/do", Do, seen),
    ]


class OfOwner(OfRoom):
    """What the handlers of the page share."""

    def initialize(self, settings: Settings, overview: Overview | None = None) -> None:
        """Take the server's settings, and the overview that the pages share."""
        super().initialize(settings)
        self.overview = overview

    async def seat(self) -> Keeper:
        """Who has entered; raises ReadingError if nobody has."""
        return await self.room.in_pool(keeper_by_ticket, self.room.study.store, self.get_cookie(TICKET, ""))

    async def keeper(self) -> Keeper:
        """Who has entered; 403 if nobody has."""
        try:
            return await self.seat()
        except StudyError:
            raise HTTPError(403) from None


class OwnerFixed(Fixed):
    """The page, its script and its style."""

    fixed = OWNER_FIXED


class OwnerDoor(OfOwner, Door):
    """The door of the owner's page, with separate codes and a separate count of wrong ones."""

    ticket, place, texts = TICKET, "/owner/", staticmethod(owner_texts)
    told = ("language", "title", "door_code", "door_enter", "door_unknown", "door_closed", "door_wait")

    def attempts(self) -> Attempts:
        """The record of wrong codes used here."""
        return self.room.owner_attempts

    def _ticket(self, code: str) -> str:
        return keeper_ticket(self.room.study.store, code)


class State(OfOwner, RequestHandler):
    """Progress of all readers, requested every few seconds."""

    async def get(self) -> None:
        """Send the readers' rows, with ``here``: whether their page is open at this server."""
        keeper = await self.keeper()
        here = {socket.reader[0] for socket in self.room.sockets}
        rows = await self.room.in_pool(self.overview.rows)
        told = {"name": keeper.name, "role": keeper.role, "may_act": keeper.role == OWNER}
        texts = owner_texts(keeper.language)
        self.finish(told | {"texts": texts, "readers": [row | {"here": row["reader"] in here} for row in rows]})


class Do(OfOwner, RequestHandler):
    """Actions of an owner."""

    def check_xsrf_cookie(self) -> None:
        """Check nothing: a foreign page is recognized by its origin, as at the door."""

    async def post(self) -> None:
        """Carry out a request: 200 and what was done, with the file of an export in base64; 409 and the reason if it
        failed; 403 if it is not permitted; 400 for an invalid request."""
        if not self.comes_from_here():
            raise HTTPError(403)
        keeper = await self.keeper()
        if keeper.role != OWNER:
            raise HTTPError(403)
        try:
            asked = asked_for(json.loads(self.request.body))
        except (ValueError, RecursionError, ReadingError):
            raise HTTPError(400) from None
        try:
            said, file = await self.room.in_pool(carry_out, self.room.study, keeper, asked, self.room.language)
        except StudyError as error:
            self.set_status(409)
            said, file = str(error), b""
        self.overview.forget()
        self.finish({"said": said, "file": base64.b64encode(file).decode(), "name": f"{self.room.study.run}.zip"})
