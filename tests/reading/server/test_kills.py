"""Servers and databases that are killed while people answer: nobody types a code again, and nothing is lost or doubled.

``scripts/kills.py`` kills a server two hundred times.
"""

import asyncio

import pytest
from readers_who_come_back import Reader, RoomProcess, faults_of_answers
from server_of_its_own import postgresql_server, skip_without_postgresql
from study_of_pairs import make_study

from helpers.reading.room import open_study
from helpers.study.accounts import Account, add_account

SIZE = 16
KILLS, MOST = 2, 25  # kills, and answers in between
LONGEST = 300.0  # seconds until a test that waits for answers is given up


@pytest.fixture
def database(monkeypatch):
    """A PostgreSQL server, with a database in which runs keep their readings."""
    skip_without_postgresql()
    with postgresql_server() as server:
        monkeypatch.setenv("HELPERS_DATABASE", server())
        yield server


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


async def each_has_answered(readers: list[Reader], more: int) -> None:
    """Wait until every one of them has given so many more answers."""
    wanted = [len(reader.acknowledged) + more for reader in readers]
    while any(len(reader.acknowledged) < count for reader, count in zip(readers, wanted, strict=True)):
        await asyncio.sleep(0.001)


async def while_they_read(readers: list[Reader], disturb) -> None:
    """Have them read until ``disturb(readers)`` has ended, and finish what was on its way."""
    until = asyncio.Event()
    async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as group:
        for reader in readers:
            group.create_task(reader.read(until))
        await disturb(readers)
        until.set()


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


def test_a_reader_comes_back_to_either_of_two_servers_on_one_database(database, study):
    store, codes = study(6, 100)
    with RoomProcess.serving("--run=killed") as one, RoomProcess.serving("--run=killed") as other:
        readers = entered(codes, one.address, other.address)
        for room in (one, other):

            async def kill(readers: list[Reader], room: RoomProcess = room) -> None:
                await each_has_answered(readers, 2)
                room.kill()
                await each_has_answered(readers, 2)  # at the other one

            asyncio.run(while_they_read(readers, kill))
            room.start()
    assert faults_of_answers(store, readers) == []
    assert all(set(reader.visited) == {one.address, other.address} for reader in readers)
    assert all(reader.codes == 1 for reader in readers), "a ticket of one server holds at the other"


def test_server_and_database_start_again_under_fifty_readers(database, study):
    store, codes = study(50, 20)
    with RoomProcess.serving("--run=killed") as room:

        async def restart(readers: list[Reader]) -> None:
            await have_answered(readers, 100)
            await asyncio.to_thread(database.stop)
            await asyncio.sleep(0.5)  # answers come, and cannot be kept
            room.kill()
            await asyncio.to_thread(database.start)
            await asyncio.to_thread(room.start)
            await have_answered(readers, 100)

        readers = entered(codes, room.address)
        asyncio.run(while_they_read(readers, restart))
    store.dispose()  # its connections were lost with the database
    assert faults_of_answers(store, readers) == []
    assert all(reader.codes == 1 and reader.acknowledged for reader in readers)
