"""Writers of one process take turns at a database; those who wait share the next commit."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock

import sqlalchemy as sa

from helpers.errors import ReadingError


@dataclass
class _Work:
    of: str
    step: Callable[[sa.Connection], object]
    is_done: bool = False
    result: object = None
    error: Exception | None = None

    def do(self, connection: sa.Connection) -> None:
        """Take the step; a ReadingError counts as its result, since it means that nothing was written."""
        self.result, self.error = None, None
        try:
            self.result = self.step(connection)
        except ReadingError as error:
            self.error = error


class Turns:
    """Turns at one database. A commit waits for the disk; steps that arrive in the meantime share the next commit.

    ``writing`` opens a connection for writers with these names, whose changes are on disk when its block ends, all of
    them or none.
    """

    def __init__(self, writing: Callable[[Collection[str]], AbstractContextManager[sa.Connection]]):
        self._writing, self._turn = writing, Lock()
        self._waiting: deque[_Work] = deque()

    @contextmanager
    def alone(self) -> Iterator[sa.Connection]:
        """A connection for writing, while nobody else in this process writes."""
        with self._turn, self._writing(()) as connection:
            yield connection

    def take(self, of: str, step: Callable[[sa.Connection], object]) -> object:
        """What ``step`` returns, once what it wrote is on disk; raises what it raises.

        Steps ``of`` the same name never share a commit. A step may be taken again if the commit that it shared failed;
        it must write nothing before it raises ReadingError.
        """
        work = _Work(of, step)
        self._waiting.append(work)
        with self._turn:
            if not work.is_done:
                self._commit(self._next(work))
        if work.error is not None:
            raise work.error
        return work.result

    def _next(self, own: _Work) -> list[_Work]:
        """The caller's own work and that of waiting writers, one for each name; the rest keeps waiting."""
        chosen, rest = {own.of: own}, []
        while self._waiting:
            work = self._waiting.popleft()
            if chosen.setdefault(work.of, work) is not work:
                rest.append(work)
        self._waiting.extendleft(reversed(rest))
        return list(chosen.values())

    def _commit(self, works: list[_Work]) -> None:
        """Write all works in one commit or, if that fails, each in its own, so that no writer suffers from another."""
        try:
            with self._writing([work.of for work in works]) as connection:
                for work in works:
                    work.do(connection)
        except Exception as error:
            if len(works) > 1:
                for work in works:
                    self._commit([work])
                return
            works[0].error = error
        for work in works:
            work.is_done = True
