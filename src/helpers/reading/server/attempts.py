"""Limits on how often an access code may be tried."""

import time
from collections import defaultdict, deque
from collections.abc import Callable

WITHIN = 600.0  # seconds
OF_ADDRESS = 30  # readers of a hospital may share one address: allows the mistakes of a room full of them
OF_ACCOUNT = 10
KEPT = 10_000  # most addresses and accounts remembered at once


class Attempts:
    """Wrong codes of the last ten minutes, by the address they came from and the account they named."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self._wrong: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def may_try(self, address: str, account: str) -> bool:
        """Whether an address may now try a code for an account."""
        return self._count("address", address) < OF_ADDRESS and self._count("account", account) < OF_ACCOUNT

    def note_wrong(self, address: str, account: str) -> None:
        """Remember a wrong code."""
        for key in (("address", address), ("account", account)):
            self._wrong[key].append(self.clock())
        while len(self._wrong) > KEPT:
            del self._wrong[next(iter(self._wrong))]

    def _count(self, *key: str) -> int:
        times = self._wrong.get(key)
        while times and times[0] < self.clock() - WITHIN:
            times.popleft()
        if times is not None and not times:
            del self._wrong[key]
        return len(times or ())
