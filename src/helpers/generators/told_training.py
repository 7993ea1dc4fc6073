"""How notebook 03 trains any text-conditioned model, and what it writes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pandas as pd

from helpers.checks import chosen
from helpers.files import disk_errors, write_text
from helpers.generators.budget import Budget
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.generators.words.told_trainer import ToldTrainer
from helpers.tables import write_table

PIPELINE = "pipeline"
DESCRIPTION = "training.json"


@dataclass(frozen=True)
class Trained:
    """A finished training: its pipeline's folder, its log, and how many images it saw and weights it trained."""

    pipeline: Path
    log: pd.DataFrame
    images_seen: int
    parameters: int


def train_told(
    trainer: ToldTrainer,
    data: TrainingData,
    parameters: Mapping,
    folder: Path,
    save: Callable[[Path], None],
    described: Mapping,
    **options,
) -> Trained:
    """Train a model with the parameters of notebook 03 and write it to ``folder``.

    Writes ``checkpoint/`` and ``log.csv``; at the end ``pipeline/``, which ``save`` fills and which appears only when
    complete, and ``training.json`` (images; images_seen, including those of a warm start; seconds; the entries of
    ``described``); with snapshots, which are compared with ``data``, also ``snapshots.csv`` (images, seconds, frechet,
    spread) and ``snapshots/``. ``options`` are passed to ``training_loop.train``.
    """
    budget = Budget.from_parameter(parameters["budget"])
    taker = SnapshotTaker(data, chosen(SnapshotSettings, parameters), folder / "snapshots", trainer.settings.seed)
    log = train(trainer, budget, folder / "checkpoint", folder / "log.csv", taker, "Diffusion", **options)
    trained = Trained(folder / PIPELINE, log, trainer.images_seen, trainer.count)
    if not trainer.processes.first:
        return trained
    write_table(log, folder / "log.csv")
    if trainer.snapshots.rows:
        write_table(pd.DataFrame(trainer.snapshots.rows), folder / "snapshots.csv")
    trainer.snapshots.weights(trainer.average)
    temporary = trained.pipeline.with_name(f".{PIPELINE}-part")
    for old in (temporary, trained.pipeline):
        rmtree(old, ignore_errors=True)
    with disk_errors(trained.pipeline):
        save(temporary)
    temporary.rename(trained.pipeline)
    found = {name: getattr(trainer, name) for name in ("images", "images_seen")}
    found |= {"seconds": round(trainer.seconds, 1)} | dict(described)
    write_text(folder / DESCRIPTION, json.dumps(found, indent=1) + "\n")
    return trained
