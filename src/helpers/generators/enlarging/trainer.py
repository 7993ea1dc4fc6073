"""One step of training the enlarger and its critic, and the whole state that the next step depends on."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from time import monotonic
from typing import Annotated

import numpy as np
import torch
from pydantic import Field, PositiveFloat
from torch import Tensor

from helpers.checks import NotNegative, Positive, checked
from helpers.errors import ParameterError, TrainingError
from helpers.generators.enlarging.critic import Critic, critic_loss, feature_distance, pyramid_difference
from helpers.generators.enlarging.degradation import degraded
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape, enlarged, reduced
from helpers.generators.processes import Draws
from helpers.generators.trainer import Trainer
from helpers.generators.training_data import TrainingData

COARSER = 2  # the critic judges detail down to this many times coarser than small images can show: they often lack it
DETAILS = 10.0  # brightens the detail that the critic sees, to the contrast of an image
MEASURES = ("difference", "critic_loss", "likeness_loss")
RAMP = 0.05  # the averaging of weights never spans more than this share of the images seen, a warm start's included


@checked(ParameterError)
class EnlargerSettings:
    """How an enlarger is trained: on squares of ``crop`` pixels a side, as convolutions know no size.

    ``adversarial_weight`` is how strong the critic's gradient is beside that of the difference; it counts from
    ``adversarial_from`` images on, those of a warm start included. Raises ParameterError for a value out of range.
    """

    seed: int = 1
    crop: Positive = 128
    batch: Positive = 8
    learning_rate: PositiveFloat = 2e-3
    critic_rate: PositiveFloat = 5e-4
    adversarial_weight: NotNegative = 3.0
    adversarial_from: Annotated[int, Field(ge=0)] = 8000
    ema_images: Positive = 3000


class EnlargerTrainer(Trainer):
    """The enlarger of a ``shape``, its critic, their optimisers and the averaged enlarger."""

    parts = ("enlarger", "critic", "average", "optimiser", "critic_optimiser")

    def __init__(self, data: TrainingData, shape: EnlargerShape, settings: EnlargerSettings, *others, **more):
        super().__init__(data, settings, *others, **more)
        self.shape, device = shape, self.precision.device
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.enlarger, self.critic = Enlarger(shape), Critic()
        if self.start:
            self.start.check({name: value for name, value in asdict(shape).items() if name != "size"})
            self.start.fill(enlarger=self.enlarger, critic=self.critic)
        for network in (self.enlarger, self.critic):
            network.to(device).train()
        self.average = deepcopy(self.enlarger).requires_grad_(False)
        learning = self.enlarger.autoencoder.decoder.parameters()
        self.optimiser = torch.optim.AdamW(
            learning, settings.learning_rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.critic_optimiser = torch.optim.AdamW(
            self.critic.parameters(), settings.critic_rate, betas=(0.5, 0.99), weight_decay=0.0, fused=True
        )

    def train_step(self) -> dict[str, float]:
        """Train on one batch of squares. Raises TrainingError, weights untouched, where difference or gradient is not a
        number."""
        started = monotonic()
        draws, images, _ = self.next_batch()
        real = self._cut(*self.processes.share(images), draws)
        small = degraded(reduced(real, self.shape.factor), draws)
        with self.precision.autocast():
            made = self.enlarger(small)
        made = made.float()
        (slope,) = torch.autograd.grad(pyramid_difference(made, real), made, retain_graph=True)
        difference = self.processes.mean((made.detach() - real).abs().mean()).item()
        found = {"difference": difference, "critic_loss": np.nan, "likeness_loss": np.nan}
        if not np.isfinite(difference):
            raise self._failed("difference", difference)
        if self.critic_counts:
            found["critic_loss"] = self._train_critic(real, made)
            slope = slope + self._slope_of_critic(real, made, slope, found)
        self.optimiser.zero_grad(set_to_none=True)
        made.backward(slope)
        self.processes.average_gradients(self.enlarger)
        norm = torch.nn.utils.clip_grad_norm_(self.enlarger.parameters(), 1.0)
        if not torch.isfinite(norm):
            raise self._failed("gradient", norm.item())
        self.optimiser.step()
        self.steps += 1
        half_life = max(min(self.settings.ema_images, RAMP * self.images_seen), 1e-8)
        self.average_towards(self.enlarger, 1 - 0.5 ** (self.settings.batch / half_life))
        self.seconds += self.processes.agreed(monotonic() - started)
        return found

    @property
    def critic_counts(self) -> bool:
        """Whether there are details to judge, and the time for it has come."""
        wanted = self.shape.factor > 1 and self.settings.adversarial_weight > 0
        return wanted and self.images_seen >= self.settings.adversarial_from

    def _failed(self, what: str, value: float) -> TrainingError:
        return TrainingError(
            f"enlarger, step {self.steps + 1}: the {what} is {value}; the last good checkpoint is kept; lower "
            "learning_rate, or train in float32"
        )

    def _cut(self, images: Tensor, draws: Draws) -> Tensor:
        """A square of each image, on whole small pixels; a border of the image begins one more often than chance."""
        factor, size = self.shape.factor, min(self.settings.crop, images.shape[-1]) // self.shape.factor
        size -= size % COARSER
        room, beyond = images.shape[-1] // factor - size, max(size // 8, 1)
        places = draws.uniform(len(images), 2) * (room + 1 + 2 * beyond) - beyond
        corners = (places.floor().clamp(0, room).long() * factor).tolist()
        side = size * factor
        return torch.stack(
            [image[:, y : y + side, x : x + side] for image, (y, x) in zip(images, corners, strict=True)]
        )

    def _details(self, images: Tensor) -> Tensor:
        """The detail of an image that is lost when it is reduced further than to a small image, and enlarged again."""
        factor = COARSER * self.shape.factor
        return (images - enlarged(reduced(images, factor), factor)) * DETAILS

    def _train_critic(self, real: Tensor, made: Tensor) -> float:
        with self.precision.autocast():
            scores = [self.critic(self._details(images))[0].float() for images in (real, made.detach())]
        loss = critic_loss(*scores)
        self.critic_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average_gradients(self.critic)
        if not all(torch.isfinite(weights.grad).all() for weights in self.critic.parameters()):
            raise self._failed("critic's gradient", float("nan"))
        self.critic_optimiser.step()
        return loss.item()

    def _slope_of_critic(self, real: Tensor, made: Tensor, slope: Tensor, found: dict[str, float]) -> Tensor:
        """Gradient by the pixels of what the critic says, as strong as the settings want it beside ``slope`` (after
        Esser et al. 2021, arXiv 2012.09841, equation 7)."""
        leaf = made.detach().requires_grad_(True)
        with self.precision.autocast():
            score, features = self.critic(self._details(leaf))
            with torch.no_grad():
                wanted = self.critic(self._details(real))[1]
            loss = feature_distance(wanted, features) - score.float().mean()
        (towards,) = torch.autograd.grad(loss, leaf)
        found["likeness_loss"] = loss.item()
        return towards * (self.settings.adversarial_weight * slope.norm() / (towards.norm() + 1e-12))

    def plain_settings(self) -> dict:
        """The trainer's, and the shape."""
        return super().plain_settings() | {"shape": asdict(self.shape)}

    def summarise(self, measured: list[Mapping[str, float]]) -> dict[str, float]:
        """Means over an interval of steps; what was not measured in it is not a number."""
        columns = {name: [m[name] for m in measured if np.isfinite(m[name])] for name in MEASURES}
        return {name: float(np.mean(values)) if values else float("nan") for name, values in columns.items()}

    def note(self, row: Mapping) -> str:
        """The mean difference of pixels, in gray levels."""
        return f"differs by {row['difference'] * 127.5:.1f} of 255"

    @torch.inference_mode()
    def draw(self, states: Tensor, seed: int) -> np.ndarray:
        """The first training images, reduced and enlarged again: float32 (n, size, size) in 0..1."""
        made = []
        images, _ = self.data.batch(torch.arange(len(states)) % len(self.data), self.precision.device)
        for part in images.split(self.settings.batch):
            small = reduced(part, self.shape.factor)
            made.append(self.average(small))
        return (torch.cat(made)[:, 0] / 2 + 0.5).clamp(0, 1).cpu().numpy()
