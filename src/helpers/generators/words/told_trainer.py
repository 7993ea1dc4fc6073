"""What all trainers of text-conditioned models share: the texts for images, and a gradient step."""

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from time import monotonic

import numpy as np
import torch
from torch import Tensor, nn

from helpers.errors import TrainingError
from helpers.findings import Findings
from helpers.generators.trainer import Measured, Trainer
from helpers.generators.words import wording


class ToldTrainer(Trainer):
    """``networks`` holds the weights that ``optimiser`` updates; the findings of ``study`` give labels their words."""

    study: Findings
    networks: nn.Module
    optimiser: torch.optim.Optimizer

    @property
    def count(self) -> int:
        """Number of weights that are trained."""
        return sum(weights.numel() for weights in self.networks.parameters())

    @abstractmethod
    def losses(self) -> dict[str, Tensor]:
        """The losses of the next step, by name."""

    def train_step(self) -> Measured:
        """Train on one batch; returns its losses. Raises TrainingError, weights unchanged, if one is not finite."""
        started = monotonic()
        losses = self.losses()
        self.optimiser.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        self.processes.average_gradients(self.networks)
        norm = torch.nn.utils.clip_grad_norm_(self.networks.parameters(), 1.0)
        found = self.processes.mean(torch.stack(list(losses.values())).detach()).tolist()
        measured = dict(zip(losses, found, strict=True))
        if not (np.isfinite(sum(found)) and torch.isfinite(norm)):
            raise TrainingError(
                f"diffusion training, step {self.steps + 1}: the losses are {measured} and the gradient "
                f"{norm.item()}; the last good checkpoint is kept; lower learning_rate, or train in float32"
            )
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        self.optimiser.step()
        self.steps += 1
        self.update_average()
        self.seconds += self.processes.agreed(monotonic() - started)
        return measured | {"learning_rate": self.optimiser.param_groups[0]["lr"]}

    def _rate(self) -> float:
        """The learning rate of a step, which rises over the first images and falls over the last part of the budget.

        It falls along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983).
        """
        warm = min((self.images + self.settings.batch) / max(self.settings.warmup_images, 1), 1.0)
        left = min((1 - self.spent) / self.settings.falling, 1.0) if self.settings.falling else 1.0
        return self.settings.learning_rate * warm * (1 - math.cos(math.pi * left)) / 2

    def update_average(self) -> None:
        """Update the averaged weights after a step; does nothing if no average is kept."""

    def words(self, states: Tensor) -> list[str]:
        """The texts for the images of this step."""
        rng = np.random.default_rng([self.settings.seed, self.steps, 7])
        return self.told(self.places().tolist(), states, rng)

    def told(self, places: list[int], states: Tensor, rng: np.random.Generator) -> list[str]:
        """The texts for some images, from their indices in the data and their states."""
        reports = [self.data.texts[place] if self.data.texts else None for place in places]
        told = zip(reports, states.tolist(), strict=True)
        return [wording.told(text, row, self.study, rng, self._sentences) for text, row in told]

    @cached_property
    def _sentences(self) -> Counter[str]:
        return wording.sentences_of(self.data.texts or ())

    def plain_settings(self) -> dict:
        """The settings of ``Trainer``, and what findings are called."""
        return super().plain_settings() | {"findings": [[one.name, one.words] for one in self.study]}

    def summarise(self, measured: list[Mapping[str, float]]) -> dict[str, float]:
        """Mean losses of an interval of steps, and the learning rate at its end."""
        return {"loss": float(np.mean([m["loss"] for m in measured])), "learning_rate": measured[-1]["learning_rate"]}

    def note(self, row: Mapping) -> str:
        """The loss in brief."""
        return f"loss {row['loss']:.3f}"
