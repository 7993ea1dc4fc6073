"""What goes wrong at a random moment: faults that a seed draws, over a study that lies in a file system of its own."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

KILL, FULL, READ_ONLY, DAMAGE, CUT = "kill", "disk full", "read-only folder", "damaged file", "database cut"


class Disk:
    """A small file system in memory, which can be filled. Needs root."""

    def __init__(self, folder: Path, megabytes: int = 600):
        self.folder, self.megabytes = folder, megabytes

    def __enter__(self) -> "Disk":
        self.folder.mkdir(parents=True, exist_ok=True)
        options = f"size={self.megabytes}M"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], check=True)
        return self

    def __exit__(self, *exception) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def wipe(self) -> None:
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _take(self, ballast: Path, left: int) -> bool:
        """Whether all but so many bytes could be taken: somebody else may have taken some in the meantime."""
        state = os.statvfs(self.folder)
        taken = state.f_bavail * state.f_frsize - left
        with open(ballast, "wb") as file, contextlib.suppress(OSError):
            if taken > 0:
                os.posix_fallocate(file.fileno(), 0, taken)
            return True
        return False

    @contextlib.contextmanager
    def full(self, left: int) -> Iterator[None]:
        """All but so many bytes of the disk are taken while the block lasts."""
        ballast = self.folder / "ballast"
        while not self._take(ballast, left):
            pass
        try:
            yield
        finally:
            ballast.unlink()


def needed() -> None:
    """Skip the test where disks cannot be made."""
    if not hasattr(os, "fork") or not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("needs Linux and root, who alone may mount a disk")
    with contextlib.suppress(subprocess.CalledProcessError, OSError):
        place = Path("/tmp") / f"disk-{os.getpid()}"
        with Disk(place, 1):
            pass
        place.rmdir()
        return
    pytest.skip("no disk can be mounted here")


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody, root included, adds, replaces or removes a file of this folder while the block lasts."""
    subprocess.run(["chattr", "+i", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", folder], check=True)


def damage(file: Path, chance: random.Random) -> str:
    """Cut a file short, change a few of its bytes, or remove it; returns what was done."""
    size = file.stat().st_size
    how = chance.choice(["truncated", "flipped", "removed"]) if size else "removed"
    if how == "truncated":
        os.truncate(file, chance.randrange(size))
    elif how == "flipped":
        with open(file, "r+b") as opened:
            for _ in range(chance.randint(1, 16)):
                opened.seek(place := chance.randrange(size))
                byte = opened.read(1)[0]
                opened.seek(place)
                opened.write(bytes([byte ^ chance.randint(1, 255)]))
    else:
        file.unlink()
    return how


class Child:
    """A forked process, the first of a group, that does a piece of work and says in a file how it ended."""

    def __init__(self, work: Callable[[], None], words: Path):
        self.words, self.state = words, None
        words.unlink(missing_ok=True)
        self.process = os.fork()
        if self.process == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._do(work)

    def _do(self, work: Callable[[], None]) -> None:
        code = 0
        with open(os.devnull, "r+") as nothing:
            for stream in (0, 1, 2):
                os.dup2(nothing.fileno(), stream)
        try:
            work()
            said = "finished"
        except BaseException as error:  # whatever it is, it is told, and judged by the parent
            code, said = 1, f"{type(error).__name__}: {error}"
        self.words.write_text(said)
        os._exit(code)

    def ended(self) -> bool:
        if self.state is None:
            process, state = os.waitpid(self.process, os.WNOHANG)
            self.state = state if process else None
        return self.state is not None

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether the child has ended."""
        deadline = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.ended()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
        self.wait(60)

    def said(self) -> str:
        """The last words of the child; that it was killed where it left none."""
        return self.words.read_text() if self.words.is_file() else "killed"
