"""What notebook 03 does: trains the diffusion model and writes its pipeline."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pandas as pd
import torch

from helpers.checks import chosen
from helpers.files import write_text
from helpers.generators.budget import Budget
from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline, Denoiser
from helpers.generators.diffusion_trainer import DiffusionSettings, DiffusionTrainer
from helpers.generators.precision import Precision
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.tables import write_table


@dataclass(frozen=True)
class Trained:
    """A finished training: its pipeline's folder, its log, how many images it saw and how many weights it has."""

    pipeline: Path
    log: pd.DataFrame
    images_seen: int
    parameters: int


def train_stage(
    data: TrainingData, parameters: Mapping, precision: Precision, folder: Path, processes: Processes | None = None
) -> Trained:
    """``fit`` under the parameters of notebook 03."""
    start, budget = find_start(parameters["warm_start"]), Budget.from_parameter(parameters["budget"])
    trainer = DiffusionTrainer(data, chosen(DiffusionSettings, parameters), precision, start, processes)
    return fit(trainer, budget, folder, chosen(SnapshotSettings, parameters))


def fit(
    trainer: DiffusionTrainer, budget: Budget, folder: str | Path, snapshots: SnapshotSettings, **options
) -> Trained:
    """Train the diffusion model of a study and write it to ``folder``.

    Writes ``checkpoint/`` and ``log.csv``, in the end ``pipeline/`` with the averaged weights and ``training.json``
    (images; images_seen, those of a warm start included; seconds), and with ``snapshots`` also ``snapshots.csv``
    (images, seconds, frechet, spread) and ``snapshots/``. ``options`` go to ``training_loop.train``.
    """
    folder = Path(folder)
    taker = SnapshotTaker(trainer.data, snapshots, folder / "snapshots", trainer.settings.seed)
    log = train(trainer, budget, folder / "checkpoint", folder / "log.csv", taker, "Diffusion", **options)
    weights = sum(values.numel() for values in trainer.average.parameters())
    trained = Trained(folder / "pipeline", log, trainer.images, weights)
    if not trainer.processes.first:
        return trained
    write_table(log, folder / "log.csv")
    if trainer.snapshots.rows:
        write_table(pd.DataFrame(trainer.snapshots.rows), folder / "snapshots.csv")
    trainer.snapshots.weights(trainer.average)
    trainer.measure_grain()
    save_pipeline(trainer.average, trained.pipeline)
    counts = {name: getattr(trainer, name) for name in ("images", "images_seen")}
    counts |= {"seconds": round(trainer.seconds, 1)}
    write_text(folder / "training.json", json.dumps(counts, indent=1) + "\n")
    return trained


def save_pipeline(denoiser: Denoiser, folder: Path) -> None:
    """Write a pipeline around the denoiser; the folder is there only when it is whole."""
    temporary = folder.with_name(f".{folder.name}-part")
    for old in (temporary, folder):
        rmtree(old, ignore_errors=True)
    denoiser = deepcopy(denoiser).to("cpu", memory_format=torch.contiguous_format)
    ChestDiffusionPipeline(denoiser, SCHEDULERS["euler"]()).save_pretrained(temporary)
    temporary.rename(folder)
