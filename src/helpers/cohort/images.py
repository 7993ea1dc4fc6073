"""Preprocess and store many images, in parallel, continuing where an earlier attempt stopped."""

import hashlib
import os
from dataclasses import dataclass, is_dataclass
from pathlib import Path

import joblib
import pandas as pd

from helpers.cohort.listing import Listing
from helpers.cohort.recipe import Recipe
from helpers.cohort.settings import Settings
from helpers.cohort.unreadable import judge, look_at_all
from helpers.dependencies import code_of
from helpers.pixels import ImageStore
from helpers.progress import Progress

CHUNK = 64  # images that a worker makes before they are recorded
FEW = 500  # below this many images, starting worker processes takes longer than they save


@dataclass(frozen=True)
class Written:
    """The reader's facts on the images, by image_id; how many images were reused; a note on those left out."""

    facts: pd.DataFrame
    reused: int
    note: str | None


def write_images(listing: Listing, settings: Settings, folder: Path) -> Written:
    """Write the image of every row into ``folder/images.npy`` (see ``pixels.ImageStore``), in the order of the rows.

    An image is reused when it was made from the same source with the same parameters by the same code and its pixels
    are intact. The result does not depend on the number of workers. All headers are checked first. Images that
    cannot be used are listed in ``folder/unreadable.csv``; no table refers to their rows. Raises ImageError if they
    must not be left out; for bad pixels, only after all other images are done.
    """
    keys, store = source_keys(listing, settings), ImageStore(folder)
    sources = dict(zip(listing.table["image_id"], listing.table["source"], strict=True))
    complaints = look_at_all(listing, sources)
    judge(complaints, len(keys), settings, folder)
    made = store.arrange(keys, settings.size)
    reused = len(made)
    recipe = Recipe(listing.read, settings.size, settings.fit, settings.window, store.file)
    tasks = [(n, store.rows[n], sources[n], keys[n]) for n in keys if n not in made and n not in complaints]
    with Progress("Preparing images", len(keys), done=reused + len(complaints)) as progress:
        for count, records, bad in _in_parallel(recipe, tasks, settings.workers, listing.threads):
            store.note(records)
            made |= records
            complaints |= bad
            progress.update(count)
    store.finish()
    note = judge(complaints, len(keys), settings, folder)
    kept = [name for name in keys if name in made]
    facts = pd.DataFrame([made[name]["facts"] for name in kept], index=kept)
    return Written(facts, reused, note)


def source_keys(listing: Listing, settings: Settings) -> dict[str, str]:
    """A hash of what each image is made from: source (for a file also size and time), parameters and code."""
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


def _in_parallel(recipe: Recipe, tasks: list, workers: int | None, threads: bool):
    workers = workers or (1 if len(tasks) < FEW else joblib.cpu_count())
    size = max(1, min(CHUNK, -(-len(tasks) // workers)))
    chunks = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    if workers == 1:
        return map(recipe.make_many, chunks)
    parallel = joblib.Parallel(workers, return_as="generator_unordered", prefer="threads" if threads else "processes")
    return parallel(joblib.delayed(recipe.make_many)(chunk) for chunk in chunks)
