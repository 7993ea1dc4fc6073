"""Listen for readers until the process is told to stop, and then finish saving for all of them."""

import asyncio
import contextlib
import signal
import ssl
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from helpers.errors import ReadingError
from helpers.reading.server.application import MESSAGE_BYTES, application
from helpers.reading.server.handlers import Settings
from helpers.reading.server.socket import GOING_AWAY

GOODBYE_SECONDS = 3.0  # for pages to confirm that they have been notified


@dataclass(frozen=True)
class Place:
    """Where to listen. ``behind_proxy``: trust a proxy's statements on the reader's address and protocol; with a
    ``certificate`` and its ``key`` the server itself uses TLS."""

    ip: str = "localhost"
    port: int = 0
    behind_proxy: bool = False
    certificate: str = ""
    key: str = ""


async def serve(
    settings: Settings,
    place: Place,
    opens_browser: bool = False,
    ready: Callable[[str, Callable[[], None]], None] = lambda address, end: None,
) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is called with the address and a function that also stops the server.

    Raises ReadingError if the address is in use or the certificate cannot be read.
    """
    server = HTTPServer(
        application(settings), xheaders=place.behind_proxy, ssl_options=_tls(place), max_body_size=MESSAGE_BYTES
    )
    try:
        sockets = bind_sockets(place.port, place.ip)
    except OSError as error:
        raise ReadingError(f"{place.ip}:{place.port}: {error.strerror}; choose another --port or --ip") from None
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    address = f"http{'s' if place.certificate else ''}://{place.ip}:{port}{settings.prefix}/"
    print(f"Reading room of run {settings.study.run!r}: {address}   (Ctrl+C ends it)", flush=True)
    if opens_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # a terminal browser blocks
    ended = asyncio.Event()
    ready(address, ended.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not in a thread, not on Windows
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    server.stop()
    for socket in list(settings.sockets):
        async with socket.turn:  # what is being saved is saved and confirmed
            socket.close(GOING_AWAY)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_until_gone(settings), GOODBYE_SECONDS)
    settings.pool.shutdown()
    await server.close_all_connections()


async def _until_gone(settings: Settings) -> None:
    while settings.sockets:
        await asyncio.sleep(0.02)


def _tls(place: Place) -> ssl.SSLContext | None:
    if not place.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(place.certificate, place.key or None)
    except (OSError, ssl.SSLError) as error:
        raise ReadingError(f"--certificate {place.certificate}: cannot be used ({error})") from None
    return context
