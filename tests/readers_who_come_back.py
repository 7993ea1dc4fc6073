"""Readers on real websockets who answer without a pause, and servers in processes of their own that can be killed.

A reader does what the page does: it enters its code once, and when the connection is lost it comes back by its ticket,
says who it is, and sends again what was not replied to.
"""

import asyncio
import contextlib
import json
import multiprocessing
import os
import random
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import sqlalchemy as sa
from behind_nginx import free_port
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from helpers.reading.__main__ import main
from helpers.study.schema import EVENTS
from helpers.study.store import Store
from helpers.study.verification import faults_of, record_of

WAIT = 120.0  # seconds that a busy machine may need until a server answers
LOST = (OSError, WebSocketException, asyncio.TimeoutError, EOFError)
CHOSEN = {"rating": 0, "cue": None, "cues": [], "note": None, "mark": None, "mark_image": None}


class RoomProcess:
    """``python -m helpers.reading`` as a process that starts fast, since its modules are loaded once for all."""

    def __init__(self, *arguments: str):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.arguments = [*arguments, "--ip=127.0.0.1", f"--port={self.port}", "--no-browser"]
        self.starter = multiprocessing.get_context("forkserver")
        self.starter.set_forkserver_preload([main.__module__])  # it finds no modules of the tests themselves

    def start(self) -> None:
        self.process = self.starter.Process(target=_serve, args=(self.arguments, _settings()))
        self.process.start()
        deadline = time.monotonic() + WAIT
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/door", timeout=5).close()
                return
            except OSError:
                assert self.process.is_alive() and time.monotonic() < deadline, "the room did not open"
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    @classmethod
    @contextlib.contextmanager
    def serving(cls, *arguments: str) -> Iterator["RoomProcess"]:
        room = cls(*arguments)
        try:
            room.start()
            yield room
        finally:
            room.kill()


def _settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("HELPERS_")}


def _serve(arguments: list[str], settings: dict[str, str]) -> None:
    """Serve with these settings in place of those that were there when the modules were loaded."""
    for name in _settings():
        del os.environ[name]
    os.environ.update(settings)
    main(arguments)


class Reader:
    """Reads at one of several servers, at another one after each lost connection.

    ``acknowledged`` are the trials whose answers were said to be saved, ``codes`` how often the code was entered.
    """

    def __init__(self, name: str, code: str, *addresses: str):
        self.name, self.code, self.addresses = name, code, list(addresses)
        self.chance = random.Random(name)
        self.location = f"{self.chance.getrandbits(128):032x}"
        self.acknowledged, self.codes, self.lost, self.visited = [], 0, 0, Counter()
        self.unanswered: dict | None = None

    def enter(self) -> None:
        """Enter the code at the door, once."""
        request = urllib.request.Request(f"{self.addresses[0]}/door", json.dumps({"code": self.code}).encode())
        request.add_header("Origin", self.addresses[0])
        with urllib.request.urlopen(request, timeout=WAIT) as reply:
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]
        self.codes += 1

    async def read(self, until: asyncio.Event) -> None:
        """Answer case after case until it is time, or none is left; what was on its way is waited for."""
        while not until.is_set() or self.unanswered:
            try:
                if await self._sit(until):
                    return
            except InvalidStatus as refused:
                assert refused.response.status_code != 403, "a code is asked for again"
            except LOST:
                self.lost += 1
            self.addresses.append(self.addresses.pop(0))
            await asyncio.sleep(self.chance.uniform(0.02, 0.1))

    async def _sit(self, until: asyncio.Event) -> bool:
        address = self.addresses[0]
        place, headers = urlsplit(address).netloc, {"Cookie": self.cookie}
        async with connect(
            f"ws://{place}/socket", origin=address, additional_headers=headers, max_size=None, open_timeout=WAIT,
            proxy=None,
        ) as socket:  # fmt: skip
            await _turn(socket, "room")
            self.visited[address] += 1
            turn = await self._ask(socket, {"do": "open", "location": self.location})
            turn = turn if turn["agreed"] else await self._ask(socket, {"do": "agree"})
            while self.unanswered or (turn["trial"] and not until.is_set()):
                turn = await self._answer(socket, turn)
        return turn["trial"] is None or until.is_set()

    async def _answer(self, socket: ClientConnection, turn: dict) -> dict:
        if self.unanswered is None:
            submission = f"{self.chance.getrandbits(128):032x}"
            times = {"active_ms": 5, "idle_ms": 0}
            self.unanswered = {"do": "answer", "trial": turn["trial"], "submission": submission, **CHOSEN, **times}
            await socket.send(json.dumps({"do": "shown", "trial": turn["trial"], "facts": None}))
            await asyncio.sleep(self.chance.uniform(0, 0.02))
        turn = await self._ask(socket, self.unanswered)
        assert turn["notice"] in (None, "two_places"), turn["notice"]
        self.acknowledged.append(self.unanswered["trial"])
        self.unanswered = None
        return turn

    async def _ask(self, socket: ClientConnection, request: dict) -> dict:
        """The turn that replies to a request, which is sent again while the database is away."""
        while True:
            await socket.send(json.dumps(request))
            if (said := await _turn(socket, "turn", "trouble"))["is"] == "turn":
                return said
            await asyncio.sleep(0.2)


async def _turn(socket: ClientConnection, *wanted: str) -> dict:
    async with asyncio.timeout(WAIT):
        while True:
            frame = await socket.recv()
            if isinstance(frame, str) and (said := json.loads(frame))["is"] in wanted:
                return said


def faults_of_answers(store: Store, readers: list[Reader], on_the_way: bool = False) -> list[str]:
    """What is wrong with what is stored: answers that were acknowledged and are lost, or are there twice, or were never
    given, and a record that is not whole. ``on_the_way``: some may be stored and not yet acknowledged, one a reader."""
    rows = store.read(sa.select(EVENTS.c.trial_id).where(EVENTS.c.kind == "answered"))
    stored, faults = Counter(row.trial_id for row in rows), []
    said = Counter(trial for reader in readers for trial in reader.acknowledged)
    sent = {reader.unanswered["trial"] for reader in readers if reader.unanswered} if on_the_way else set()
    faults += [f"lost: {trial}" for trial in said - stored]
    faults += [f"twice: {trial}" for trial, count in (stored + said).items() if stored[trial] > 1 or said[trial] > 1]
    faults += [f"never acknowledged: {trial}" for trial in stored - said if trial not in sent]
    with store.reading() as connection:
        return faults + faults_of(record_of(connection))
