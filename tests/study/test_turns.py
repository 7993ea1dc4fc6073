"""Who waits for a turn at the database is written with the next one, and suffers from nobody else's fault."""

import threading
from contextlib import contextmanager

import pytest

from helpers.errors import ReadingError, StoreError
from helpers.study.turns import Turns


class Disk:
    """Keeps what is written in lists, one a commit; the first commit takes until it is let go."""

    def __init__(self):
        self.commits, self.entered, self.go_on = [], threading.Event(), threading.Event()

    @contextmanager
    def writing(self, names):
        lines = []
        if not self.entered.is_set():
            self.entered.set()
            assert self.go_on.wait(30)
        yield lines
        if "too much" in lines:
            raise StoreError("the disk is full")
        self.commits.append(lines)


def together(turns: Turns, disk: Disk, steps: list) -> list:
    """Take these steps, (name, step), while a first one is being written; what each returned or raised."""
    told = [None] * len(steps)

    def take(number: int, of: str, step) -> None:
        try:
            told[number] = turns.take(of, step)
        except Exception as error:
            told[number] = error

    first = threading.Thread(target=turns.take, args=("first", lambda lines: lines.append("first")))
    first.start()
    assert disk.entered.wait(30)
    threads = [threading.Thread(target=take, args=(number, *step)) for number, step in enumerate(steps)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        while len(turns._waiting) < count:
            pass
    disk.go_on.set()
    for thread in (first, *threads):
        thread.join(30)
    return told


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def turns(disk) -> Turns:
    return Turns(disk.writing)


def says(text: str):
    """A step that writes a text, and returns it."""

    def step(lines: list) -> str:
        lines.append(text)
        return text

    return step


def refuses(_lines: list) -> None:
    raise ReadingError("not now")


def test_those_who_wait_share_a_commit(turns, disk):
    assert together(turns, disk, [("ada", says("a")), ("ben", says("b")), ("cleo", says("c"))]) == ["a", "b", "c"]
    assert [sorted(lines) for lines in disk.commits] == [["first"], ["a", "b", "c"]]


def test_two_steps_of_one_reader_never_do(turns, disk):
    assert together(turns, disk, [("ada", says("1")), ("ben", says("b")), ("ada", says("2"))]) == ["1", "b", "2"]
    assert sorted(sum(disk.commits, [])) == ["1", "2", "b", "first"]
    assert not any({"1", "2"} <= set(lines) for lines in disk.commits)


def test_a_step_that_is_refused_leaves_the_others_where_they_are(turns, disk):
    told = together(turns, disk, [("ada", says("a")), ("ben", refuses), ("cleo", says("c"))])
    assert told[::2] == ["a", "c"] and isinstance(told[1], ReadingError)
    assert [sorted(lines) for lines in disk.commits] == [["first"], ["a", "c"]]


def test_a_commit_that_fails_is_told_to_whoever_caused_it_alone(turns, disk):
    told = together(turns, disk, [("ada", says("a")), ("ben", says("too much")), ("cleo", says("c"))])
    assert told[::2] == ["a", "c"] and isinstance(told[1], StoreError)
    assert sorted(sum(disk.commits, [])) == ["a", "c", "first"], "each once"


def test_alone_means_that_nobody_else_writes(turns, disk):
    disk.go_on.set()
    with turns.alone() as lines:
        thread = threading.Thread(target=turns.take, args=("ada", says("a")))
        thread.start()
        lines.append("owner")
        assert disk.commits == []
    thread.join(30)
    assert disk.commits == [["owner"], ["a"]]
