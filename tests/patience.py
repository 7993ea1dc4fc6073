"""Waiting for a process as long as it works, on a machine of any speed; one that hangs is found and killed."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

IDLE = 600  # seconds in which whatever works changes a file, however slow the machine


def kill(process: subprocess.Popen) -> None:
    """SIGKILL the whole process group, then reap it; kernels end with the chain that started them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if not process.stdout.closed:
        process.communicate()


def last_change(folder: Path) -> tuple[int, float]:
    """How many files a folder holds, and when the newest of them was changed."""
    times = []
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                times.append(os.lstat(os.path.join(parent, name)).st_mtime)
    return len(times), max(times, default=0.0)


class Patience:
    """Runs out where no file of a folder has changed for ``idle`` seconds."""

    def __init__(self, folder: Path, idle: float = IDLE):
        self.folder, self.idle = folder, idle
        self.found, self.changed, self.next_look = None, time.monotonic(), 0.0

    def look(self) -> None:
        """Raise AssertionError where it has run out. May be called as often as one likes."""
        now = time.monotonic()
        if now >= self.next_look:
            self.next_look = now + self.idle / 100
            if (found := last_change(self.folder)) != self.found:
                self.found, self.changed = found, now
        assert now < self.changed + self.idle, f"no file of {self.folder} has changed for {self.idle} s"


@contextlib.contextmanager
def killed_where_it_fails(process: subprocess.Popen) -> Iterator[None]:
    """Leave no process behind where the block raises."""
    try:
        yield
    except BaseException:
        kill(process)
        raise


def wait_for(condition: Callable[[], bool], process: subprocess.Popen, folder: Path, idle: float = IDLE) -> None:
    """Wait for what a process is to bring about; raises AssertionError where it ends before, or hangs."""
    patience = Patience(folder, idle)
    with killed_where_it_fails(process):
        while not condition():
            assert process.poll() is None, f"it ended too early: {process.communicate()[0]}"
            patience.look()
            time.sleep(0.05)


def told_by(process: subprocess.Popen, folder: Path, idle: float = IDLE) -> str:
    """All that a process says until it ends; raises AssertionError where it hangs."""
    patience = Patience(folder, idle)
    with killed_where_it_fails(process):
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=1)[0]
            patience.look()
