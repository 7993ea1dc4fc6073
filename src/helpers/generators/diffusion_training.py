"""Training of the diffusion model: flow matching on clean-image predictions, within a budget, resumable."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree
from time import monotonic

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from helpers.errors import ParameterError, TrainingError
from helpers.generators import checkpoints, conditions
from helpers.generators.budget import Budget
from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline, Denoiser
from helpers.generators.precision import Precision
from helpers.generators.training_data import TrainingData
from helpers.progress import Progress
from helpers.tables import write_table

LOG_EVERY = 10  # steps averaged in one row of the log
SIGMA_FLOOR = 0.05  # the velocity's divisor is clipped here (Li and He 2025, arXiv 2511.13720, section 4)
LOG = ["step", "images", "loss", "learning_rate", "seconds"]


@dataclass(frozen=True)
class DiffusionSettings:
    """What a trained model depends on besides data, budget and seed.

    ``noise_mean`` and ``noise_deviation`` are those of the logit-normal noise level; ``ema_width`` is the share of the
    training over which weights are averaged, as a relative standard deviation.
    """

    channels: tuple[int, ...] = (64, 128, 192)
    blocks_per_level: int = 1
    unshuffle: int = 4
    batch: int = 32
    learning_rate: float = 1e-3
    warmup_images: int = 1000
    label_dropout: float = 0.2
    noise_mean: float = 0.8
    noise_deviation: float = 0.8
    ema_width: float = 0.1

    def __post_init__(self):
        object.__setattr__(self, "channels", tuple(self.channels))
        for name in ("unshuffle", "batch", "blocks_per_level", "learning_rate", "noise_deviation"):
            if getattr(self, name) <= 0:
                raise ParameterError(f"{name} = {getattr(self, name)}: must be above 0")
        if not 0 < self.ema_width < 0.28:
            raise ParameterError(
                f"ema_width = {self.ema_width}: must be above 0 and below 0.28; 0.05 to 0.15 are usual"
            )


@dataclass(frozen=True)
class Trained:
    """A finished training: where its pipeline lies, its log, how far it went and how large the network is."""

    pipeline: Path
    log: pd.DataFrame
    images_seen: int
    parameters: int


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


class DiffusionTraining:
    """A training that can stop after any step and go on as if it had not.

    All that is random in step k (batch, noise, dropped labels) is drawn from (seed, k), so the weights, their average,
    the optimiser and the count of steps are the whole state.
    """

    def __init__(self, data: TrainingData, settings: DiffusionSettings, seed: int, precision: Precision):
        self.data, self.settings, self.seed, self.precision = data, settings, seed, precision
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.denoiser = Denoiser(data.size, settings.unshuffle, settings.channels, settings.blocks_per_level)
        self.denoiser.to(precision.device, memory_format=precision.memory_format).train()
        self.average = deepcopy(self.denoiser).requires_grad_(False).eval()
        self.optimiser = torch.optim.AdamW(
            self.denoiser.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=0.0
        )
        self.exponent = ema_exponent(settings.ema_width)
        self.steps, self.seconds = 0, 0.0
        self.recent: list[float] = []  # losses since the last row of the log
        self.rows: list[dict] = []

    @property
    def images(self) -> int:
        """Training images seen so far."""
        return self.steps * self.settings.batch

    def step(self) -> float:
        """Train on one batch and return its loss; raises TrainingError, weights untouched, when it is not a number."""
        started = monotonic()
        loss = self._loss()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.denoiser.parameters(), 1.0)
        value = loss.item()
        if not (np.isfinite(value) and torch.isfinite(norm)):
            raise TrainingError(
                f"diffusion training, step {self.steps + 1}: the loss is {value} and the gradient {norm.item()}; the "
                "last good checkpoint is kept; lower learning_rate, or train in float32"
            )
        self._set_learning_rate()
        self.optimiser.step()
        self.steps += 1
        self._update_average()
        self.seconds += monotonic() - started
        self._log(value)
        return value

    def _loss(self) -> Tensor:
        settings, device = self.settings, self.precision.device
        images, states = self.data.batch(self.data.order(self.seed, self.steps, settings.batch))
        random = torch.Generator().manual_seed(_stream(self.seed, self.steps))
        states = conditions.drop_labels(states, settings.label_dropout, random)
        level = torch.randn(len(images), generator=random) * settings.noise_deviation + settings.noise_mean
        noise = torch.randn(images.shape, generator=random)
        clean = images.to(device, memory_format=self.precision.memory_format)
        with self.precision.autocast():
            return flow_loss(self.denoiser, clean, states.to(device), level.sigmoid().to(device), noise.to(device))

    def _set_learning_rate(self) -> None:
        warm = min((self.images + self.settings.batch) / max(self.settings.warmup_images, 1), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.settings.learning_rate * warm

    @torch.no_grad()
    def _update_average(self) -> None:
        """Power-law averaging (arXiv 2312.02696, equation 121): the window grows with the training."""
        decay = (1 - 1 / self.steps) ** (self.exponent + 1)
        torch._foreach_lerp_(list(self.average.parameters()), list(self.denoiser.parameters()), 1 - decay)

    def _log(self, loss: float) -> None:
        self.recent.append(loss)
        if len(self.recent) == LOG_EVERY:
            rate = self.optimiser.param_groups[0]["lr"]
            row = {"step": self.steps, "images": self.images, "loss": float(np.mean(self.recent))}
            self.rows.append(row | {"learning_rate": rate, "seconds": round(self.seconds, 2)})
            self.recent = []

    def state(self) -> dict:
        """Everything that the next step depends on, and the log up to here."""
        return {
            "denoiser": self.denoiser.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            **{name: getattr(self, name) for name in ("steps", "seconds", "recent", "rows")},
        }

    def restore(self, state: dict) -> None:
        """Go on from a ``state()``."""
        for name in ("denoiser", "average", "optimiser"):
            getattr(self, name).load_state_dict(state[name])
        for name in ("steps", "seconds", "recent", "rows"):
            setattr(self, name, state[name])


def _stream(seed: int, step: int) -> int:
    return int(np.random.SeedSequence([seed, step]).generate_state(1, np.uint64)[0] >> 1)


def train(
    data: TrainingData,
    folder: str | Path,
    settings: DiffusionSettings,
    budget: Budget,
    seed: int,
    precision: Precision,
    checkpoint_seconds: float = 30.0,
) -> Trained:
    """Train until the budget is spent, going on from ``folder/checkpoint`` where it was made under the same settings.

    Writes ``folder/checkpoint/`` every ``checkpoint_seconds``, ``folder/log.csv`` and in the end ``folder/pipeline/``
    with the averaged weights. A checkpoint of other data, settings, seed or precision is removed, and a line says so.
    Raises TrainingError when a loss is not a number.
    """
    folder = Path(folder)
    training = DiffusionTraining(data, settings, seed, precision)
    parameters = {**asdict(settings), "seed": seed, "data": data.digest, "dtype": str(precision.dtype)}
    _resume(training, folder, parameters)
    saved_at, saved_steps = monotonic(), training.steps
    with Progress("Diffusion", _expected(budget, training), done=training.images) as progress:
        while not budget.spent(training.seconds, training.steps, training.images):
            loss = training.step()
            progress.update(settings.batch, note=f"loss {loss:.3f}")
            if monotonic() - saved_at >= checkpoint_seconds:
                _save(training, folder, parameters)
                saved_at, saved_steps = monotonic(), training.steps
    if training.steps > saved_steps:
        _save(training, folder, parameters)
    save_pipeline(training.average, folder / "pipeline")
    weights = sum(values.numel() for values in training.average.parameters())
    return Trained(folder / "pipeline", pd.DataFrame(training.rows, columns=LOG), training.images, weights)


def _expected(budget: Budget, training: DiffusionTraining) -> int | None:
    """Images in the whole budget; None where it is given in seconds."""
    per_unit = {"images": 1, "steps": training.settings.batch}
    return int(budget.total * per_unit[budget.unit]) if budget.unit in per_unit else None


def _resume(training: DiffusionTraining, folder: Path, parameters: dict) -> None:
    found = checkpoints.load(folder / "checkpoint")
    if found is None:
        return
    state, description = found
    if checkpoints.matches(description, parameters):
        training.restore(state)
        print(f"Going on from image {training.images} of an earlier training.")
    else:
        checkpoints.clear(folder / "checkpoint")
        print("The checkpoint there was made from other data or settings: training starts anew.")


def _save(training: DiffusionTraining, folder: Path, parameters: dict) -> None:
    """The log is written from the state, so that after a kill it holds no row of steps that are done again."""
    description = {"kind": "diffusion", "steps": training.steps, "images": training.images}
    checkpoints.save(folder / "checkpoint", training.state(), description, parameters)
    write_table(pd.DataFrame(training.rows, columns=LOG), folder / "log.csv")


def save_pipeline(denoiser: Denoiser, folder: Path) -> None:
    """Write a pipeline around the denoiser; the folder is there only when it is whole."""
    temporary = folder.with_name(f".{folder.name}-part")
    for old in (temporary, folder):
        rmtree(old, ignore_errors=True)
    denoiser = deepcopy(denoiser).to("cpu", memory_format=torch.contiguous_format)
    ChestDiffusionPipeline(denoiser, SCHEDULERS["euler"]()).save_pretrained(temporary)
    temporary.rename(folder)
