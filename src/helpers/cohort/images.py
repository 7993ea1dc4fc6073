"""Preprocess and store many images, in parallel, continuing where an earlier attempt stopped."""

import hashlib
import json
import os
from dataclasses import is_dataclass
from pathlib import Path

import joblib
import pandas as pd

from helpers.cohort.listing import Listing
from helpers.cohort.recipe import Recipe
from helpers.cohort.settings import Settings
from helpers.dependencies import code_of
from helpers.errors import ImageError
from helpers.files import sha256, write_text
from helpers.progress import Progress

SHOWN_ERRORS = 5
FEW = 500  # below this many images, starting worker processes takes longer than they save


def write_images(listing: Listing, settings: Settings, folder: Path) -> tuple[pd.DataFrame, int]:
    """Write ``folder/images/<image_id>.png`` for every row; returns the facts by image_id and how many were reused.

    An image is reused when it was made from the same source with the same parameters by the same code and its file
    is unharmed. Pictures that do not belong to the listing are removed. The result does not depend on the number of
    workers. Raises ImageError naming up to five unreadable images, after all the others are done.
    """
    recipe = Recipe(listing.read, settings.size, settings.fit, settings.window, folder)
    keys = source_keys(listing, settings)
    made = {name: record for name, record in read_records(folder).items() if record["key"] == keys.get(name)}
    made = {name: record for name, record in made.items() if _unharmed(folder, name, record)}
    sources = zip(listing.table["image_id"], listing.table["source"], strict=True)
    tasks = [(name, source, keys[name]) for name, source in sources if name not in made]
    reused = len(made)
    complaints = []
    with Progress("Preparing images", len(keys), done=reused) as progress:
        for count, records, bad in _in_parallel(recipe, tasks, settings.workers, listing.threads):
            made |= records
            complaints += bad
            progress.update(count)
    if complaints:
        shown = sorted(complaints)[:SHOWN_ERRORS]
        more = [f"and {len(complaints) - SHOWN_ERRORS} more"] if len(complaints) > SHOWN_ERRORS else []
        raise ImageError(f"{len(complaints)} of {len(keys)} images cannot be used: " + "; ".join(shown + more))
    _tidy(folder, made)
    return pd.DataFrame([made[name]["facts"] for name in keys], index=list(keys)), reused


def source_keys(listing: Listing, settings: Settings) -> dict[str, str]:
    """What each image is made from: its source (for a file also size and time), the parameters and the code."""
    code = code_of("helpers.cohort.recipe", listing.read.__module__)
    reader = repr(listing.read) if is_dataclass(listing.read) else None
    stamps = [_stamp(path) for path in listing.inputs] if listing.threads else []
    common = repr((settings.size, settings.fit, settings.window, reader, stamps, code))
    return {
        name: hashlib.sha256(f"{common} {source} {_stamp(source)}".encode()).hexdigest()
        for name, source in zip(listing.table["image_id"], listing.table["source"], strict=True)
    }


def _stamp(source: str | Path) -> tuple | None:
    try:
        state = os.stat(source)
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def read_records(folder: Path) -> dict[str, dict]:
    """Records of earlier attempts by image_id; a damaged record counts as none."""
    records = {}
    for path in sorted((folder / ".made").glob("*.json")):
        try:
            records |= json.loads(path.read_text())
        except ValueError:
            path.unlink()
    return records


def _unharmed(folder: Path, image_id: str, record: dict) -> bool:
    path = folder / "images" / f"{image_id}.png"
    return path.is_file() and sha256(path) == record["sha256"]


def _in_parallel(recipe: Recipe, tasks: list, workers: int | None, threads: bool):
    workers = workers or (1 if len(tasks) < FEW else joblib.cpu_count())
    size = max(1, min(64, -(-len(tasks) // workers)))
    chunks = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    if workers == 1:
        return map(recipe.make_many, chunks)
    parallel = joblib.Parallel(workers, return_as="generator_unordered", prefer="threads" if threads else "processes")
    return parallel(joblib.delayed(recipe.make_many)(chunk) for chunk in chunks)


def _tidy(folder: Path, made: dict[str, dict]) -> None:
    """Keep one record of all images, and only their pictures."""
    write_text(folder / ".made" / "all.json", json.dumps(made))
    for path in (folder / ".made").iterdir():
        if path.name != "all.json":
            path.unlink()
    for path in (folder / "images").iterdir():
        if path.stem not in made or path.suffix != ".png":
            path.unlink()
