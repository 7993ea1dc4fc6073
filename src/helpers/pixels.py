"""Grayscale images of one size in one file, ``images.npy``, and a digest of each in ``images.jsonl`` beside it.

A table refers to such an image by its file and row: ``cohort/images.npy#17``.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.errors import ImageError
from helpers.files import atomic_write, disk_errors, read_gray, write_at, write_text

PIXELS, INDEX = "images.npy", "images.jsonl"
PLACE = re.compile(r"(.+\.npy)#(\d+)")
BLOCK = 256  # rows that one thread hashes at a time
NOTED = ("row", "key", "sha256", "facts")


def place(file: str | os.PathLike, row: int) -> str:
    """How a table names an image: the file that it is in (as text, with slashes), and its row in that file."""
    return f"{file if isinstance(file, str) else Path(file).as_posix()}#{row}"


def place_of(path: str | os.PathLike) -> tuple[Path, int] | None:
    """File and row of an image that a table names; None for a single picture file."""
    found = PLACE.fullmatch(str(path))
    return (Path(found[1]), int(found[2])) if found else None


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Read an image named in a table, gray, float32 in 0..1: a row of an images.npy, or a file (``files.read_gray``).

    Raises ImageError naming it when it is missing or damaged.
    """
    found = place_of(path)
    return read_gray(path) if found is None else PixelFile.open(found[0])[[found[1]]][0].astype(np.float32) / 255.0


@dataclass(frozen=True)
class PixelFile:
    """A file that numpy.load reads as uint8 (count, size, size); its pixels begin at byte ``start``.

    ``file[positions]`` copies some images, uint8 (n, size, size), into a new array, so that successive reads do not
    accumulate in memory. Any number of processes may read and write at the same time.
    """

    path: Path
    count: int
    size: int
    start: int

    @classmethod
    def open(cls, path: str | os.PathLike) -> "PixelFile":
        """The file at a path. Raises ImageError if it is missing or not of this kind."""
        try:
            with open(path, "rb") as file:
                np.lib.format.read_magic(file)
                shape, _, kind = np.lib.format.read_array_header_1_0(file)
                start = file.tell()
        except (OSError, ValueError) as error:
            raise ImageError(f"{path}: cannot be read as a file of images ({error})") from error
        if kind != np.uint8 or len(shape) != 3 or shape[1] != shape[2]:
            raise ImageError(f"{path}: holds {kind} of shape {shape}; gray images are uint8 (n, size, size)")
        return cls(Path(path), shape[0], shape[1], start)

    @classmethod
    def create(cls, path: str | os.PathLike, count: int, size: int, rows: Iterable[tuple[int, np.ndarray]] = ()):
        """A file of ``count`` images, black except for those of ``rows``; an old file is replaced at the end.

        Raises DiskError at once if the disk has no room for all.
        """
        with atomic_write(path, durable=False) as temporary, open(temporary, "wb") as file:
            np.lib.format.write_array_header_1_0(
                file, {"descr": "|u1", "fortran_order": False, "shape": (count, size, size)}
            )
            file.flush()
            made = cls(temporary, count, size, file.tell())
            _reserve(file.fileno(), made.start + count * size**2)
            for row, image in rows:
                write_at(file, image.tobytes(), made.start + row * size**2)
        return cls(Path(path), count, size, made.start)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, positions: Sequence[int] | np.ndarray) -> np.ndarray:
        """Raises ImageError for a row that does not exist."""
        images = np.empty((len(positions), self.size, self.size), dtype=np.uint8)
        with open(self.path, "rb", buffering=0) as file:
            for image, row in zip(images, positions, strict=True):
                if 0 <= row < self.count:
                    file.seek(self.start + int(row) * image.size)
                if not 0 <= row < self.count or file.readinto(image) != image.size:
                    raise ImageError(f"{place(self.path, row)}: no such image; run again what made this file")
        return images

    def write(self, row: int, image: np.ndarray) -> str:
        """Write an image, uint8 (size, size), and return the SHA-256 of its pixels.

        Raises ImageError for an image that differs in size from the others, DiskError when the disk is full.
        """
        if image.shape != (self.size, self.size):
            shape = " x ".join(map(str, image.shape))
            raise ImageError(f"{place(self.path, row)}: {shape} pixels where {self.size} x {self.size} are needed")
        pixels = np.ascontiguousarray(image, dtype=np.uint8).tobytes()
        with disk_errors(self.path), open(self.path, "r+b", buffering=0) as file:
            write_at(file, pixels, self.start + row * len(pixels))
        return hashlib.sha256(pixels).hexdigest()

    def digests(self, positions: Sequence[int]) -> list[str]:
        """SHA-256 of the pixels of some images, hex."""
        blocks = [positions[start : start + BLOCK] for start in range(0, len(positions), BLOCK)]
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            found = pool.map(lambda block: [hashlib.sha256(image).hexdigest() for image in self[block]], blocks)
            return [digest for block in found for digest in block]


