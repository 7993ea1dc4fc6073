"""The training loop of the diffusion model: keeps to a budget, saves, resumes, and writes the pipeline."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from shutil import rmtree
from time import monotonic

import pandas as pd
import torch

from helpers.files import sha256, write_text
from helpers.generators import resuming
from helpers.generators.budget import Budget
from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline, Denoiser
from helpers.generators.diffusion_trainer import DiffusionSettings, DiffusionTrainer
from helpers.generators.looks import LookSettings, Watcher
from helpers.generators.precision import Precision
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.training_data import TrainingData
from helpers.progress import Progress, tell
from helpers.tables import write_table

LOG_COLUMNS = ("step", "images", "loss", "learning_rate", "seconds")
CODE = ("conditions.py", "diffusion.py", "diffusion_trainer.py", "looks.py", "processes.py", "training_data.py")


@dataclass(frozen=True)
class Trained:
    """A finished training: its pipeline's folder, its log, how many images it saw and how many weights it has."""

    pipeline: Path
    log: pd.DataFrame
    images_seen: int
    parameters: int


def identity(trainer: DiffusionTrainer, look: LookSettings) -> dict:
    """All that two trainings must share for one to go on from the other: settings, seed, data, arithmetic and code."""
    here, precision = Path(__file__).parent, trainer.precision
    return {
        "settings": asdict(trainer.settings),
        "look": asdict(look),
        "seed": trainer.seed,
        "data": trainer.data.digest,
        "start": trainer.start.sha256 if trainer.start else None,
        "precision": [precision.device.type, str(precision.dtype), precision.channels_last],
        "code": {name: sha256(here / name) for name in CODE},
    }


def resume(trainer: DiffusionTrainer, folder: Path, budget: Budget, look: LookSettings) -> str:
    """Put a trainer where the checkpoint in ``folder`` stands, if it may go on from there; says what it did."""
    state, said = resuming.find(folder, identity(trainer, look), budget, trainer.start)
    if state is not None:
        trainer.restore(state)
    return said


def train(
    trainer: DiffusionTrainer,
    budget: Budget,
    folder: str | Path,
    look: LookSettings | None = None,
    save_seconds: float = 30.0,
) -> Trained:
    """Train until the budget is spent, going on from ``folder/checkpoint`` where that fits.

    Writes ``folder/checkpoint/`` and ``folder/log.csv`` every ``save_seconds``, in the end ``folder/pipeline/`` with
    the averaged weights and ``folder/training.json`` (images; images_seen, those of a warm start included; seconds).
    Killed at any moment, the same call goes on from the last checkpoint; on a CPU in float32 it ends with the bits of
    an unbroken training. The log has a row per ten steps: step, images, mean loss, learning rate, seconds of training.
    Where it is to ``look``, ``looks.csv`` (images, seconds, frechet, spread) and ``looks/`` say how the images of the
    averaged denoiser became; the time of a look is not counted as training.
    Raises TrainingError when a loss is not a number and when all images are one; what was saved before stands.
    """
    folder = Path(folder)
    look, first = look or LookSettings(), trainer.processes.first
    tell(resume(trainer, folder / "checkpoint", budget, look))
    watcher = Watcher(trainer.data, look, folder / "looks", trainer.seed)
    saved_at, unsaved, unit = monotonic(), False, budget.unit

    def spent() -> bool:
        return budget.spent(trainer.seconds, trainer.steps, trainer.images)

    def progress() -> int:
        return min(int({"seconds": trainer.seconds, "steps": trainer.steps, "images": trainer.images}[unit]), total)

    total = int(budget.total)
    with Progress("Diffusion", total, unit, done=progress()) as bar:
        while not spent():
            if first:
                watcher.look_if_due(trainer)
            loss = trainer.step()
            bar.update(progress() - bar.done, note=f"loss {loss:.3f}")
            unsaved = True
            if first and monotonic() - saved_at >= save_seconds and not spent():
                _save(trainer, folder, look)
                saved_at, unsaved = monotonic(), False
        if unsaved and first:
            watcher.look_if_due(trainer, finished=True)
            _save(trainer, folder, look, finished=budget)
    weights = sum(values.numel() for values in trainer.average.parameters())
    if not first:
        return Trained(folder / "pipeline", pd.DataFrame(trainer.rows), trainer.images, weights)
    if trainer.looked.rows:
        write_table(pd.DataFrame(trainer.looked.rows), folder / "looks.csv")
    trainer.looked.weights(trainer.average)
    trainer.measure_grain()
    save_pipeline(trainer.average, folder / "pipeline")
    before = trainer.start.images_seen if trainer.start else 0
    counts = {"images": trainer.images, "images_seen": before + trainer.images, "seconds": round(trainer.seconds, 1)}
    write_text(folder / "training.json", json.dumps(counts, indent=1) + "\n")
    return Trained(folder / "pipeline", _write_log(trainer, folder), trainer.images, weights)


def train_stage(
    data: TrainingData,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
) -> Trained:
    """``train`` under the parameters of notebook 03, which have the names of the settings' fields."""
    settings = DiffusionSettings(**{field.name: parameters[field.name] for field in fields(DiffusionSettings)})
    start = find_start(parameters["warm_start"])
    trainer = DiffusionTrainer(data, settings, parameters["seed"], precision, start, processes)
    return train(trainer, Budget.from_parameter(parameters["budget"]), folder, LookSettings.from_parameters(parameters))


def _save(trainer: DiffusionTrainer, folder: Path, look: LookSettings, finished: Budget | None = None) -> None:
    counters = (trainer.steps, trainer.images, trainer.seconds)
    resuming.keep(folder / "checkpoint", trainer.state(), identity(trainer, look), *counters, finished)
    _write_log(trainer, folder)


def _write_log(trainer: DiffusionTrainer, folder: Path) -> pd.DataFrame:
    """The log as the state has it, so that after a kill it holds no row of steps that are done again."""
    log = pd.DataFrame(trainer.rows, columns=list(LOG_COLUMNS))
    write_table(log, folder / "log.csv")
    return log


def save_pipeline(denoiser: Denoiser, folder: Path) -> None:
    """Write a pipeline around the denoiser; the folder is there only when it is whole."""
    temporary = folder.with_name(f".{folder.name}-part")
    for old in (temporary, folder):
        rmtree(old, ignore_errors=True)
    denoiser = deepcopy(denoiser).to("cpu", memory_format=torch.contiguous_format)
    ChestDiffusionPipeline(denoiser, SCHEDULERS["euler"]()).save_pretrained(temporary)
    temporary.rename(folder)
