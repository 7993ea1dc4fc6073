"""A server that is killed while people answer: nobody types a code again, and nothing is lost or doubled.

``scripts/kills.py`` kills a server two hundred times.
"""

import asyncio

import pytest
from readers_who_come_back import Reader, RoomProcess, faults_of_answers
from study_of_pairs import make_study

from helpers.reading.room import open_study
from helpers.study.accounts import Account, add_account

SIZE = 16
KILLS, MOST = 4, 25  # kills, and answers in between


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A function: a run with so many readers and trials; returns its store, and an access code for each reader."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    stores = []

    def make(count: int, trials: int):
        names = [f"reader-{number}" for number in range(count)]
        make_study("killed", names, trials, SIZE)
        plan, store = open_study("killed")
        stores.append(store)
        return store, {name: add_account(store, plan, Account(name)) for name in names}

    yield make
    for store in stores:
        store.dispose()


def entered(codes: dict[str, str], *addresses: str) -> list[Reader]:
    readers = [Reader(name, code, *addresses) for name, code in codes.items()]
    for reader in readers:
        reader.enter()
    return readers


async def have_answered(readers: list[Reader], more: int) -> None:
    """Wait until they have given so many more answers together."""

    def count() -> int:
        return sum(len(reader.acknowledged) for reader in readers)

    before = count()
    while count() < before + more:
        await asyncio.sleep(0.001)


async def while_they_read(readers: list[Reader], disturb) -> None:
    """Have them read until ``disturb(readers)`` has ended, and finish what was on its way."""
    until = asyncio.Event()
    reading = asyncio.gather(*(reader.read(until) for reader in readers))
    disturbing = asyncio.create_task(disturb(readers))
    await asyncio.wait([reading, disturbing], return_when=asyncio.FIRST_COMPLETED)
    until.set()
    if reading.done() and reading.exception():
        disturbing.cancel()
        reading.result()
    await disturbing
    await reading


def test_a_server_that_is_killed_in_mid_answer_loses_and_doubles_nothing(study):
    store, codes = study(4, 100)
    with RoomProcess.serving("--run=killed") as room:

        async def kill(readers: list[Reader]) -> None:
            for number in range(KILLS):
                await have_answered(readers, MOST * number // KILLS)
                room.kill()
                await asyncio.to_thread(room.start)
            await have_answered(readers, 1)

        readers = entered(codes, room.address)
        asyncio.run(while_they_read(readers, kill))
    assert faults_of_answers(store, readers) == []
    assert all(reader.codes == 1 and reader.lost for reader in readers)
