"""How many people can read at once: ``python benchmarks/many_readers.py``. Prints a Markdown table; takes ten minutes.

It runs a real server, and one websocket for each reader, all driven from one other process: each reader opens the page
with a ticket, agrees, shows the first case, then answers every ``EVERY`` seconds. In every turn a commit waits for the
disk, first with SQLite and then, if PostgreSQL is installed, with a server that is started for it. Separately, pages of
people without a code come and go.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import sys
import tempfile
import time
import urllib.request

import numpy as np
import psutil
import sqlalchemy as sa

from helpers.reading.room import open_study
from helpers.reading.served import served
from helpers.runs import PROJECT, Run
from helpers.study.accounts import SIGNS
from helpers.study.events import now
from helpers.study.schema import ACCOUNTS
from helpers.study.store import Store
from helpers.study.tickets import LASTING, sealed_ticket

sys.path.insert(0, str(PROJECT / "tests"))
from light_websocket import LightWebsocket
from server_of_its_own import postgresql_server, process_at, programs
from study_of_pairs import make_study

EVERY, ANSWERS, VISITS = 2.0, 10, 2000
ASKS_WHY = {"rating": 0, "cue": None, "cues": [], "note": None, "mark": None, "mark_image": None}


async def turn_of(socket: LightWebsocket) -> dict:
    """The next turn."""
    while "trial" not in (said := await socket.texts.get()):
        if said["is"] == "trouble":
            raise RuntimeError(f"the room is in trouble: {said['text']}")
    return said


class Reader:
    """A reader's page, without a screen."""

    def __init__(self, address: str, ticket: str):
        self.address, self.ticket, self.times = address, ticket, []

    async def enter(self, name: int) -> None:
        """Go from the page to the first case."""
        self.socket = await LightWebsocket.connect(self.address, f"reading-room={self.ticket}")
        self.socket.say(do="open", location=f"{name:032x}")
        await turn_of(self.socket)
        self.socket.say(do="agree")
        self.turn = await turn_of(self.socket)

    async def read(self, chance: np.random.Generator) -> None:
        """Answer ``ANSWERS`` cases, not in step with the other readers."""
        await asyncio.sleep(chance.uniform(0, EVERY))
        for number in range(ANSWERS):
            self.socket.say(do="shown", trial=self.turn["trial"], facts=None)
            await asyncio.sleep(EVERY)
            answer = ASKS_WHY | {"active_ms": 5, "idle_ms": 0, "submission": f"s{number}"}
            start = time.perf_counter()
            self.socket.say(do="answer", trial=self.turn["trial"], **answer)
            self.turn = await turn_of(self.socket)
            self.times.append(1000 * (time.perf_counter() - start))


async def reading(address: str, tickets: list[str], server: psutil.Process) -> dict[str, float]:
    """Let all readers enter at once and read; returns how long both took."""
    readers, before = [Reader(address, ticket) for ticket in tickets], server.memory_info().rss
    start = time.perf_counter()
    await asyncio.gather(*(reader.enter(number) for number, reader in enumerate(readers)))
    entered, memory = time.perf_counter() - start, server.memory_info().rss - before
    busy = sum(server.cpu_times()[:2])
    await asyncio.gather(*(reader.read(np.random.default_rng(number)) for number, reader in enumerate(readers)))
    times = [time for reader in readers for time in reader.times]
    for reader in readers:
        reader.socket.close()
    found = {"entered": entered, "megabytes": memory / 2**20 / len(readers), "median": statistics.median(times)}
    found["cpu"] = 1000 * (sum(server.cpu_times()[:2]) - busy) / len(times)
    return found | {"late": float(np.percentile(times, 95))}


def tickets_of(store: Store, names: list[str]) -> list[str]:
    """Create accounts and return a ticket for each; hashing codes that nobody types would take a third of a minute."""
    told = {"language": "en", "made_at": now()}
    keys = [{"salt": secrets.token_hex(16), "digest": secrets.token_hex(32)} for _ in names]
    accounts = [
        {"reader": name, "code_name": f"{SIGNS[n // 31 % 31]}{SIGNS[n % 31]}22"} for n, name in enumerate(names)
    ]
    with store.writing() as connection:
        connection.execute(ACCOUNTS.insert(), [a | key | told for a, key in zip(accounts, keys, strict=True)])
    return [sealed_ticket(row, int(time.time() + LASTING)) for row in store.read(sa.select(ACCOUNTS))]


def with_readers(count: int, kind: str, size: int) -> list:
    """One line of the table: ``count`` readers in a run and a database of their own."""
    names = [f"reader-{number}" for number in range(count)]
    run = make_study(f"readers-{count}-{kind}", names, 2 * ANSWERS, size)
    _, store = open_study(run.name)
    tickets = tickets_of(store, names)
    with served("helpers.reading", f"--run={run.name}", folder=PROJECT, ready="/door") as address:
        found = asyncio.run(reading(address, tickets, process_at(address)))
    answers = [event for name in names for event in store.events(name) if event.kind == "answered"]
    wrong = abs(len(answers) - count * ANSWERS) + len(answers) - len({event.trial_id for event in answers})
    store.dispose()
    figures = [f"{found[name]:.1f}" for name in ("entered", "megabytes", "median", "late", "cpu")]
    return [kind, count, *figures, wrong]


def visits(run: Run) -> tuple[float, float]:
    """Megabytes, and threads and files, that ``VISITS`` visits to the page without a code leave behind."""
    with served("helpers.reading", f"--run={run.name}", folder=PROJECT, ready="/door") as address:
        server = process_at(address)

        def left() -> np.ndarray:
            return np.array([server.memory_info().rss / 2**20, server.num_threads() + server.num_fds()])

        for number in range(VISITS):
            if number == 100:  # what the first visits leave serves all others
                before = left()
            for path in ("/", "/room.js", "/room.css", "/door"):
                urllib.request.urlopen(address + path).read()
        return tuple(left() - before)


def lines_of(counts: list[int], kind: str, size: int) -> None:
    for count in counts:
        print("|", " | ".join(map(str, with_readers(count, kind, size))), "|", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, nargs="+", default=[20, 200, 300])
    parser.add_argument("--size", type=int, default=1024, help="pixels along a side of an image")
    parser.add_argument("--databases", nargs="+", choices=("SQLite", "PostgreSQL"), default=["SQLite", "PostgreSQL"])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["HELPERS_WORKSPACE"] = workspace
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the beginning, {chosen.size} pixels\n")
        print("| database | readers | s until all are in | MB each ", end="")
        print("| answer: median ms | 95 % ms | processor ms | lost or doubled |")
        print("|---" * 8 + "|")
        if "SQLite" in chosen.databases:
            lines_of(chosen.readers, "SQLite", chosen.size)
        if "PostgreSQL" in chosen.databases and (programs() / "initdb").is_file():
            os.environ["HELPERS_TESTS_ON_DISK"] = "1"  # its commits wait for the disk
            with postgresql_server() as new_database:
                for count in chosen.readers:
                    os.environ["HELPERS_DATABASE"] = new_database()
                    lines_of([count], "PostgreSQL", chosen.size)
            del os.environ["HELPERS_DATABASE"]
        run = make_study("visits", ["reader-0"], 2 * ANSWERS, 64)
        store = open_study(run.name)[1]
        tickets_of(store, ["reader-0"])  # the room does not open without anybody who may enter
        store.dispose()
        megabytes, handles = visits(run)
        print(f"\n{VISITS:,} visits without a code leave {megabytes:.1f} MB and {handles:.0f} threads and files.")


if __name__ == "__main__":
    main()
