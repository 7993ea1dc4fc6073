"""The images of one source: which ones are needed, and how they are made and checked."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from helpers.errors import SampleError
from helpers.files import eight_bits
from helpers.findings import Cell, Findings
from helpers.generators.image_generator import ImageGenerator
from helpers.pixels import PIXELS, place
from helpers.runs import STAGES, Run

FLAT = 1e-3  # standard deviation of pixels, range 0..1, below which an image is blank


def parts_folder(run: Run) -> Path:
    """Folder for images made by separate jobs until notebook 04 takes them over; not an output of its stage."""
    return run.stage_folder("04_sample") / ".parts"


def part_folder(run: Run, source: str, cell: str) -> Path:
    """Folder for the images of one source and cell (``atelectasis_present``) made by a separate job."""
    return parts_folder(run) / source / cell


def image_seed(seed: int, source: str, cell: Cell, index: int) -> int:
    """Seed of one image, 48 bits; depends only on the study's seed, the source, the cell and the image's number."""
    return int(hashlib.sha256(f"{seed}/{source}/{cell.label}/{index}".encode()).hexdigest()[:12], 16)


def image_rows(
    generator: ImageGenerator, source: str, findings: Findings, per_cell: int, seed: int, guidance: float | None
) -> list[dict]:
    """Rows of the samples table for ``per_cell`` images of every study cell; fewer if only fewer exist.

    Each row also has ``index``, the image's number within its cell. Templates alternate, so that each one gets its
    share of every cell.
    """
    rows, templates = [], generator.templates or (None,)
    for cell in findings.cells:
        states = findings.condition(cell)
        existing = generator.available(states)
        for index in range(per_cell if existing is None else min(per_cell, existing)):
            template = templates[index % len(templates)]
            rows.append(
                {
                    "image_id": f"{source}-{cell.label}-{index:05d}",
                    "path": place(f"{STAGES['04_sample']}/{source}/{PIXELS}", len(rows)),
                    "source": source,
                    "finding": cell.finding,
                    "present": cell.present,
                    "prompt": generator.prompt(states, template),
                    "template": template,
                    "seed": image_seed(seed, source, cell, index) if existing is None else None,
                    "guidance": guidance,
                    "checkpoint": generator.sha256,
                    "index": index,
                }
            )
    return rows


def make(generator: ImageGenerator, rows: Sequence[Mapping], findings: Findings, options: Mapping) -> np.ndarray:
    """Make the images for rows of one cell and template: uint8 (n, size, size).

    Raises SampleError naming the source, cell and image if the output is blank or not finite.
    """
    cell = Cell(rows[0]["finding"], int(rows[0]["present"]))
    words = {"template": rows[0]["template"]} if generator.templates else {}
    states = findings.condition(cell)
    existing = generator.available(states) is not None
    seeds = [int(row["index"] if existing else row["seed"]) for row in rows]
    images = generator.sample(states, seeds, **options, **words)
    check(images, len(rows), f"{rows[0]['source']}, {cell.label}")
    return eight_bits(images)


def check(images: np.ndarray, count: int, origin: str) -> None:
    """Raise SampleError unless a generator's output is ``count`` square gray images in 0..1, none of them blank."""
    images = np.asarray(images)
    if images.ndim != 3 or len(images) != count or images.shape[1] != images.shape[2]:
        raise SampleError(f"{origin}: got an array of shape {images.shape} where ({count}, size, size) is needed")
    for index, image in enumerate(images):
        if not np.isfinite(image).all():
            raise SampleError(f"{origin}, image {index}: pixels are not numbers; train again or lower guidance")
        if image.min() < 0 or image.max() > 1:
            raise SampleError(f"{origin}, image {index}: pixels from {image.min()} to {image.max()}, not in 0..1")
        if image.std() < FLAT:
            raise SampleError(f"{origin}, image {index}: blank; train longer or lower guidance")
