"""Damage that a copy, a spreadsheet or a careless hand does to a file, as hypothesis draws it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from hypothesis import strategies as st

TABLES = {".csv", ".txt", ".tsv", ".json", ".jsonl", ".xml", ".yaml"}
WORDS = [
    "",
    " ",
    "nan",
    "NA",
    "-1",
    "2",
    "1e999",
    "0.5",
    "x" * 300,
    "a,b",
    '"',
    "ü",
    "=1+1",
    "../../x.png",
    "\x00",
    "2026-13-45",
]
SHARES = st.floats(0, 1, exclude_max=True)  # where in a file, from its beginning


def _cut(data: bytes, share: float, chosen: int) -> bytes:
    return data[: int(len(data) * share)]


def _flipped(data: bytes, share: float, chosen: int) -> bytes:
    place = int(len(data) * share)
    return data[:place] + bytes(byte ^ (1 + chosen % 255) for byte in data[place : place + 4]) + data[place + 4 :]


def _other_word(data: bytes, share: float, chosen: int) -> bytes:
    """The text between two commas, or a line's end, is another."""
    parts = data.split(b",")
    parts[int(len(parts) * share)] = WORDS[chosen % len(WORDS)].encode()
    return b",".join(parts)


def _line_gone(data: bytes, share: float, chosen: int) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(line for place, line in enumerate(lines) if place != int(len(lines) * share))


def _line_twice(data: bytes, share: float, chosen: int) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    return b"".join([*lines, lines[int(len(lines) * share)]])


ANY_FILE = {"cut": _cut, "flipped": _flipped}
OF_TEXT = ANY_FILE | {"other word": _other_word, "line gone": _line_gone, "line twice": _line_twice}
DAMAGES = st.tuples(st.sampled_from(sorted(OF_TEXT)), SHARES, st.integers(0, 254))


def harmed(file: Path, damage: tuple[str, float, int]) -> bytes:
    """The bytes of a file after a damage; what befalls only text cuts a file of another kind."""
    how, share, chosen = damage
    changes = OF_TEXT if file.suffix in TABLES else ANY_FILE
    return changes.get(how, _cut)(file.read_bytes(), share, chosen)


@contextlib.contextmanager
def damaged(file: Path, damage: tuple[str, float, int]) -> Iterator[None]:
    """A file is damaged while the block lasts."""
    whole = file.read_bytes()
    file.write_bytes(harmed(file, damage))
    try:
        yield
    finally:
        file.write_bytes(whole)
