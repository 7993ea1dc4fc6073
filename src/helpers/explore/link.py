"""What is chosen in one view of a run, and the other views that follow it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

WAIT = 0.2  # seconds in which nothing else may be chosen before the others follow: what was asked for comes first


@dataclass(frozen=True)
class Choice:
    """Filters (``Table.select``), where they come from in words, and the places of the answers that they leave, None
    where they leave all. ``is_mark``: they are those of a mark of a figure that was clicked."""

    chosen: Mapping
    title: str
    places: np.ndarray | None
    is_mark: bool = False


Follow = Callable[[Choice], Iterator[None]]


class Link:
    """The views of one run that show the same choice, by name; one that is made anew takes the place of the old one."""

    def __init__(self):
        self._follow: dict[str, Follow] = {}
        self._latest: Choice | None = None

    def join(self, name: str, follow: Follow) -> None:
        """Let a view follow the others. ``follow`` does a part of its work before each yield, so that in a notebook a
        person can choose again in between."""
        self._follow[name] = follow

    def tell(self, name: str, choice: Choice) -> None:
        """Let all views but this one follow: soon in a notebook, at once where nothing else is going on."""
        self._latest = choice
        work = chain.from_iterable(follow(choice) for other, follow in list(self._follow.items()) if other != name)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in work:
                pass
            return
        loop.call_later(WAIT, self._go_on, loop, choice, work)

    def _go_on(self, loop: asyncio.AbstractEventLoop, choice: Choice, work: Iterator[None]) -> None:
        if choice is self._latest and next(work, self) is not self:
            loop.call_soon(self._go_on, loop, choice, work)
