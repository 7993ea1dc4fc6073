"""What the enlarger's notebook does: trains it and writes it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from helpers.checks import chosen
from helpers.files import write_text
from helpers.generators.budget import Budget
from helpers.generators.described_weights import write_tensors
from helpers.generators.enlarging import enlarger
from helpers.generators.enlarging.trainer import EnlargerSettings, EnlargerTrainer
from helpers.generators.precision import Precision
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.tables import write_table

CRITIC = "critic.safetensors"


def train_stage(
    data: TrainingData,
    drawn_size: int,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
    **options,
) -> pd.DataFrame:
    """Train the enlarger of a study under the parameters of its notebook and write it to ``folder``; returns the log.

    ``data`` have the study's size, ``drawn_size`` is that of the images to enlarge, pixels a side; see ``drawn_at``.
    Writes ``model.safetensors``, ``model.json`` (see ``enlarger.load``), ``critic.safetensors``, ``log.csv``,
    ``training.json`` (images; images_seen, those of a warm start included; seconds) and ``checkpoint/``. ``options`` go
    to ``training_loop.train``. Raises ParameterError where a warm start does not fit.
    """
    folder, processes = Path(folder), processes or Processes()
    shape = chosen(enlarger.EnlargerShape, parameters, size=drawn_size, factor=data.size // drawn_size)
    start, budget = find_start(parameters["warm_start"]), Budget.from_parameter(parameters["budget"])
    trainer = EnlargerTrainer(data, shape, chosen(EnlargerSettings, parameters), precision, start, processes)
    none = SnapshotTaker(data, SnapshotSettings(), folder)
    log = train(trainer, budget, folder / "checkpoint", folder / "log.csv", none, "Enlarger", **options)
    if not processes.first:
        return log
    write_table(log, folder / "log.csv")
    write_tensors(folder / CRITIC, trainer.critic.state_dict())
    counts = {name: getattr(trainer, name) for name in ("images", "images_seen")}
    write_text(folder / "training.json", json.dumps(counts | {"seconds": round(trainer.seconds, 1)}, indent=1) + "\n")
    enlarger.save(folder, trainer.average.cpu(), {"images_seen": trainer.images_seen})
    return log