def _reserve(file: int, length: int) -> None:
    """Give a file its final length, so that lack of disk space shows at once."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, length)
    else:
        os.truncate(file, length)


class ImageStore:
    """Images by name in ``folder/images.npy``, one per row, and ``images.jsonl`` with a line for each stored image:
    image_id, row, key (what it was made from), sha256 of its pixels, facts.

    An image counts only while its pixels have that digest: whenever writing stops, a half-written image is never taken
    for complete, and no write has to wait for the disk. One process keeps the store; any number may write to ``file``.
    """

    def __init__(self, folder: str | os.PathLike):
        self.pixels, self.index = Path(folder) / PIXELS, Path(folder) / INDEX
        self.rows: dict[str, int] = {}
        self.file: PixelFile | None = None

    def arrange(self, keys: Mapping[str, str], size: int | None = None) -> dict[str, dict]:
        """Give every name a row, in order; returns the records of the images already stored with the same key.

        All others have yet to be ``put``. ``size`` is the side in pixels; None takes that of the images that are kept,
        and if there are none, ``put`` makes the file. Raises DiskError if the disk has no room for all.
        """
        for left in self.pixels.parent.glob(f".{self.pixels.stem}-*"):
            left.unlink()
        self.rows = {name: row for row, name in enumerate(keys)}
        records = {name: record for name, record in self.records().items() if record["key"] == keys.get(name)}
        old = self._opened()
        if old is not None and size not in (None, old.size):
            old = None
        held = _held(old, records) if old is not None else {}
        moved = any(self.rows[name] != row for name, row in held.items())
        if size is None and not held:
            self.pixels.unlink(missing_ok=True)
            self.file = None
        elif old is None or len(old) != len(keys) or moved:
            images = ((self.rows[name], old[[row]][0]) for name, row in held.items())
            self.file = PixelFile.create(self.pixels, len(keys), size or old.size, images)
        else:
            self.file = old
        kept = {name: records[name] | {"row": self.rows[name]} for name in held}
        self._write_index(kept)
        return kept

    def whole(self, keys: Mapping[str, str]) -> dict[str, int]:
        """Rows of the complete images with these keys, by name; nothing is changed."""
        file = self._opened()
        records = {name: record for name, record in self.records().items() if record["key"] == keys.get(name)}
        return _held(file, records) if file is not None else {}

    def take(self, other: "ImageStore", keys: Mapping[str, str]) -> list[str]:
        """Put and note the complete images with these keys from another store; returns their names."""
        rows, records, images = other.whole(keys), other.records(), other._opened()
        for name, row in rows.items():
            self.put(name, images[[row]][0])
        self.note({name: records[name] for name in rows})
        return list(rows)

    def put(self, name: str, image: np.ndarray) -> str:
        """Write the pixels of an image, uint8 (size, size); returns their digest, which must then be noted."""
        if self.file is None:
            self.file = PixelFile.create(self.pixels, len(self.rows), len(image))
        return self.file.write(self.rows[name], image)

    def note(self, records: Mapping[str, dict]) -> None:
        """Add the records (key, sha256, facts) of images that have been put, by name."""
        with disk_errors(self.index), open(self.index, "a", encoding="utf-8") as file:
            file.write("".join(self._line(name, record) for name, record in records.items()))

    def finish(self) -> None:
        """Flush pixels and index to the disk, the index in the order of rows."""
        self._write_index(dict(sorted(self.records().items(), key=lambda item: item[1]["row"])))
        if self.pixels.exists():
            with disk_errors(self.pixels), open(self.pixels, "r+b") as file:
                os.fsync(file.fileno())

    def records(self) -> dict[str, dict]:
        """Row, key, sha256 and facts by name, as noted; incomplete lines are ignored."""
        records, text = {}, self.index.read_text("utf-8", "replace") if self.index.exists() else ""
        for line in text.splitlines():
            try:
                record = json.loads(line)
                records[record["image_id"]] = {name: record[name] for name in NOTED}
            except (ValueError, KeyError, TypeError):
                continue
        return records

    def damaged(self) -> list[str]:
        """Names of images whose pixels do not have the digest that was noted."""
        records, file = self.records(), PixelFile.open(self.pixels)
        rows = {name: record["row"] for name, record in records.items() if record["row"] < len(file)}
        found = dict(zip(rows, file.digests(list(rows.values())), strict=True))
        return [name for name, record in records.items() if found.get(name) != record["sha256"]]

    def _line(self, name: str, record: Mapping) -> str:
        kept = {column: record[column] for column in NOTED if column != "row"}
        return json.dumps({"image_id": name, "row": self.rows[name]} | kept) + "\n"

    def _write_index(self, records: Mapping[str, dict]) -> None:
        write_text(self.index, "".join(self._line(name, record) for name, record in records.items()))

    def _opened(self) -> PixelFile | None:
        try:
            return PixelFile.open(self.pixels)
        except ImageError:
            return None


def _held(old: PixelFile, records: Mapping[str, dict]) -> dict[str, int]:
    """Row in a file of the pixels of each record, found by their digest, whatever row was noted."""
    there = min(len(old), (old.path.stat().st_size - old.start) // old.size**2)  # fewer if it was cut off
    digests = old.digests(range(there))
    anywhere = {digest: row for row, digest in enumerate(digests)}
    held = {}
    for name, record in records.items():
        own = record["row"] < there and digests[record["row"]] == record["sha256"]
        if own or record["sha256"] in anywhere:
            held[name] = record["row"] if own else anywhere[record["sha256"]]
    return held
