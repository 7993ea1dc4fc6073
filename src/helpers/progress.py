"""Progress of long work: a bar in a notebook, or one line for the terminal that runs the chain."""

import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm.auto import tqdm

PROGRESS_FILE = "HELPERS_PROGRESS"  # environment variable; set by helpers.chain


class Progress:
    """Counts work done and shows a bar or, if the chain runs the notebook, writes a line for its terminal.

    ``total`` is None if unknown; ``unit`` is a plural noun ("images").
    """

    def __init__(self, label: str, total: int | None, unit: str = "images", done: int = 0):
        self.label, self.total, self.unit, self.done, self.note = label, total, unit, done, ""
        self.file = os.environ.get(PROGRESS_FILE)
        self.last_written = 0.0
        self.bar = None if self.file else tqdm(total=total, initial=done, desc=label, unit=f" {unit}", leave=False)

    def update(self, count: int = 1, note: str = "") -> None:
        """Add ``count`` to what is done; ``note`` is a short text such as the current loss."""
        self.done += count
        self.note = note or self.note
        if self.bar is not None:
            self.bar.update(count)
            if note:
                self.bar.set_postfix_str(note, refresh=False)
        elif time.monotonic() - self.last_written > 0.2:
            self._write()

    def _write(self) -> None:
        line = {"label": self.label, "done": self.done, "total": self.total, "unit": self.unit, "note": self.note}
        temporary = Path(f"{self.file}.part")
        temporary.write_text(json.dumps(line))
        os.replace(temporary, self.file)
        self.last_written = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *exception) -> None:
        if self.bar is not None:
            self.bar.close()
        elif exception[0] is None:
            self._write()


def tell(sentence: str) -> None:
    """Tell the user something important: in the notebook and, if the chain runs it, in the terminal."""
    print(sentence)
    if os.environ.get(PROGRESS_FILE):
        with open(said_file(os.environ[PROGRESS_FILE]), "a", encoding="utf-8") as file:
            file.write(f"{sentence}\n")


def said_file(progress_file: str | os.PathLike) -> Path:
    """Where ``tell`` leaves sentences for the chain, beside its progress file."""
    return Path(progress_file).with_suffix(".said")


def track(items: Iterable, label: str, unit: str = "images", total: int | None = None) -> Iterator:
    """Iterate over ``items`` and show the progress."""
    total = total if total is not None else len(items) if hasattr(items, "__len__") else None
    with Progress(label, total, unit) as progress:
        for item in items:
            yield item
            progress.update()
