"""The training loop of the GAN: keeps to a budget, saves, resumes, and stops when training has failed."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.torch import save_file

from helpers.errors import ParameterError, TrainingError
from helpers.files import sha256, write_text
from helpers.findings import BY_NAME, NAMES
from helpers.generators import gan, resuming
from helpers.generators.budget import Budget
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.looks import LookSettings, Watcher
from helpers.generators.precision import Precision
from helpers.generators.pretrained import Pretrained, cpu_state
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.progress import Progress, tell
from helpers.tables import write_table

FLAT = 1e-3  # mean spread over a batch (of images in -1..1) below which all images are one image
LOST = 50.0  # mean loss of the generator above which the discriminator has won for good
MEASURES = ("discriminator_loss", "generator_loss", "real_classification_loss", "fake_classification_loss", "penalty")
MEASURES += ("path_length", "real_score", "fake_score", "spread")
CODE = ("augment.py", "conditions.py", "gan_losses.py", "gan_trainer.py", "looks.py", "processes.py", "stylegan2.py")
CODE += ("training_data.py",)
SHAPE = ("width", "widest", "latent", "mapping_layers")


def identity(trainer: GanTrainer, look: LookSettings) -> dict:
    """All that two trainings must share for one to go on from the other: settings, data, arithmetic and code."""
    here = Path(__file__).parent
    return {
        "settings": asdict(trainer.settings),
        "architecture": asdict(trainer.shape),
        "look": asdict(look),
        "data": trainer.data.digest,
        "start": trainer.start.sha256 if trainer.start else None,
        "precision": [trainer.precision.device.type, str(trainer.precision.dtype), trainer.precision.channels_last],
        "code": {name: sha256(here / name) for name in CODE},
    }


def watch(row: Mapping, healthy: bool, origin: Path) -> None:
    """Raise TrainingError, saying what to change, when an interval of training shows that it has failed."""
    advice = f"the last good checkpoint is kept in {origin}; train again with a lower learning_rate"
    losses = (row["discriminator_loss"], row["generator_loss"])
    if not healthy or not np.isfinite(losses).all():
        raise TrainingError(f"step {row['step']}: a loss or a weight is not a number (losses {losses}); {advice}")
    if row["spread"] < FLAT:
        raise TrainingError(
            f"step {row['step']}: collapse, all synthetic images are the same (spread {row['spread']:.1e}); "
            f"{advice}, a larger batch or another seed"
        )
    if row["generator_loss"] > LOST:
        raise TrainingError(
            f"step {row['step']}: collapse, the discriminator tells every synthetic image (loss of the generator "
            f"{row['generator_loss']:.0f}); {advice}, a larger r1_gamma or another augmentation"
        )


def resume(trainer: GanTrainer, folder: Path, budget: Budget, look: LookSettings) -> str:
    """Put a trainer where the checkpoint in ``folder`` stands, if it may go on from there; says what it did."""
    state, said = resuming.find(folder, identity(trainer, look), budget, trainer.start)
    if state is not None:
        trainer.load_state(state)
    return said


def _save(trainer: GanTrainer, folder: Path, look: LookSettings, finished: Budget | None = None) -> None:
    counters = (trainer.step, trainer.images, trainer.seconds)
    resuming.keep(folder, trainer.state(), identity(trainer, look), *counters, finished)


def _look(trainer: GanTrainer, watcher: Watcher | None, finished: bool = False) -> None:
    if watcher and trainer.processes.first:
        watcher.look_if_due(trainer, finished)


def _row(trainer: GanTrainer, measured: list[dict]) -> dict:
    """Means over an interval of steps, and over processes; what was not measured in it is not a number."""
    columns = {name: [m[name] for m in measured if name in m] for name in MEASURES}
    means = torch.tensor([float(torch.stack(column).mean()) if column else float("nan") for column in columns.values()])
    means = trainer.processes.mean(means.to(trainer.precision.device)).tolist()
    means = dict(zip(columns, means, strict=True))
    counters = {"step": trainer.step, "images": trainer.images, "seconds": round(trainer.seconds, 3)}
    return counters | means | {"augmentation_probability": trainer.augmentation.p}


def train(
    trainer: GanTrainer,
    budget: Budget,
    folder: str | Path,
    log_csv: str | Path,
    save_seconds: float = 30.0,
    log_steps: int = 10,
    label: str = "GAN",
    watcher: Watcher | None = None,
) -> pd.DataFrame:
    """Train until the budget is spent; checkpoints go to ``folder``, the log to ``log_csv`` and is returned.

    A ``watcher`` looks at the averaged generator now and then; its time is not counted as training.

    Killed at any moment, the same call goes on from the last checkpoint; on a CPU in float32 it ends with the bits of
    an unbroken training. The log has a row per ``log_steps`` steps: step, images, seconds (of training, all attempts
    together), mean losses and scores, spread (standard deviation over a batch, images in -1..1), and the probability
    of augmentation. Raises TrainingError on values that are not numbers and on collapse; what was saved before stands.
    """
    folder, log_csv = Path(folder), Path(log_csv)
    look = watcher.settings if watcher else LookSettings()
    tell(resume(trainer, folder, budget, look))
    saved, measured, unit = time.monotonic(), [], budget.unit

    def progress() -> int:
        return int({"seconds": trainer.seconds, "steps": trainer.step, "images": trainer.images}[unit])

    with Progress(label, int(budget.total), unit, done=min(progress(), int(budget.total))) as bar:
        finished = budget.spent(trainer.seconds, trainer.step, trainer.images)
        while not finished:
            _look(trainer, watcher)
            measured.append(trainer.train_step())
            finished = budget.spent(trainer.seconds, trainer.step, trainer.images)
            if not finished and trainer.step % log_steps:
                continue
            row, measured = _row(trainer, measured), []
            watch(row, trainer.healthy(), folder)
            trainer.log.append(row)
            if finished:
                _look(trainer, watcher, finished)
            if not trainer.processes.first:
                continue
            if finished or time.monotonic() - saved > save_seconds:
                _save(trainer, folder, look, budget if finished else None)
                saved = time.monotonic()
            write_table(pd.DataFrame(trainer.log), log_csv)
            note = f"losses D {row['discriminator_loss']:.2f}, G {row['generator_loss']:.2f}"
            bar.update(max(min(progress(), int(budget.total)) - bar.done, 0), note)
    return pd.DataFrame(trainer.log)


def train_stage(
    data: TrainingData,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
) -> pd.DataFrame:
    """``fit`` under the parameters of notebook 02, which have the names of the settings' fields; returns the log."""
    shape = Architecture(data.size, *(parameters[name] for name in SHAPE))
    settings = GanSettings(**{field.name: parameters[field.name] for field in fields(GanSettings)})
    budget, look = Budget.from_parameter(parameters["budget"]), LookSettings.from_parameters(parameters)
    start = find_start(parameters["warm_start"])
    return fit(data, parameters["models"], shape, settings, budget, precision, folder, start, look, processes)


