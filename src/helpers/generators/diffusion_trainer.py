"""One step of diffusion training and its whole state: settings, loss, weights, their average, the optimiser."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from time import monotonic
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, PositiveFloat
from torch import Tensor

from helpers.checks import Positive, Several, Share, checked
from helpers.errors import ParameterError, TrainingError
from helpers.findings import UNSPECIFIED
from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline, Denoiser, memory_format
from helpers.generators.grain import lacking, measure_grain
from helpers.generators.trainer import Trainer
from helpers.generators.training_data import TrainingData

DRAWN_STEPS = 10  # of the sampler, for a snapshot of the training
GRAIN_IMAGES = 16  # drawn to see what fine noise they lack
SIGMA_FLOOR = 0.05  # the velocity's divisor is clipped here (Li and He 2025, arXiv 2511.13720, section 4)


@checked(ParameterError)
class DiffusionSettings:
    """What a trained model depends on besides data and budget; raises ParameterError for a value out of range.

    ``noise_mean`` and ``noise_deviation`` are those of the logit of the noise level sigma; larger images need more
    noise. ``ema_width`` is the share of the training over which weights are averaged, as a relative standard deviation.
    """

    seed: int = 1
    channels: Several[int] = (64, 128, 192)
    blocks_per_level: Positive = 1
    unshuffle: Positive = 4
    batch: Positive = 8
    learning_rate: PositiveFloat = 8e-4
    warmup_images: int = 1000
    label_dropout: Share = 0.5
    noise_mean: float = 0.4
    noise_deviation: PositiveFloat = 1.0
    ema_width: Annotated[float, Field(gt=0, lt=0.28)] = 0.1  # 0.05 to 0.15 are usual


def ema_exponent(width: float) -> float:
    """Exponent of the power-law average of a relative ``width`` (Karras et al. 2024, arXiv 2312.02696, equation 123).

    width^2 = (g + 1) / ((g + 2)^2 (g + 3)), solved for the largest real g.
    """
    roots = np.roots([1, 7, 16 - width**-2, 12 - width**-2])
    return float(np.max(roots.real[np.abs(roots.imag) < 1e-9]))


def flow_loss(denoiser: Callable, clean: Tensor, states: Tensor, sigma: Tensor, noise: Tensor) -> Tensor:
    """Squared error of the velocity (x_t - x) / sigma that a clean-image prediction implies; a scalar.

    ``clean`` and ``noise`` are float32 (n, 1, s, s), ``sigma`` float32 (n,). Li and He 2025, arXiv 2511.13720, table 1:
    x-prediction with v-loss; their t is 1 - sigma.
    """
    level = sigma.view(-1, 1, 1, 1)
    noisy = (1 - level) * clean + level * noise
    predicted = denoiser(noisy, sigma, states)
    return ((predicted - clean) / level.clamp(min=SIGMA_FLOOR)).square().mean()


class DiffusionTrainer(Trainer):
    """The denoiser, its optimiser and its average."""

    parts = ("denoiser", "average", "optimiser")

    def __init__(self, data: TrainingData, settings: DiffusionSettings, *others, **more):
        super().__init__(data, settings, *others, **more)
        precision, start = self.precision, self.start
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            shape = (data.size, settings.unshuffle, settings.channels, settings.blocks_per_level)
            self.denoiser = Denoiser(*shape, findings=data.findings)
        if start:
            start.check(self.denoiser.shape)
            start.fill(denoiser=self.denoiser)
        self.denoiser.to(precision.device, memory_format=memory_format(precision)).train()
        self.average = deepcopy(self.denoiser).requires_grad_(False).eval()
        self.optimiser = torch.optim.AdamW(
            self.denoiser.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.exponent = ema_exponent(settings.ema_width)

    def train_step(self) -> dict[str, float]:
        """Train on one batch; returns its loss and learning rate. Raises TrainingError, weights untouched, where the
        loss is not a number."""
        started = monotonic()
        loss = self._loss()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average_gradients(self.denoiser)
        norm = torch.nn.utils.clip_grad_norm_(self.denoiser.parameters(), 1.0)
        value = self.processes.mean(loss.detach()).item()
        if not (np.isfinite(value) and torch.isfinite(norm)):
            raise TrainingError(
                f"diffusion training, step {self.steps + 1}: the loss is {value} and the gradient {norm.item()}; the "
                "last good checkpoint is kept; lower learning_rate, or train in float32"
            )
        self._set_learning_rate()
        self.optimiser.step()
        self.steps += 1
        self._update_average()
        self.seconds += self.processes.agreed(monotonic() - started)
        return {"loss": value, "learning_rate": self.optimiser.param_groups[0]["lr"]}

    def _loss(self) -> Tensor:
        draws, images, _, states = self.next_batch()
        images, states = self.processes.share(images, states)
        level = draws.normal(len(images)) * self.settings.noise_deviation + self.settings.noise_mean
        noise = draws.normal(*images.shape)
        clean = images.contiguous(memory_format=memory_format(self.precision))
        with self.precision.autocast():
            return flow_loss(self.denoiser, clean, states, level.sigmoid(), noise)

    def _set_learning_rate(self) -> None:
        warm = min((self.images + self.settings.batch) / max(self.settings.warmup_images, 1), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * warm

    def _update_average(self) -> None:
        """Power-law averaging (arXiv 2312.02696, equation 121): the window grows with the training, a warm start's
        included."""
        decay = (1 - self.settings.batch / self.images_seen) ** (self.exponent + 1)
        self.average_towards(self.denoiser, 1 - decay)

    def summarise(self, measured: list[Mapping[str, float]]) -> dict[str, float]:
        """Mean loss of an interval of steps, and the learning rate at its end."""
        loss = float(np.mean([m["loss"] for m in measured]))
        return {"loss": loss, "learning_rate": measured[-1]["learning_rate"]}

    def note(self, row: Mapping) -> str:
        """The loss in short."""
        return f"loss {row['loss']:.3f}"

    def draw(self, states: Tensor, seed: int, steps: int = DRAWN_STEPS) -> np.ndarray:
        """Images by the averaged denoiser for states int8 (n, findings): float32 (n, size, size) in 0..1, no
        guidance."""
        self.measure_grain()
        return self._draw(states, range(seed, seed + len(states)), steps)

    def measure_grain(self) -> None:
        """Tell the averaged denoiser what fine noise its images lack beside the training images."""
        self.average.register_to_config(grain=())
        states = torch.full((GRAIN_IMAGES, len(self.data.findings)), UNSPECIFIED, dtype=torch.int8)
        own = measure_grain(np.rint(self._draw(states, range(GRAIN_IMAGES), DRAWN_STEPS) * 255).astype(np.uint8))
        self.average.register_to_config(grain=lacking(self.data.grain, own))

    def _draw(self, states: Tensor, seeds: range, steps: int) -> np.ndarray:
        pipeline = ChestDiffusionPipeline(self.average, SCHEDULERS["euler"]())
        pipeline.precision = self.precision
        return pipeline.sample(states.numpy(), seeds, guidance=1, steps=steps)
