"""What all trainers share: their data, settings and counters, and the state that the next step depends on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from helpers.generators.precision import Precision
from helpers.generators.pretrained import Pretrained
from helpers.generators.processes import Draws, Processes
from helpers.generators.training_data import TrainingData

Measured = Mapping[str, Tensor | float]


@dataclass
class Snapshots:
    """Results of a training's snapshots so far; part of the trainer's state.

    ``rows`` have images, seconds, frechet, spread; ``best`` has the images, frechet and weights of the best snapshot;
    ``strips`` has what was drawn for each: images seen -> uint8 (size, SHOWN * size).
    """

    rows: list[dict] = field(default_factory=list)
    best: dict | None = None
    strips: dict[int, Tensor] = field(default_factory=dict)

    def weights(self, network: nn.Module) -> None:
        """Load the best weights into a network, if any are kept."""
        if self.best:
            network.load_state_dict(self.best["weights"])


class Trainer(ABC):
    """A model in training, which can stop after any step and resume as if it had not stopped.

    ``settings`` has at least seed and batch. ``steps`` and ``seconds`` (of training, over all attempts) are its
    counters, ``start`` is what it was warm-started from, ``average`` the network with averaged weights, ``log`` the
    rows so far, ``spent`` the share of the budget that is used, which the loop sets before each step. All randomness
    in a step comes from the seed and the step number, so ``parts`` (what has a ``state_dict``), ``counters`` and
    snapshots are the complete state.
    """

    average: nn.Module
    parts: tuple[str, ...]
    counters: tuple[str, ...] = ("steps", "seconds", "log")

    def __init__(
        self,
        data: TrainingData,
        settings,
        precision: Precision,
        start: Pretrained | None = None,
        processes: Processes | None = None,
    ):
        self.data, self.settings, self.precision, self.start = data, settings, precision, start
        self.processes = processes or Processes()
        self.processes.check(settings.batch)
        self.steps, self.seconds, self.log, self.snapshots, self.spent = 0, 0.0, [], Snapshots(), 0.0

    @property
    def images(self) -> int:
        """Training images seen so far."""
        return self.steps * self.settings.batch

    @property
    def trained(self) -> tuple[float, int, int]:
        """Seconds, steps and images of the training so far, as a ``Budget`` counts them."""
        return self.seconds, self.steps, self.images

    @property
    def images_seen(self) -> int:
        """Training images seen so far, including those of a warm start."""
        return self.images + (self.start.images_seen if self.start else 0)

    def next_batch(self) -> tuple[Draws, Tensor, Tensor]:
        """The next step's draws, images (batch, 1, size, size) for all processes, and states (batch, findings)."""
        seed = np.random.SeedSequence([self.settings.seed, self.steps]).generate_state(1, np.uint64)[0] >> 1
        draws = Draws.of_seed(seed, self.precision.device, self.processes)
        images, states = self.data.batch(self.places(), self.precision.device)
        return draws, images, states

    def places(self) -> Tensor:
        """Indices of the next step's images in the data, int64 (batch,)."""
        return self.data.order(self.settings.seed, self.steps, self.settings.batch)

    def average_towards(self, network: nn.Module, share: float) -> None:
        """Move the averaged weights a share of the way towards those of a network."""
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(network.parameters()), share)

    def plain_settings(self) -> dict:
        """Plain values that, with the data and the code, determine what is trained."""
        return {"settings": asdict(self.settings)}

    def state(self) -> dict:
        """Everything that the next step depends on, as a nested dict that ``torch.save`` accepts."""
        states = {name: getattr(self, name).state_dict() for name in self.parts}
        return states | {name: getattr(self, name) for name in self.counters} | {"snapshots": vars(self.snapshots)}

    def load_state(self, state: dict) -> None:
        """Restore a state."""
        for name in self.parts:
            getattr(self, name).load_state_dict(state[name])
        for name in self.counters:
            setattr(self, name, state[name])
        self.snapshots = Snapshots(**state["snapshots"])

    @abstractmethod
    def train_step(self) -> Measured:
        """Train on one batch; returns what the log averages."""

    @abstractmethod
    def summarise(self, measured: list[Measured]) -> dict[str, float]:
        """One row of the log, from what was measured in the steps since the last row, over all processes."""

    @abstractmethod
    def note(self, row: Mapping) -> str:
        """A short note on a row for the progress bar."""

    def failure(self, row: Mapping) -> str | None:
        """What has failed according to a row, and what to change; None if training is healthy."""
        return None

    @abstractmethod
    def draw(self, states: Tensor, seed: int) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1 from the averaged weights for states int8 (n, findings)."""
