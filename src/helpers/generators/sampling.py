"""Synthetic images for every study cell: one interface to all generators, per-image seeds, shards that resume."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree
from typing import Protocol

import numpy as np
import pandas as pd
import torch

from helpers.errors import ImageError, ParameterError, SampleError
from helpers.files import read_gray, write_png, write_text
from helpers.findings import CELLS, Cell, condition, in_cell
from helpers.progress import Progress
from helpers.runs import Run, workspace
from helpers.tables import REAL, SAMPLES, write_table

SHARD = 24  # images made and written at a time: whole chunks of the diffusion model
FLAT = 1e-3  # standard deviation of pixels, range 0..1, below which an image shows nothing

# What `sample` of each kind takes from the notebook's parameters; every other key of a spec is for its `load`.
SAMPLE_OPTIONS = {
    "gan": ("truncation", "emphasis"),
    "diffusion": ("guidance", "steps", "scheduler"),
    "text_to_image": ("guidance", "steps"),
    "external": (),
}
STAGE_OF = {"gan": ("02_train_gan", ""), "diffusion": ("03_train_diffusion", "pipeline")}


class Generator(Protocol):
    """What every generator offers. ``checkpoint`` is the SHA-256 of what makes its images.

    A generator that is told in words also has ``templates``, the names of its prompt templates, and
    ``prompt(condition, template) -> str``; its ``sample`` takes ``template``. A source of images that exist already has
    ``available(condition) -> int`` and ``take(condition, indices) -> images`` in place of ``sample``.
    """

    checkpoint: str

    def sample(self, condition: np.ndarray, seeds: Sequence[int], **options) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1 under condition int8 (4,); image i depends on ``seeds[i]`` alone."""
        ...


def load(spec: Mapping | str | Path) -> Generator:
    """The generator of a spec, ``{"source": name, "kind": ..., "path": ..., options...}``, or of a folder of our own.

    A folder holds a diffusion pipeline (``model_index.json``) or a GAN. Raises ParameterError for a spec that is not
    one, CheckpointError when what it names cannot be loaded.
    """
    if not isinstance(spec, Mapping):
        kind = "diffusion" if (Path(spec) / "model_index.json").is_file() else "gan"
        spec = {"source": kind, "kind": kind, "path": str(spec)}
    kind = spec["kind"]
    if kind == "diffusion":
        from helpers.generators.diffusion import ChestDiffusionPipeline

        return ChestDiffusionPipeline.load(spec["path"])
    if kind == "gan":
        from helpers.generators.gan import Gan

        return Gan.load(spec["path"])
    if kind == "text_to_image":
        from helpers.generators import text_to_image

        return text_to_image.load(spec)
    from helpers.generators import external

    return external.load(spec)


def complete_specs(specs: Sequence[Mapping], run: Run, **defaults) -> list[dict]:
    """Check a notebook's list of sources; fill in the run's own models and the options that a spec leaves open.

    ``defaults`` are guidance, steps, truncation and the like, and the run's image ``size``.
    Raises ParameterError naming the source and the key.
    """
    completed = []
    for spec in specs:
        if not isinstance(spec, Mapping) or not {"source", "kind"} <= set(spec):
            raise ParameterError(f'sources: {spec!r} needs at least {{"source": name, "kind": kind}}')
        source, kind = str(spec["source"]), spec["kind"]
        if kind not in SAMPLE_OPTIONS:
            raise ParameterError(f"sources: {source}: kind = {kind!r} must be one of {', '.join(SAMPLE_OPTIONS)}")
        if source == REAL or not source.replace("_", "").replace("-", "").isalnum():
            raise ParameterError(f"sources: {source!r} cannot be a source's name; use letters, digits, '-' and '_'")
        known = SAMPLE_OPTIONS[kind] + (() if kind in STAGE_OF else ("size",))
        options = {name: defaults[name] for name in known if name in defaults}
        extra = set(spec) - {"source", "kind", "path"} - set(SAMPLE_OPTIONS[kind])
        if kind in STAGE_OF and extra:
            raise ParameterError(
                f"sources: {source}: a {kind} has no option {', '.join(sorted(extra))}; "
                f"it has {', '.join(SAMPLE_OPTIONS[kind])}"
            )
        completed.append({**options, **spec, "path": str(_path(spec, run))})
    names = [spec["source"] for spec in completed]
    if len(set(names)) < len(names) or not names:
        raise ParameterError(f"sources: names {names} must be there and differ; they tell the images apart")
    return completed


def _path(spec: Mapping, run: Run) -> Path:
    if spec.get("path"):
        return workspace() / spec["path"]
    if spec["kind"] not in STAGE_OF:
        raise ParameterError(f"sources: {spec['source']}: path is missing; say where its model or images lie")
    stage, inside = STAGE_OF[spec["kind"]]
    return run.stage_folder(stage) / inside


def image_seed(seed: int, source: str, cell: Cell, index: int) -> int:
    """Seed of one image, 48 bits: from the study's seed, the source, the cell and the image's number alone."""
    return int(hashlib.sha256(f"{seed}/{source}/{cell.label}/{index}".encode()).hexdigest()[:12], 16)


