"""The one training loop: keeps to a budget, resumes, takes snapshots, logs, saves, and stops when training has failed.

It drives anything that is a ``Trainer``; what one step does is the trainer's affair.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import pandas as pd
from torch import Tensor

from helpers.dependencies import code_of
from helpers.errors import TrainingError
from helpers.generators import resuming
from helpers.generators.budget import Budget
from helpers.generators.precision import Precision
from helpers.generators.pretrained import Pretrained
from helpers.generators.processes import Processes
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker, Subject
from helpers.generators.training_data import TrainingData
from helpers.progress import Progress, tell
from helpers.tables import write_table

Measured = Mapping[str, Tensor | float]


class Trainer(Subject, Protocol):
    """A model in training, with all that the next step depends on.

    ``steps``, ``images`` (training images seen) and ``seconds`` (of training, all attempts together) are its counters.
    ``start`` is what it was warm-started from, ``average`` the network with averaged weights, ``log`` the rows so far.
    """

    data: TrainingData
    precision: Precision
    processes: Processes
    start: Pretrained | None
    steps: int
    log: list[dict]

    def plain_settings(self) -> dict:
        """Plain values that, with the data and the code, determine what is trained."""
        ...

    def train_step(self) -> Measured:
        """Train on one batch; returns what the log averages."""
        ...

    def summarise(self, measured: list[Measured]) -> dict[str, float]:
        """One row of the log, from what the steps since the last row measured, over all processes."""
        ...

    def failure(self, row: Mapping) -> str | None:
        """What a row shows to have failed, and what to change; None for a healthy training."""
        ...

    def note(self, row: Mapping) -> str:
        """A few words on a row for the progress bar."""
        ...

    def state(self) -> dict:
        """Everything that the next step depends on, as a nested dict that ``torch.save`` takes."""
        ...

    def load_state(self, state: dict) -> None:
        """Go back to a state."""
        ...


def identity(trainer: Trainer, snapshots: SnapshotSettings) -> dict:
    """Everything that must be equal for a training to continue from a checkpoint: settings, data, arithmetic, code."""
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
    folder: str | Path,
    log_csv: str | Path,
    taker: SnapshotTaker,
    label: str,
    save_seconds: float = 30.0,
    log_steps: int = 10,
) -> pd.DataFrame:
    """Train until the budget is spent; checkpoints go to ``folder``, the log to ``log_csv`` and is returned.

    Killed at any moment, the same call continues from the last checkpoint; on a CPU in float32 it ends with the bits of
    an unbroken training. The log has a row for every ``log_steps`` steps: step, images, seconds of training, and what
    the trainer summarises. The time that snapshots take is not counted as training.
    Raises TrainingError on values that are not numbers and on collapse; what was saved before stands.
    """
    folder, log_csv = Path(folder), Path(log_csv)
    who = identity(trainer, taker.settings)

    # Continue from the checkpoint where there is one of this very training.
    state, said = resuming.find(folder, who, budget, trainer.start)
    if state is not None:
        trainer.load_state(state)
    tell(said)

    def counters() -> tuple[float, int, int]:
        return trainer.seconds, trainer.steps, trainer.images

    first, done = trainer.processes.first, budget.spent(*counters())
    saved, measured, note = time.monotonic(), [], ""
    with Progress(label, int(budget.total), budget.unit, done=int(budget.used(*counters()))) as bar:
        while not done:
            # One step, after a snapshot where one is due.
            if first:
                taker.take_if_due(trainer)
            measured.append(trainer.train_step())
            done = budget.spent(*counters())
            bar.update(int(budget.used(*counters())) - bar.done, note)
            if not done and trainer.steps % log_steps:
                continue

            # A row of the log: is the training in good health?
            row = {"step": trainer.steps, "images": trainer.images, "seconds": round(trainer.seconds, 3)}
            row, measured = row | trainer.summarise(measured), []
            if failure := trainer.failure(row):
                raise TrainingError(f"step {trainer.steps}: {failure} (the last good checkpoint is kept in {folder})")
            trainer.log.append(row)
            note = trainer.note(row)
            if not first:
                continue

            # Save now and then, and at the end with the budget that is spent.
            if done:
                taker.take_if_due(trainer, finished=True)
            if done or time.monotonic() - saved > save_seconds:
                resuming.keep(folder, trainer.state(), who, *counters(), finished=budget if done else None)
                saved = time.monotonic()
            write_table(pd.DataFrame(trainer.log), log_csv)
    return pd.DataFrame(trainer.log)
