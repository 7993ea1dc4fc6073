"""How the images of a cohort are made, one by one: read, preprocessed, written, recorded."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from helpers.cohort.preprocess import preprocess, remarks
from helpers.errors import ImageError
from helpers.files import sha256, write_png, write_text


@dataclass(frozen=True)
class Recipe:
    """How one image is made, the same for all images of a run; picklable."""

    read: object
    size: int
    fit: str
    window: tuple[float, float] | None
    folder: Path

    def make(self, image_id: str, source: str) -> dict:
        """Read, preprocess and write one image; returns the file's digest and what the reader knew beside it."""
        image, facts = self.read(source)
        try:
            square = preprocess(image, self.size, self.fit, self.window)
        except ImageError as error:
            raise ImageError(f"{source}: {error}") from error
        if told := [*facts.get("notes", ()), *remarks(image, self.window)]:
            facts = facts | {"notes": told}
        path = self.folder / "images" / f"{image_id}.png"
        write_png(path, square, durable=False)  # its digest is checked before it is used again
        return {"sha256": sha256(path), "facts": facts}

    def make_many(self, tasks: list[tuple[str, str, str]]) -> tuple[int, dict, list[str]]:
        """Make the images of (image_id, source, key), record what succeeded; returns count, records, complaints."""
        records, complaints = {}, []
        for image_id, source, key in tasks:
            try:
                records[image_id] = {"key": key} | self.make(image_id, source)
            except ImageError as error:
                complaints.append(str(error))
        if records:
            name = hashlib.sha256(repr(tasks).encode()).hexdigest()[:16]
            write_text(self.folder / ".made" / f"{name}.json", json.dumps(records))
        return len(tasks), records, complaints
