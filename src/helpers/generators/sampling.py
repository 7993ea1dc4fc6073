"""Synthetic images for every study cell: what is there already is kept, the rest is made shard by shard."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree

import numpy as np
import pandas as pd
import torch

from helpers.dependencies import code_of
from helpers.errors import ImageError, ParameterError
from helpers.files import read_gray, write_text
from helpers.findings import Cell, Findings, in_cell
from helpers.generators import cell_images
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sources import load, options_of
from helpers.progress import Progress
from helpers.runs import Run
from helpers.tables import REAL, SAMPLES, write_table

SHARD = 24  # images made and written at a time: whole chunks of the diffusion model


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

    ``specs`` come from ``sources.complete_specs``. Images that an earlier call finished are kept where model,
    options, prompts and code are the same; everything else is made (again). A source of existing images gives what it
    has where that is less. ``workers`` threads of one core each share the work on a CPU and change nothing in the
    images. Raises SampleError naming source, cell and image for output that is blank or not a number, and for a
    generator that was trained on other findings.
    """
    if per_cell < 1:
        raise ParameterError(f"per_cell = {per_cell}: at least one image per cell is needed")
    folder = run.stage_folder("04_sample")
    _remove_other_sources(folder, {spec["source"] for spec in specs})
    rows = []
    with Progress("Sampling", len(specs) * len(findings.cells) * per_cell) as progress:
        for spec in specs:
            generator, source, options = load(spec, findings), spec["source"], options_of(spec)
            _keep_or_clear(folder / source, _made_with(spec, generator, findings, seed))
            own = cell_images.image_rows(generator, source, findings, per_cell, seed, options.get("guidance"))
            missing = _missing(folder / source, own, run)
            progress.update(len(own) - len(missing), note=source)
            _make(generator, missing, findings, options, run, progress, workers)
            rows += own
    table = pd.DataFrame(rows).drop(columns="index")
    write_table(table, folder / "samples.csv", SAMPLES)
    return table


def _remove_other_sources(folder: Path, sources: set[str]) -> None:
    for made in folder.glob("*/made_with.json"):
        if made.parent.name not in sources:
            rmtree(made.parent)


def _made_with(spec: Mapping, generator: ImageGenerator, findings: Findings, seed: int) -> str:
    """All that the images of a source depend on, as JSON; the path does not count, the model does."""
    asked = [findings.condition(cell) for cell in findings.cells]
    prompts = {name: [generator.prompt(condition, name) for condition in asked] for name in generator.templates}
    code = code_of(type(generator).__module__, cell_images.__name__)
    kept = {name: value for name, value in spec.items() if name != "path"}
    return json.dumps(
        {**kept, "sha256": generator.sha256, "seed": seed, "prompts": prompts, "code": code}, sort_keys=True
    )


def _keep_or_clear(folder: Path, made_with: str) -> None:
    """Empty a source's folder unless all that its images depend on is the same."""
    note = folder / "made_with.json"
    if note.is_file() and note.read_text(encoding="utf-8").strip() == made_with:
        return
    rmtree(folder, ignore_errors=True)
    write_text(note, made_with + "\n")


def _missing(folder: Path, rows: list[dict], run: Run) -> list[dict]:
    """Rows of a source whose image is still to be made; damaged images, and those without a row, are removed."""
    wanted = {run.folder / row["path"] for row in rows}
    for path in folder.rglob("*.png"):
        if path not in wanted or not _whole(path):
            path.unlink()
    return [row for row in rows if not (run.folder / row["path"]).is_file()]


def _whole(path: Path) -> bool:
    try:
        return bool(read_gray(path).size)
    except ImageError:
        return False


def _make(
    generator: ImageGenerator,
    missing: list[dict],
    findings: Findings,
    options: Mapping,
    run: Run,
    progress: Progress,
    workers: int,
) -> None:
    """Make the missing images of one source, shard by shard; a shard holds images of one cell and one template."""
    shards, alike = [], ["finding", "present", "template"]
    for _, rows in pd.DataFrame(missing).groupby(alike, sort=False, dropna=False) if missing else ():
        records = rows.to_dict("records")
        shards += [records[start : start + SHARD] for start in range(0, len(records), SHARD)]
    threads_before = torch.get_num_threads()
    on_gpu = torch.cuda.is_available()
    with ThreadPoolExecutor(1 if on_gpu else max(workers, 1), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        futures = [pool.submit(cell_images.make, generator, shard, findings, options, run.folder) for shard in shards]
        try:
            for shard, future in zip(shards, futures, strict=True):
                future.result()
                progress.update(len(shard), note=shard[0]["source"])
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(threads_before)


def examples(
    cohort: pd.DataFrame, samples: pd.DataFrame, findings: Findings, run: Run, count: int
) -> dict[str, dict[Cell, np.ndarray]]:
    """The first ``count`` images of each source and cell, real ones of the test split first, for a figure.

    Source -> cell -> float32 (n, size, size) in 0..1; a cell without images is left out. A real image belongs to
    several cells and is shown in one only, as long as others are left.
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
            cell: np.stack([read_gray(run.folder / path) for path in chosen[:count]])
            for cell, chosen in cells.items()
            if len(chosen)
        }
        for source, cells in paths.items()
    }
