"""The pages and the websocket of the reading room, as a Tornado application."""

import re

from tornado.web import Application

from helpers.reading.server.handlers import FIXED, Door, Elsewhere, Fixed, Settings
from helpers.reading.server.owner_page import owner_routes
from helpers.reading.server.socket import Socket

MESSAGE_BYTES = 64 * 1024  # limit of a browser's message; an answer with the longest note takes a tenth
PING_SECONDS = SILENCE_SECONDS = 30


def application(settings: Settings) -> Application:
    """The application that serves a run's readers."""
    given, prefix = {"settings": settings}, settings.prefix
    return Application(
        [
            (rf"{prefix}/({'|'.join(map(re.escape, FIXED))})", Fixed, given),
            (rf"{prefix}/door", Door, given),
            (rf"{prefix}/socket", Socket, given),
            *owner_routes(settings),
        ],
        default_handler_class=Elsewhere,
        default_handler_args=given,
        websocket_max_message_size=MESSAGE_BYTES,
        websocket_ping_interval=PING_SECONDS,
        websocket_ping_timeout=SILENCE_SECONDS,
        log_function=lambda handler: None,
    )
