"""How each image of a cohort is made: read, preprocessed and written, with remarks recorded."""

from dataclasses import dataclass

from helpers.cohort.preprocess import FileReader, preprocess, remarks
from helpers.errors import ImageError
from helpers.files import eight_bits
from helpers.pixels import PixelFile


@dataclass(frozen=True)
class Recipe:
    """How one image is made, the same for all images of a run; picklable."""

    read: object
    size: int
    fit: str
    window: tuple[float, float] | None
    file: PixelFile

    def make(self, row: int, source: str) -> dict:
        """Read, preprocess and write one image; returns the digest of its pixels and the reader's further facts."""
        if isinstance(self.read, FileReader) and self.window is None:  # percentiles need all pixels
            image, facts = self.read(source, self.size)
        else:
            image, facts = self.read(source)
        try:
            square = preprocess(image, self.size, self.fit, self.window)
        except ImageError as error:
            raise ImageError(f"{source}: {error}") from error
        if told := [*facts.get("notes", ()), *remarks(image, self.window)]:
            facts = facts | {"notes": told}
        return {"sha256": self.file.write(row, eight_bits(square)), "facts": facts}

    def make_many(self, tasks: list[tuple[str, int, str, str]]) -> tuple[int, dict, dict]:
        """Make the images of (image_id, row, source, key); returns count, records, and complaints, by image_id."""
        records, complaints = {}, {}
        for image_id, row, source, key in tasks:
            try:
                records[image_id] = {"key": key} | self.make(row, source)
            except ImageError as error:
                complaints[image_id] = str(error)
        return len(tasks), records, complaints
