"""The choice made in one view of a run, and the other views that follow it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

WAIT = 0.2  # seconds without another choice before the other views follow: the view in use comes first


@dataclass(frozen=True)
class Choice:
    """Filters (``Table.select``), their origin in words, and the positions of the answers that pass them, None if all
    do. ``is_mark``: the filters come from a click on a mark of a figure."""

    chosen: Mapping
    title: str
    places: np.ndarray | None
    is_mark: bool = False


Follow = Callable[[Choice], Iterator[None]]


class Link:
    """The views of one run that show the same choice, by name; a new view replaces an old one of the same name."""

    def __init__(self):
        self._follow: dict[str, Follow] = {}
        self._latest: Choice | None = None

    def join(self, name: str, follow: Follow) -> None:
        """Let a view follow the others. ``follow`` does part of its work before each yield, so that a person in a
        notebook can choose again in between."""
        self._follow[name] = follow

    def tell(self, name: str, choice: Choice) -> None:
        """Make all views but this one follow: soon in a notebook, at once if no event loop is running."""
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
