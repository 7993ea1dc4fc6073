"""One step of training the GAN, and the complete state that the next step depends on."""

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from helpers.checks import NotNegative, Positive, Share, checked
from helpers.errors import ParameterError
from helpers.generators import augment, gan_losses
from helpers.generators.conditions import drop_labels, encode
from helpers.generators.processes import Draws
from helpers.generators.stylegan2 import Architecture, Discriminator, Generator, draw_noise
from helpers.generators.trainer import Measured, Trainer
from helpers.generators.training_data import TrainingData
from helpers.losses import known_cross_entropy

PENALTY_EVERY = 16  # steps between two R1 penalties
PATH_EVERY = 4  # steps between two path length penalties
PATH_DECAY = 0.01  # update rate of the running mean of path lengths
PATH_SHRINK = 2  # the path length penalty sees a batch this many times smaller
BETAS = (0.0, 0.99)
DRAWN = 32  # images at a time for a training snapshot
FLAT = 1e-3  # mean spread over a batch (images in -1..1) below which all images count as the same
LOST = 50.0  # mean loss of the generator above which it no longer recovers
MEASURES = ("discriminator_loss", "generator_loss", "real_classification_loss", "fake_classification_loss", "penalty")
MEASURES += ("path_length", "real_score", "fake_score", "spread")
RAMP = 0.05  # the half-life of the averaged weights is at most this share of the images seen, a warm start's included


@checked(ParameterError)
class GanSettings:
    """How a GAN is trained; ``r1_gamma`` is for 256 pixels and scales with the number of pixels.

    ``path_length_weight`` 0 turns that penalty off. ``style_mixing`` is the share of images made from two styles.
    Without ``noise_inputs`` the noise strengths stay 0: with a few hundred real X-rays, noise inputs produce speckle
    instead of detail. ``classification_weight`` is that of the loss on the findings: the discriminator learns to
    classify them in real images, the generator to show the requested ones in synthetic images. It applies from
    ``classification_from`` training images on: if applied from random weights on, it keeps the images from becoming
    chests. ``ema_images`` is the half-life of the averaged weights. Raises ParameterError for a value out of range.
    """

    seed: int = 1
    batch: Annotated[int, Field(ge=2)] = 8
    learning_rate: NotNegative = 0.002
    r1_gamma: NotNegative = 1.0
    path_length_weight: NotNegative = 0.0
    style_mixing: Share = 0.0
    noise_inputs: bool = True
    augmentation: Literal[augment.KINDS] = "none"
    label_dropout: Share = 0.3
    ema_images: Positive = 10_000
    classification_weight: NotNegative = 0.0
    classification_from: Annotated[int, Field(ge=0)] = 0


