"""What notebook 02 does: trains a study's GAN, one network for all findings or one for each, and writes it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from helpers.checks import chosen
from helpers.errors import ParameterError
from helpers.files import write_text
from helpers.generators import gan
from helpers.generators.budget import Budget
from helpers.generators.described_weights import write_tensors
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.precision import Precision
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.tables import write_table


def train_stage(
    data: TrainingData,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
    **options,
) -> pd.DataFrame:
    """Train the GAN of a study with the parameters of notebook 02 and write it to ``folder``; returns the log.

    ``models`` is ``joint``, one network for all findings, or ``per_finding``, one binary network for each, trained
    with the whole ``budget`` on the images on which its finding is labelled; the joint network may start from a
    trained one (``warm_start``). Writes ``discriminator.safetensors`` (joint only), ``model.safetensors``
    and ``model.json`` (see ``gan.Gan``), ``log.csv`` (with a column ``model``), ``training.json`` (images, seconds,
    images per second), ``checkpoint/<model>/``, and with snapshots also ``snapshots.csv`` (model, images, seconds,
    frechet, spread) and ``snapshots/<model>/``. ``options`` are passed to ``training_loop.train``.
    Raises ParameterError for any other ``models`` and for a warm start that does not fit.
    """
    shape = chosen(Architecture, parameters, size=data.size, findings=data.findings)
    settings = chosen(GanSettings, parameters)
    budget, snapshots = Budget.from_parameter(parameters["budget"]), chosen(SnapshotSettings, parameters)
    parts, start = _parts(data, parameters["models"]), find_start(parameters["warm_start"])
    if start and gan.JOINT not in parts:
        raise ParameterError("models = 'per_finding': the pretrained GAN knows all findings; set warm_start to none")
    folder, networks, kept, logs, rows = Path(folder), {}, {}, [], []
    for name, part in parts.items():
        trainer = GanTrainer(part, shape, settings, precision, start, processes)
        taker = SnapshotTaker(part, snapshots, folder / "snapshots" / name, settings.seed)
        label = "GAN" if name == gan.JOINT else f"GAN {name}"
        log = train(trainer, budget, folder / "checkpoint" / name, folder / f"log_{name}.csv", taker, label, **options)
        logs.append(log.assign(model=name))
        rows += [{"model": name} | row for row in trainer.snapshots.rows]
        best = trainer.snapshots.best
        kept[name] = best["images"] if best else trainer.images
        trainer.snapshots.weights(trainer.average)
        networks[name] = trainer.average
        if name == gan.JOINT and trainer.processes.first:
            write_tensors(folder / "discriminator.safetensors", trainer.discriminator.state_dict())
    log = pd.concat(logs, ignore_index=True)
    if processes and not processes.first:
        return log
    write_table(log, folder / "log.csv")
    if rows:
        write_table(pd.DataFrame(rows), folder / "snapshots.csv")
    for name in parts:
        (folder / f"log_{name}.csv").unlink(missing_ok=True)
    seen = start.images_seen if start else 0
    described = {"models": parameters["models"], "kept": kept, "settings": asdict(settings)}
    _save(folder, networks, described, log, seen, precision)
    return log


def _parts(data: TrainingData, models: str) -> dict[str, TrainingData]:
    """The training images of each network, by name."""
    if models not in ("joint", "per_finding"):
        raise ParameterError(f"models = {models!r}: must be 'joint' or 'per_finding'")
    return {gan.JOINT: data} if models == "joint" else {name: data.only(name) for name in data.findings}


def _save(folder: Path, networks: Mapping, described: dict, log: pd.DataFrame, seen: int, precision: Precision) -> None:
    """Write the networks, which had seen ``seen`` images before this training, and the training speed."""
    ends = log.groupby("model")[["images", "seconds"]].last().sum()
    images, seconds = int(ends["images"]), float(ends["seconds"])
    gan.save(folder, networks, described | {"images_seen": images + seen})
    speed = {"images": images, "seconds": round(seconds, 1), "images_per_second": round(images / seconds, 1)}
    write_text(folder / "training.json", json.dumps(speed | {"precision": precision.message}, indent=1) + "\n")
