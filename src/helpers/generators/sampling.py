"""Synthetic images for every study cell: existing ones are kept, the others are made in shards."""

import hashlib
import json
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from shutil import rmtree

import numpy as np
import pandas as pd

from helpers.dependencies import code_of
from helpers.errors import ParameterError
from helpers.files import write_text
from helpers.findings import Cell, Findings, in_cell
from helpers.generators import cell_images
from helpers.generators.drawing_threads import drawing_threads
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sources import load, options_of
from helpers.pixels import ImageStore, read_image
from helpers.progress import Progress
from helpers.runs import Run
from helpers.tables import REAL, SAMPLES, write_table

SHARD = 24  # images made and written at a time; whole batches of the diffusion model
NOTE = "made_with.json"  # beside the images of a source: everything that they depend on


def sample_cells(
    specs: Sequence[Mapping],
    findings: Findings,
    *,
    per_cell: int,
    seed: int,
    run: Run,
    workers: int = 2,
) -> pd.DataFrame:
    """Make ``per_cell`` images for every source and cell, write them and ``samples/samples.csv``; returns that table.

    ``specs`` come from ``sources.complete_specs``. Images that an earlier call finished are kept if model,
    options, prompts and code are unchanged; all others are made (again). A source of existing images gives what it
    has if that is fewer. On a CPU, ``workers`` threads of one core each share the work, without changing the images.
    Images that jobs, one per source and cell, have made beforehand (``sample_part``) are taken over. Raises
    SampleError naming the source, cell and image if output is blank or not finite, and for a generator that was
    trained on other findings.
    """
    if per_cell < 1:
        raise ParameterError(f"per_cell = {per_cell}: at least one image per cell is needed")
    folder = run.stage_folder("04_sample")
    _remove_other_sources(folder, {spec["source"] for spec in specs})
    rows = []
    with Progress("Sampling", len(specs) * len(findings.cells) * per_cell) as progress:
        for spec in specs:
            generator, source, options = load(spec, findings), spec["source"], options_of(spec)
            made_with = _made_with(spec, generator, findings, seed)
            write_text(folder / source / NOTE, made_with + "\n")
            own = cell_images.image_rows(generator, source, findings, per_cell, seed, options.get("guidance"))
            key, store = hashlib.sha256(made_with.encode()).hexdigest(), ImageStore(folder / source)
            missing = _without(own, store.arrange(_keys(own, key)))
            for cell in findings.cells:
                part = ImageStore(cell_images.part_folder(run, source, cell.label))
                missing = _without(missing, store.take(part, _keys(missing, key)))
            progress.update(len(own) - len(missing))
            _make(generator, missing, findings, key, store, options, progress, workers)
            rows += own
            del generator  # before the next one is loaded, as two may not fit in memory
    table = pd.DataFrame(rows).drop(columns="index")
    write_table(table, folder / "samples.csv", SAMPLES)
    rmtree(cell_images.parts_folder(run), ignore_errors=True)
    return table


def sample_part(
    spec: Mapping, cell: Cell, findings: Findings, *, per_cell: int, seed: int, run: Run, workers: int = 2
) -> Path:
    """Make the missing images of one source and cell in a folder of their own; returns the folder.

    Any number of processes may do this at the same time, each for its own part. ``sample_cells``, called with the same
    arguments, takes the images over. Raises the same errors as ``sample_cells``.
    """
    source = spec["source"]
    generator, options = load(spec, findings), options_of(spec)
    rows = cell_images.image_rows(generator, source, findings, per_cell, seed, options.get("guidance"))
    own = [row for row in rows if (row["finding"], row["present"]) == (cell.finding, cell.present)]
    key = hashlib.sha256(_made_with(spec, generator, findings, seed).encode()).hexdigest()
    wanted = _without(own, ImageStore(run.stage_folder("04_sample") / source).whole(_keys(own, key)))
    store = ImageStore(cell_images.part_folder(run, source, cell.label))
    missing = _without(wanted, store.arrange(_keys(wanted, key)))
    with Progress(f"Sampling {source}, {cell.label}", len(missing)) as progress:
        _make(generator, missing, findings, key, store, options, progress, workers)
    return store.pixels.parent


def _keys(rows: Sequence[Mapping], key: str) -> dict[str, str]:
    return dict.fromkeys((row["image_id"] for row in rows), key)


def _without(rows: Sequence[dict], names: Collection[str]) -> list[dict]:
    return [row for row in rows if row["image_id"] not in names]


def _remove_other_sources(folder: Path, sources: set[str]) -> None:
    for made in folder.glob(f"*/{NOTE}"):
        if made.parent.name not in sources:
            rmtree(made.parent)


def _made_with(spec: Mapping, generator: ImageGenerator, findings: Findings, seed: int) -> str:
    """Everything that the images of a source depend on, as JSON, including the model but not its path."""
    asked = [findings.condition(cell) for cell in findings.cells]
    prompts = {name: [generator.prompt(condition, name) for condition in asked] for name in generator.templates}
    code = code_of(*generator.modules, cell_images.__name__)
    kept = {name: value for name, value in spec.items() if name not in ("path", "enlarger")}
    return json.dumps(
        {**kept, "sha256": generator.sha256, "seed": seed, "prompts": prompts, "code": code}, sort_keys=True
    )


def _make(
    generator: ImageGenerator,
    rows: Sequence[dict],
    findings: Findings,
    key: str,
    store: ImageStore,
    options: Mapping,
    progress: Progress,
    workers: int,
) -> None:
    """Make the images for one source's rows and put them in its store, shard by shard.

    A shard holds images of one cell and one template.
    """
    shards, alike = [], ["finding", "present", "template"]
    for _, same in pd.DataFrame(rows).groupby(alike, sort=False, dropna=False) if rows else ():
        records = same.to_dict("records")
        shards += [records[start : start + SHARD] for start in range(0, len(records), SHARD)]
    with drawing_threads(workers) as pool:
        futures = deque(pool.submit(cell_images.make, generator, shard, findings, options) for shard in shards)
        for shard in shards:
            images = futures.popleft().result()  # a future that is kept would keep its images in memory
            named = zip((row["image_id"] for row in shard), images, strict=True)
            store.note({name: {"key": key, "sha256": store.put(name, image), "facts": {}} for name, image in named})
            progress.update(len(shard), note=shard[0]["source"])
    store.finish()


def examples(
    cohort: pd.DataFrame, samples: pd.DataFrame, findings: Findings, run: Run, count: int
) -> dict[str, dict[Cell, np.ndarray]]:
    """The first ``count`` images of each source and cell, starting with real ones of the test split, for a figure.

    Source -> cell -> float32 (n, size, size) in 0..1; a cell without images is left out. A real image belongs to
    several cells but is shown in only one, as long as others are left.
    """
    tests, shown = cohort[cohort["split"] == "test"], set()
    paths = {REAL: {}}
    for cell in findings.cells:
        own = tests.loc[in_cell(tests, cell), "path"]
        paths[REAL][cell] = pd.concat([own[~own.isin(shown)], own[own.isin(shown)]])
        shown |= set(paths[REAL][cell][:count])
    for (source, finding, present), rows in samples.groupby(["source", "finding", "present"], sort=False):
        paths.setdefault(source, {})[Cell(finding, int(present))] = rows["path"]
    return {
        source: {
            cell: np.stack([read_image(run.folder / path) for path in chosen[:count]])
            for cell, chosen in cells.items()
            if len(chosen)
        }
        for source, cells in paths.items()
    }