class GanTrainer(Trainer):
    """Both networks of a ``shape``, their optimisers and the averaged generator."""

    parts = ("generator", "discriminator", "average", "generator_optimiser", "discriminator_optimiser")
    counters = (*Trainer.counters, "mean_path")

    def __init__(self, data: TrainingData, shape: Architecture, settings: GanSettings, *others, **more):
        super().__init__(data, settings, *others, **more)
        self.shape, precision, start = shape, self.precision, self.start
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.generator, self.discriminator = Generator(shape), Discriminator(shape)
        if start:
            start.check(asdict(shape))
            start.fill(generator=self.generator, discriminator=self.discriminator)
        if not settings.noise_inputs:
            for layer in self.generator.layers:
                torch.nn.init.zeros_(layer.noise_strength).requires_grad_(False)
        for network in (self.generator, self.discriminator):
            network.to(device=precision.device, memory_format=precision.memory_format)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.augmentation = augment.Augmentation(settings.augmentation)
        self.generator_optimiser = self._optimiser(self.generator, PATH_EVERY if settings.path_length_weight else None)
        self.discriminator_optimiser = self._optimiser(self.discriminator, PENALTY_EVERY)
        self.mean_path = 0.0

    def _optimiser(self, network: torch.nn.Module, every: int | None) -> torch.optim.Adam:
        """Adam, corrected for the extra step of a lazy penalty (arXiv 1912.04958, appendix B)."""
        ratio = every / (every + 1) if every else 1.0
        rate, betas = self.settings.learning_rate * ratio, tuple(beta**ratio for beta in BETAS)
        return torch.optim.Adam(network.parameters(), lr=rate, betas=betas, eps=1e-8)

    def _draw(self, code: Tensor, draws: Draws) -> tuple[Tensor, Tensor]:
        """Synthetic images (n, 1, size, size) and styles (n, layers, latent) for condition codes (n, 3 findings)."""
        count, layers = len(code), len(self.shape.noise_resolutions)
        styles = self.generator.mapping(draws.normal(count, self.shape.latent), code)[:, None].expand(-1, layers, -1)
        if self.settings.style_mixing:
            other = self.generator.mapping(draws.normal(count, self.shape.latent), code)[:, None]
            cut = 1 + (draws.uniform(count, 1, 1) * (layers - 1)).floor()
            mixed = draws.uniform(count, 1, 1) < self.settings.style_mixing
            late = torch.arange(layers, device=code.device)[None, :, None] >= cut
            styles = torch.where(mixed & late, other, styles)
        noise = draw_noise(self.shape, count, draws)
        with self.precision.autocast():
            return self.generator.synthesise(styles, noise), styles

    def _judge(self, images: Tensor, code: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (n,) and logits of the findings (n, findings)."""
        with self.precision.autocast():
            return self.discriminator(images.contiguous(memory_format=self.precision.memory_format), code)

    def train_step(self) -> Measured:
        """Train both networks on one batch, with the same synthetic images for both; returns what the log averages.

        The discriminator is updated first; the generator is then trained against the updated discriminator.
        """
        started = time.monotonic()
        settings = self.settings
        weight = settings.classification_weight * (self.images >= settings.classification_from)
        draws, real, states = self.next_batch()
        told = drop_labels(states, self.settings.label_dropout, draws.generator)
        known, kept = (gan_losses.specified(part) / self.processes.count for part in (states, told))
        real, states, told = self.processes.share(real, states, told)
        code = encode(told)
        fake, _ = self._draw(code, draws)

        real = self.augmentation(real, draws)
        real_scores, named = self._judge(real, code)
        fake_scores, _ = self._judge(self.augmentation(fake.detach(), draws), code)
        loss = gan_losses.discriminator_loss(real_scores, fake_scores)
        classified = known_cross_entropy(named, states, known)  # Odena et al. 2017, equation 3
        self._descend(loss + weight * classified, self.discriminator)
        measured = {"discriminator_loss": loss.detach(), "real_classification_loss": classified.detach()}
        measured |= {"real_score": real_scores.detach().mean(), "fake_score": fake_scores.detach().mean()}
        if settings.r1_gamma and self.steps % PENALTY_EVERY == 0:
            measured["penalty"] = self._penalise(real, code)
        self.augmentation.adapt(float(self.processes.mean(real_scores.detach().sign().mean())), settings.batch)

        self.discriminator.requires_grad_(False)
        fake_scores, named = self._judge(self.augmentation(fake, draws), code)
        loss = gan_losses.generator_loss(fake_scores)
        classified = known_cross_entropy(named, told, kept)
        self._descend(loss + weight * classified, self.generator)
        measured["fake_classification_loss"] = classified.detach()
        self.discriminator.requires_grad_(True)
        if settings.path_length_weight and self.steps % PATH_EVERY == 0:
            measured["path_length"] = self._straighten(code, draws)
        self._average()
        self.steps += 1
        self.seconds += self.processes.agreed(time.monotonic() - started)
        return measured | {"generator_loss": loss.detach(), "spread": fake.detach().std(dim=0).mean()}

    def _descend(self, loss: Tensor, network: torch.nn.Module) -> None:
        optimiser = self.generator_optimiser if network is self.generator else self.discriminator_optimiser
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.processes.average_gradients(network)
        optimiser.step()

    def _penalise(self, real: Tensor, code: Tensor) -> Tensor:
        """Take a step on R1 alone, with the weight of all the steps since the last penalty."""
        leaf = real.detach().requires_grad_(True)
        penalty = gan_losses.gradient_penalty(self._judge(leaf, code)[0], leaf)
        gamma = gan_losses.resolution_gamma(self.settings.r1_gamma, self.shape.size)
        self._descend(penalty * (gamma / 2 * PENALTY_EVERY), self.discriminator)
        return penalty.detach()

    def _straighten(self, code: Tensor, draws: Draws) -> Tensor:
        """Take a step on the path length penalty alone (arXiv 1912.04958, equation 4)."""
        count = max(len(code) // PATH_SHRINK, 1)
        lengths = gan_losses.path_lengths(*self._draw(code[:count], draws), draws)
        mean = float(self.processes.mean(lengths.detach().mean()))
        self.mean_path += PATH_DECAY * (mean - self.mean_path)
        loss = (lengths - self.mean_path).square().mean() * self.settings.path_length_weight * PATH_EVERY
        self._descend(loss, self.generator)
        return lengths.detach().mean()

    def _average(self) -> None:
        """Move the averaged generator towards the trained one."""
        half_life = max(min(self.settings.ema_images, RAMP * self.images_seen), 1e-8)
        self.average_towards(self.generator, 1 - 0.5 ** (self.settings.batch / half_life))

    def state(self) -> dict:
        """The state of ``Trainer``, and the augmentation probability."""
        return super().state() | {"p": self.augmentation.p}

    def load_state(self, state: dict) -> None:
        """Restore a state."""
        super().load_state(state)
        self.augmentation.p = state["p"]

    @torch.inference_mode()
    def draw(self, states: Tensor, seed: int) -> np.ndarray:
        """Images of the averaged generator for states int8 (n, findings): float32 (n, size, size) in 0..1.

        No truncation is applied.
        """
        draws, made = Draws.of_seed(seed, self.precision.device), []
        for part in encode(states.to(self.precision.device)).split(DRAWN):
            latent, noise = draws.normal(len(part), self.shape.latent), draw_noise(self.shape, len(part), draws)
            made.append(self.average(latent, part, noise)[:, 0])
        return (torch.cat(made) / 2 + 0.5).clamp(0, 1).cpu().numpy()

    def plain_settings(self) -> dict:
        """The settings of ``Trainer``, and the architecture."""
        return super().plain_settings() | {"architecture": asdict(self.shape)}

    def summarise(self, measured: list[Measured]) -> dict[str, float]:
        """Means over an interval of steps and over processes; NaN for what was not measured in it."""
        columns = {name: [m[name] for m in measured if name in m] for name in MEASURES}
        means = [float(torch.stack(column).mean()) if column else float("nan") for column in columns.values()]
        means = self.processes.mean(torch.tensor(means).to(self.precision.device)).tolist()
        return dict(zip(columns, means, strict=True)) | {"augmentation_probability": self.augmentation.p}

    def failure(self, row: Mapping) -> str | None:
        """What has failed in an interval of training, and what to change; None if nothing has."""
        losses = (row["discriminator_loss"], row["generator_loss"])
        if not self._healthy() or not np.isfinite(losses).all():
            return f"a loss or a weight is not a number (losses {losses}); train again with a lower learning_rate"
        if row["spread"] < FLAT:
            return (
                f"collapse, all synthetic images are the same (spread {row['spread']:.1e}); "
                "train again with a lower learning_rate, a larger batch or another seed"
            )
        if row["generator_loss"] > LOST:
            return (
                f"collapse, the discriminator recognises every synthetic image (loss of the generator "
                f"{row['generator_loss']:.0f}); train again with a lower learning_rate, a larger r1_gamma or another "
                "augmentation"
            )
        return None

    def note(self, row: Mapping) -> str:
        """Both losses in brief."""
        return f"losses D {row['discriminator_loss']:.2f}, G {row['generator_loss']:.2f}"

    def _healthy(self) -> bool:
        """True if all weights are finite."""
        weights = [*self.generator.parameters(), *self.discriminator.parameters()]
        return bool(torch.stack([weight.isfinite().all() for weight in weights]).all())
