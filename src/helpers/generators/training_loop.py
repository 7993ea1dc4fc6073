"""The shared training loop: keeps to a budget, resumes, takes snapshots, logs, saves, and stops if training has failed.

It runs any ``Trainer``, which defines what one step does.
"""

import time
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from helpers.dependencies import code_of
from helpers.errors import TrainingError
from helpers.generators import checkpoints
from helpers.generators.budget import Budget
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.trainer import Measured, Trainer
from helpers.progress import Progress, tell
from helpers.tables import write_table


def identity(trainer: Trainer, snapshots: SnapshotSettings) -> dict:
    """Everything that must match for training to continue from a checkpoint: settings, data, arithmetic, code."""
    precision = trainer.precision
    return {
        "settings": trainer.plain_settings(),
        "snapshots": asdict(snapshots),
        "data": trainer.data.digest,
        "start": trainer.start.sha256 if trainer.start else None,
        "precision": [precision.device.type, str(precision.dtype), precision.channels_last],
        "code": code_of(type(trainer).__module__, __name__),
    }


def train(
    trainer: Trainer,
    budget: Budget,
    folder: Path,
    log_csv: Path,
    taker: SnapshotTaker,
    label: str,
    save_seconds: float = 30.0,
    log_steps: int = 10,
) -> pd.DataFrame:
    """Train until the budget is spent, with checkpoints in ``folder``; write the log to ``log_csv`` and return it.

    If killed at any time, the same call continues from the last checkpoint; on a CPU in float32 the result is identical
    bit for bit to that of an uninterrupted training. The log has a row for every ``log_steps`` steps: step, images,
    seconds of training, and what the trainer summarises. The time that snapshots take is not counted as training.
    Raises TrainingError on values that are not finite and on collapse; what was saved before is kept.
    """
    # Continue from a checkpoint of this same training, if there is one.
    who = identity(trainer, taker.settings)
    state, said = checkpoints.find(folder, who, budget, trainer.start)
    if state is not None:
        trainer.load_state(state)
    tell(said)

    first, done = trainer.processes.first, budget.spent(*trainer.trained)
    if first:
        taker.write_again(trainer.snapshots)
    saved, measured, note = time.monotonic(), [], ""
    with Progress(label, int(budget.total), budget.unit, done=int(budget.used(*trainer.trained))) as bar:
        while not done:
            # Take one step, after a snapshot if one is due.
            if first:
                taker.take_if_due(trainer)
            trainer.spent = budget.used(*trainer.trained) / budget.total
            measured.append(trainer.train_step())
            done = budget.spent(*trainer.trained)
            bar.update(int(budget.used(*trainer.trained)) - bar.done, note)
            if not done and trainer.steps % log_steps:
                continue

            # Add a row to the log, if training is healthy.
            note, measured = _log(trainer, measured, folder), []
            if not first:
                continue

            # Save from time to time, and at the end with the spent budget.
            if done:
                taker.take_if_due(trainer, finished=True)
            if done or time.monotonic() - saved > save_seconds:
                checkpoints.keep(folder, trainer.state(), who, *trainer.trained, finished=budget if done else None)
                saved = time.monotonic()
            write_table(pd.DataFrame(trainer.log), log_csv)
    return pd.DataFrame(trainer.log)


def _log(trainer: Trainer, measured: list[Measured], folder: Path) -> str:
    """Add a row on the last steps to the log and return a note on it; raises TrainingError if training has failed."""
    row = {"step": trainer.steps, "images": trainer.images, "seconds": round(trainer.seconds, 3)}
    row |= trainer.summarise(measured)
    if failure := trainer.failure(row):
        raise TrainingError(f"step {trainer.steps}: {failure} (the last good checkpoint is kept in {folder})")
    trainer.log.append(row)
    return trainer.note(row)