def fit(
    data: TrainingData,
    models: str,
    shape: Architecture,
    settings: GanSettings,
    budget: Budget,
    precision: Precision,
    folder: str | Path,
    start: Pretrained | None = None,
    look: LookSettings | None = None,
    processes: Processes | None = None,
    **options,
) -> pd.DataFrame:
    """Train the GAN of a study and write it to ``folder``; returns the log.

    ``models`` is ``joint``, one network for all findings, or ``per_finding``, one binary network for each, which gets
    the whole ``budget`` for itself and learns from the images on which its finding is labelled; the joint network may
    ``start`` from a trained one. Writes ``discriminator.safetensors`` (joint only), ``model.safetensors`` and
    ``model.json`` (see ``gan.Gan``), ``log.csv`` (with a column ``model``), ``training.json`` (images, seconds, images
    per second), ``checkpoint/<model>/``, and where it is to ``look``, ``looks.csv`` (model, images, seconds, frechet,
    spread) and ``looks/<model>/``. ``options`` go to ``train``.
    Raises ParameterError for another ``models`` and for a ``start`` that does not fit.
    """
    if models not in ("joint", "per_finding"):
        raise ParameterError(f"models = {models!r}: must be 'joint' or 'per_finding'")
    if start and models != "joint":
        raise ParameterError("models = 'per_finding': the pretrained GAN knows all findings; set warm_start to none")
    parts = {gan.JOINT: data} if models == "joint" else {name: data.only(name) for name in NAMES}
    folder, look, networks, kept, logs, looks = Path(folder), look or LookSettings(), {}, {}, [], []
    for name, part in parts.items():
        trainer = GanTrainer(part, shape, settings, precision, start, processes)
        watcher = Watcher(part, look, folder / "looks" / name, settings.seed)
        label = f"GAN {BY_NAME[name].code}" if name in BY_NAME else "GAN"
        log_csv = folder / f"log_{name}.csv"
        log = train(trainer, budget, folder / "checkpoint" / name, log_csv, label=label, watcher=watcher, **options)
        logs.append(log.assign(model=name))
        looks += [{"model": name} | row for row in trainer.looked.rows]
        best = trainer.looked.best
        kept[name] = best["images"] if best else trainer.images
        trainer.looked.weights(trainer.average)
        networks[name] = trainer.average
        if name == gan.JOINT and trainer.processes.first:
            save_file(cpu_state(trainer.discriminator), folder / "discriminator.safetensors")
    log = pd.concat(logs, ignore_index=True)
    ends = log.groupby("model")[["images", "seconds"]].last().sum()
    images, seconds = int(ends["images"]), float(ends["seconds"])
    if processes and not processes.first:
        return log
    write_table(log, folder / "log.csv")
    if looks:
        write_table(pd.DataFrame(looks), folder / "looks.csv")
    for name in parts:
        (folder / f"log_{name}.csv").unlink(missing_ok=True)
    before = start.images_seen if start else 0
    described = {"models": models, "images_seen": before + images, "kept": kept, "settings": asdict(settings)}
    gan.save(folder, networks, described)
    speed = {"images": images, "seconds": round(seconds, 1), "images_per_second": round(images / seconds, 1)}
    write_text(folder / "training.json", json.dumps(speed | {"precision": precision.message}, indent=1) + "\n")
    return log
