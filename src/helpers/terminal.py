"""One line of live progress in the terminal, for all running stages of a run."""

import contextlib
import json
import os
import shutil
import threading
import time

import psutil

from helpers.files import write_text
from helpers.progress import said_file
from helpers.runs import Run


def clock(seconds: float) -> str:
    """Seconds as m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Terminal:
    """Paints one line that covers every running stage of the run; on a pipe, prints a line every 30 seconds.

    If the run is one of many running at once, its name is in every line, and no line is painted.
    """

    def __init__(self, run: Run, stage: str, is_one_of_many: bool = False):
        self.folder, self.stage, self.started = run.folder / ".progress", stage, time.monotonic()
        self.file = self.folder / f"{stage}.json"
        self.said, self.heard, self.turn = said_file(self.file), 0, threading.Lock()
        self.log = run.notebooks / f"{stage}.log"
        self.screen = os.fdopen(os.dup(2), "w")
        self.live = self.screen.isatty() and not is_one_of_many
        self.of = f"{run.name}: " if is_one_of_many else ""
        self.stopped = threading.Event()
        self.parent = os.getppid()

    def __enter__(self) -> "Terminal":
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / f"{self.stage}.pid", f"{os.getpid()} {time.time()}")
        for path in (self.file, self.said):
            path.unlink(missing_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as log:
            os.dup2(log.fileno(), 2)  # what the kernel and its libraries write to stderr is kept, not shown
        self.say(f"> {self.stage}")
        self.thread = threading.Thread(target=self._paint, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.stopped.set()
        self.thread.join()
        for path in (self.file, self.said, self.folder / f"{self.stage}.pid"):
            path.unlink(missing_ok=True)
        os.dup2(self.screen.fileno(), 2)

    def say(self, text: str) -> None:
        """Print a permanent line above the live one, after any new sentences from the notebook."""
        with self.turn:
            sentences = self.said.read_text(encoding="utf-8").splitlines() if self.said.is_file() else []
            for sentence in sentences[self.heard :]:
                self._print(f"  {self.stage}: {sentence}")
            self.heard = len(sentences)
            if text:
                self._print(text)

    def _print(self, text: str) -> None:
        print(f"\r\033[K{text}" if self.live else f"{self.of}{text}", file=self.screen, flush=True)

    def elapsed(self) -> str:
        """Time since the stage began, m:ss."""
        return clock(time.monotonic() - self.started)

    def _paint(self) -> None:
        pause = 0.5 if self.live else 30.0
        while not self.stopped.wait(min(pause, 1.0)):
            if os.getppid() != self.parent:
                os._exit(1)  # the process that ran this stage was killed; the kernel ends with this one
            self.say("")
            if self.live:
                line = "   ".join(self._running())[: shutil.get_terminal_size().columns - 1]
                print(f"\r\033[K{line}", end="", file=self.screen, flush=True)
            elif time.monotonic() - self.started >= pause:
                pause += 30.0
                self.say(f"  {self._line(self.stage, time.monotonic() - self.started)}")

    def _running(self) -> list[str]:
        lines = []
        for path in sorted(self.folder.glob("*.pid")):
            with contextlib.suppress(OSError, ValueError):
                pid, began = path.read_text().split()
                if psutil.pid_exists(int(pid)):
                    lines.append(self._line(path.stem, time.time() - float(began)))
        return lines

    def _line(self, stage: str, seconds: float) -> str:
        text = ""
        with contextlib.suppress(OSError, ValueError, KeyError):
            now = json.loads((self.folder / f"{stage}.json").read_text())
            total = f"/{now['total']:,}" if now["total"] else ""
            text = f" {now['label']} {now['done']:,}{total} {now['unit']}" + (f", {now['note']}" if now["note"] else "")
        return f"{stage} {clock(seconds)}{text}"