def sample_cells(
    specs: Sequence[Mapping],
    cells: Sequence[Cell] = CELLS,
    *,
    per_cell: int,
    seed: int,
    run: Run,
    workers: int = 2,
) -> pd.DataFrame:
    """Make ``per_cell`` images for every source and cell, write them and ``samples/samples.csv``; returns that table.

    ``specs`` come from ``complete_specs``. Images of the same checkpoint and options that an earlier call finished are
    kept, everything else is made (again). A source of existing images gives what it has where that is less.
    ``workers`` threads of one core each share the work on a CPU and change nothing in the images.
    Raises SampleError naming source, cell and image for output that is blank or not a number.
    """
    if per_cell < 1:
        raise ParameterError(f"per_cell = {per_cell}: at least one image per cell is needed")
    folder = run.stage_folder("04_sample")
    _remove_other_sources(folder, {spec["source"] for spec in specs})
    rows = []
    with Progress("Sampling", len(specs) * len(cells) * per_cell) as progress:
        for spec in specs:
            generator = load(spec)
            _keep_or_clear(folder / spec["source"], spec, generator, seed)
            source_rows, missing = _inventory(folder, spec, generator, cells, per_cell, seed)
            progress.update(len(source_rows) - len(missing), note=spec["source"])
            _make(generator, spec, missing, run, progress, workers)
            rows += source_rows
    table = pd.DataFrame(rows).drop(columns="index")
    write_table(table, folder / "samples.csv", SAMPLES)
    return table


def _options(spec: Mapping) -> dict:
    return {name: spec[name] for name in SAMPLE_OPTIONS[spec["kind"]] if name in spec}


def _remove_other_sources(folder: Path, sources: set[str]) -> None:
    for made in folder.glob("*/made_with.json"):
        if made.parent.name not in sources:
            rmtree(made.parent)


def _keep_or_clear(folder: Path, spec: Mapping, generator: Generator, seed: int) -> None:
    """Empty a source's folder unless its images were made with this very checkpoint, seed and options."""
    load_settings = {name: value for name, value in spec.items() if name != "path"}
    made_with = json.dumps({**load_settings, "checkpoint": generator.checkpoint, "seed": seed}, sort_keys=True)
    note = folder / "made_with.json"
    if note.is_file() and note.read_text(encoding="utf-8").strip() == made_with:
        return
    rmtree(folder, ignore_errors=True)
    write_text(note, made_with + "\n")


def _inventory(
    folder: Path, spec: Mapping, generator: Generator, cells: Sequence[Cell], per_cell: int, seed: int
) -> tuple[list[dict], list[dict]]:
    """Rows of the samples table of one source, and those whose image is still to be made; others are removed."""
    source, rows = spec["source"], []
    templates = getattr(generator, "templates", (None,))
    exist = getattr(generator, "available", None)
    for cell in cells:
        for index in range(min(per_cell, exist(condition(cell))) if exist else per_cell):
            template = templates[index % len(templates)]  # every template gets its share of every cell
            rows.append(
                {
                    "image_id": f"{source}-{cell.label}-{index:05d}",
                    "path": f"{folder.name}/{source}/{cell.label}/{index:05d}.png",
                    "source": source,
                    "finding": cell.finding,
                    "present": cell.present,
                    "prompt": generator.prompt(condition(cell), template) if template else None,
                    "template": template,
                    "seed": None if exist else image_seed(seed, source, cell, index),
                    "guidance": _options(spec).get("guidance"),
                    "checkpoint": generator.checkpoint,
                    "index": index,
                }
            )
    wanted = {folder.parent / row["path"] for row in rows}
    for path in (folder / source).rglob("*.png"):
        if path not in wanted or not _whole(path):
            path.unlink()
    return rows, [row for row in rows if not (folder.parent / row["path"]).is_file()]


def _whole(path: Path) -> bool:
    try:
        return bool(read_gray(path).size)
    except ImageError:
        return False


def _make(generator: Generator, spec: Mapping, missing: list[dict], run: Run, progress: Progress, workers: int) -> None:
    """Make the missing images of one source, shard by shard; a shard holds images of one cell and one template."""
    shards, alike = [], ["finding", "present", "template"]
    for _, rows in pd.DataFrame(missing).groupby(alike, sort=False, dropna=False) if missing else ():
        records = rows.to_dict("records")
        shards += [records[start : start + SHARD] for start in range(0, len(records), SHARD)]

    def work(shard: list[dict]) -> int:
        cell = Cell(shard[0]["finding"], int(shard[0]["present"]))
        if hasattr(generator, "take"):
            images = generator.take(condition(cell), [row["index"] for row in shard])
        else:
            words = {"template": shard[0]["template"]} if hasattr(generator, "templates") else {}
            images = generator.sample(condition(cell), [int(row["seed"]) for row in shard], **_options(spec), **words)
        check(images, len(shard), f"{spec['source']}, {cell.title}")
        for row, image in zip(shard, images, strict=True):
            write_png(run.folder / row["path"], image)
        return len(shard)

    threads_before = torch.get_num_threads()
    on_gpu = torch.cuda.is_available()
    with ThreadPoolExecutor(1 if on_gpu else max(workers, 1), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        futures = [pool.submit(work, shard) for shard in shards]
        try:
            for future in futures:
                progress.update(future.result(), note=spec["source"])
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(threads_before)


def check(images: np.ndarray, count: int, origin: str) -> None:
    """Raise SampleError when a generator's output is not ``count`` square gray images in 0..1 that show something."""
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


def examples(cohort: pd.DataFrame, samples: pd.DataFrame, run: Run, count: int) -> dict[str, dict[Cell, np.ndarray]]:
    """The first ``count`` images of each source and cell, real ones of the test split first, for a figure.

    Source -> cell -> float32 (n, size, size) in 0..1; a cell without images is left out. A real image belongs to
    several cells and is shown in one only, as long as others are left.
    """
    tests, shown = cohort[cohort["split"] == "test"], set()
    paths = {REAL: {}}
    for cell in CELLS:
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
