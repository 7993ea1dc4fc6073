"""A server in this process, and a page of it that is driven by hand over a real websocket."""

import asyncio
import http.client
import json
import socket
import struct
import threading
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import connect

from helpers.reading.room import StudyInReading
from helpers.reading.server.handlers import Settings
from helpers.reading.server.serving import Place, serve
from helpers.study.accounts import Account, add_account

PLACE = "1" * 32


class Server:
    """A server of the run ``tiny``; ``ask`` sends a request whose path goes out as it is written."""

    def __init__(self, address: str, settings: Settings):
        self.address, self.settings, self.host = address, settings, urlsplit(address).netloc

    def ask(self, method: str, path: str, body: object = None, **headers) -> tuple[int, bytes, dict]:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body if body is None else json.dumps(body), named)
        reply = connection.getresponse()
        found = reply.status, reply.read(), dict(reply.getheaders())
        connection.close()
        return found

    def enter(self, code: str, **headers) -> tuple[int, str]:
        """State of the reply to an access code, and the cookie that came with it."""
        headers = {"Origin": f"http://{self.host}"} | headers
        state, _, told = self.ask("POST", f"{self.settings.prefix}/door", {"code": code}, **headers)
        return state, told.get("Set-Cookie", "")

    def upgrade(self, host: str, origin: str | None, cookie: str = "", path: str = "/socket") -> int:
        """State of the reply to a request for a websocket, with a Host and an Origin of one's own."""
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
        lines += [f"Origin: {origin}"] * (origin is not None) + [f"Cookie: {cookie.split(';')[0]}"] * bool(cookie)
        with socket.create_connection(self.host.split(":"), timeout=30) as plain:
            plain.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            return int(plain.recv(1000).split()[1])

    @contextmanager
    def page(self, cookie: str = "", origin: str | None = None):
        """A page with its websocket, in the room."""
        headers = {"Cookie": cookie.split(";")[0]} if cookie else {}
        address = f"ws://{self.host}{self.settings.prefix}/socket"
        origin = f"http://{self.host}" if origin is None else origin
        with connect(address, origin=origin, additional_headers=headers, max_size=None, proxy=None) as opened:
            yield Page(opened)


class Page:
    """What a page does on its websocket."""

    def __init__(self, socket):
        self.socket, self.cases = socket, []
        self.values = self.hear()

    def hear(self) -> dict:
        """The next message; those with pixels are kept in ``cases``."""
        frame = self.socket.recv(30)
        if isinstance(frame, str):
            return json.loads(frame)
        (length,) = struct.unpack("<I", frame[:4])
        self.cases.append(json.loads(frame[4 : 4 + length]) | {"pixels": frame[4 + length :]})
        return self.cases[-1]["message"]

    def ask(self, **message) -> dict:
        """The reply to a request: a turn or a trouble."""
        self.socket.send(json.dumps(message))
        while (said := self.hear())["is"] == "case":
            pass
        return said

    def begin(self) -> dict:
        """Open the room and agree to the consent text; returns the turn."""
        self.ask(do="open", location=PLACE)
        return self.ask(do="agree")

    def answer(self, trial: str, submission: str, **chosen) -> dict:
        answer = {"rating": 0, "cue": None, "cues": [], "note": None, "mark": None, "mark_image": None}
        answer |= {"active_ms": 5, "idle_ms": 0} | chosen
        return self.ask(do="answer", trial=trial, submission=submission, **answer)


@pytest.fixture
def serving(run):
    """A function: serve the run with these settings, until the test ends."""
    with ExitStack() as stack:

        def start(reader: str = "", behind_proxy: bool = False, **settings) -> Server:
            settings, told, ready = Settings(StudyInReading("tiny"), reader, **settings), [], threading.Event()
            place = Place("127.0.0.1", behind_proxy=behind_proxy)
            server = serve(settings, place, ready=lambda *said: (told.extend(said), ready.set()))
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_until_complete, args=(server,))
            thread.start()
            assert ready.wait(30)

            def end() -> None:
                loop.call_soon_threadsafe(told[1])
                thread.join(30)

            stack.callback(end)
            served = Server(told[0], settings)
            served.end = end
            return served

        yield start


@pytest.fixture
def code(run):
    """Access code of reader-1."""
    study = StudyInReading("tiny")
    return add_account(study.store, study.plan, Account("reader-1", language="es"))
