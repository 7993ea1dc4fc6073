"""One step of training a small Stable Diffusion model on texts, and the complete training state."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.functional import adaptive_avg_pool2d

from helpers.findings import Findings
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape, narrowest
from helpers.generators.training_data import TrainingData
from helpers.generators.words import vocabulary, wording
from helpers.generators.words.expected_images import GRID, SQUARES, ExpectedImages, coarse
from helpers.generators.words.networks import (
    TIMESTEPS,
    WordsShape,
    attend_plainly,
    encoded,
    kept_share,
    pipeline_of,
    size_numbers,
    text_encoder_of,
    unet_of,
)
from helpers.generators.words.outlining import Outlining, head_of
from helpers.generators.words.patient_differences import first_of_patient, weighted_square
from helpers.generators.words.region_attention import RegionAttention
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.told_trainer import ToldTrainer
from helpers.generators.words.vocabulary import REGIONS

DRAWN_STEPS = 10  # of the sampler, for a training snapshot
DRAWN_AT_ONCE = 8
SIGMA_FLOOR = 0.05  # the velocity's divisor is clipped here (Li and He 2025, arXiv 2511.13720, section 4)
NEARLY_NOISE = 0.95  # noise level from which an image no longer shows whose it is
COARSE, NOISY = 8, 0.5  # squares per side over which coarse errors are averaged, and the noise level from which
LOSSES = ("loss", "coarse", "attention", "outlining", "sketching")  # as in ``losses``; not all are in use
VOCABULARY_TEXTS = 20_000  # from which the tokenizer is made
LEARNED_FROM, READ_AT_ONCE = 16_384, 512  # images used for expected images, at most; images read at a time


def ema_exponent(width: float) -> float:
    """Exponent of the power-law average with relative ``width`` (Karras et al. 2024, arXiv 2312.02696, equation 123).

    width^2 = (g + 1) / ((g + 2)^2 (g + 3)), solved for the largest real g.
    """
    roots = np.roots([1, 7, 16 - width**-2, 12 - width**-2])
    return float(np.max(roots.real[np.abs(roots.imag) < 1e-9]))


class WordsTrainer(ToldTrainer):
    """UNet, text encoder, their optimiser and their average.

    ``data`` has the size that is drawn; ``size``, in pixels, is that to which a pipeline enlarges the images; the
    ``findings`` of the study give labels their words.
    """

    parts = ("networks", "average", "optimiser")

    def __init__(
        self,
        data: TrainingData,
        shape: WordsShape,
        settings: WordsSettings,
        findings: Findings,
        size: int,
        *others,
        **more,
    ):
        super().__init__(data, settings, *others, **more)
        self.shape, self.study, self.size = shape, findings, size
        learned = self.start.words if self.start else vocabulary.learn(self._texts())
        self.learned, self.tokenizer = learned, vocabulary.tokenizer_of(learned)
        self.expected = self._expectation() if settings.words_first or settings.sketching else None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            networks = {"unet": unet_of(shape), "text_encoder": text_encoder_of(shape, self.tokenizer)}
            if self.expected:
                networks["sketching"] = nn.Linear(shape.text_width, SQUARES**2)
                nn.init.zeros_(networks["sketching"].weight)  # so that it does not disturb what the encoder has learned
            if settings.outlining:
                networks["outlining"] = head_of(shape, data.outlines)
        if self.start:
            self.start.check({name: value for name, value in asdict(shape).items() if name != "size"})
            self.start.fill(unet=networks["unet"], text_encoder=networks["text_encoder"])
        layout = self.precision.unet_format
        self.networks = nn.ModuleDict(networks).to(self.precision.device, memory_format=layout).train()
        self.average = deepcopy(self.networks).requires_grad_(False).eval()
        self.attention = RegionAttention(networks["unet"]) if settings.region_attention else None
        self.outlining = Outlining(networks["unet"], networks["outlining"]) if settings.outlining else None
        if self.precision.device.type == "cpu":
            attend_plainly(networks["unet"], networks["text_encoder"])
        self.optimiser = torch.optim.AdamW(
            self.networks.parameters(), lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True
        )
        self.exponent = ema_exponent(settings.ema_width)

    @property
    def count(self) -> int:
        """Number of weights of the UNet and the text encoder."""
        return sum(w.numel() for name in ("unet", "text_encoder") for w in self.networks[name].parameters())

    def _expectation(self) -> ExpectedImages:
        """The expected images for words, learned from the images of this training."""
        places = torch.arange(min(len(self.data), LEARNED_FROM))
        rng, images = np.random.default_rng([self.settings.seed, 11]), []
        for part in places.split(READ_AT_ONCE):
            images.append(coarse(self.data.batch(part)[0]))
        return ExpectedImages(self.told(places.tolist(), self.data.states[places], rng), torch.cat(images))

    def _texts(self) -> list[str]:
        """Texts to make a tokenizer from: reports, and labels put into words in many ways."""
        rng = np.random.default_rng(self.settings.seed)
        labels = [wording.of_label(one, state, rng) for one in self.study for state in (0, 1) for _ in range(40)]
        return [text for text in self.data.texts[:VOCABULARY_TEXTS] if text] + labels + list(wording.NORMAL) * 2

    def losses(self) -> dict[str, Tensor]:
        """The losses of one step, by name: ``sketching`` while only the text encoder is trained, then ``loss``.

        To it are added ``coarse``, ``attention``, ``outlining`` and ``sketching``, as the settings weigh them.
        """
        draws, images, states = self.next_batch()
        texts = self.words(states)
        images, numbers = self.processes.share(images, torch.arange(len(texts)))
        own = [texts[number] for number in numbers.tolist()]
        with self.precision.autocast():
            hidden, pooled = encoded(own, self.tokenizer, self.networks["text_encoder"])
        settings, losses, alone = self.settings, {}, self.images < self.settings.words_first
        if alone or settings.sketching:
            losses["sketching"] = (1.0 if alone else settings.sketching) * self._sketching_error(own, hidden)
        if alone:
            return losses
        of = self._first_of_patient()
        level = (draws.normal(len(images), of=of) * settings.noise_deviation + settings.noise_mean).sigmoid()
        level[numbers < int(settings.from_noise * len(texts))] = 1.0
        errors = self._errors(images, draws.normal(*images.shape, of=of), level, hidden, pooled)
        losses["loss"] = self._square(errors, of, level).mean()
        if settings.coarse_weight:
            coarse = adaptive_avg_pool2d(errors.mean(dim=1, keepdim=True), COARSE)
            squares = self._square(coarse, of, level) * (level >= NOISY).view(-1, 1, 1, 1)
            losses["coarse"] = settings.coarse_weight * squares.mean()
        if self.attention:
            with self.precision.autocast():
                losses["attention"] = settings.region_attention * self.attention.error()
        if self.outlining:
            outlines = self.data.outlines[self.places()[numbers]]
            with self.precision.autocast():
                losses["outlining"] = settings.outlining * self.outlining.error(outlines)
        return losses

    def _sketching_error(self, texts: list[str], hidden: Tensor) -> Tensor:
        with self.precision.autocast():
            sketched = self.networks["sketching"](hidden[:, -REGIONS:])
        expected = self.expected.sketches(self.expected.of(texts, GRID * SQUARES))
        return functional.mse_loss(sketched.float(), expected.to(hidden.device))

    def _square(self, errors: Tensor, of: Tensor | None, level: Tensor) -> Tensor:
        """Squares of errors (n, ...), weighted by how they differ between images of one patient."""
        if of is None or self.settings.difference_weight == 1:
            return errors.square()
        weights = torch.where(level >= NEARLY_NOISE, self.settings.difference_weight, 1.0)
        return weighted_square(errors, of, weights, self.processes)

    def _errors(self, images: Tensor, noise: Tensor, level: Tensor, hidden: Tensor, pooled: Tensor) -> Tensor:
        """Errors of the velocity for unfolded images and noise, and noise levels (n,) in 0..1."""
        layout = self.precision.unet_format
        clean, noise = (functional.pixel_unshuffle(part, self.shape.fold) for part in (images, noise))
        timestep = (level * TIMESTEPS).ceil().clamp(1, TIMESTEPS) - 1
        with self.precision.autocast():
            return self.velocity_errors(clean.contiguous(memory_format=layout), noise, timestep, hidden, pooled)

    def places(self) -> Tensor:
        """Indices of the next step's images in the data, int64 (batch,), with those of one patient in a row."""
        return self.data.order(self.settings.seed, self.steps, self.settings.batch, self.settings.same_patient)

    def _first_of_patient(self) -> Tensor | None:
        """For each image of the step, the first one of the same patient, whose noise it shares; None if all differ."""
        if self.settings.same_patient == 1 or self.data.patients is None:
            return None
        return first_of_patient(self.data.patients[self.places()])

    def velocity_errors(self, clean: Tensor, noise: Tensor, timestep: Tensor, hidden: Tensor, pooled: Tensor) -> Tensor:
        """Error of the velocity (x_t - x) / sigma that a clean-image prediction implies, for every value of ``clean``.

        ``clean`` and ``noise`` are folded images, ``timestep`` (n,) counts from 0. Li and He 2025, arXiv 2511.13720,
        table 1: x-prediction with v-loss; their t is 1 - sigma.
        """
        sigma = ((timestep + 1) / TIMESTEPS).view(-1, 1, 1, 1)
        kept = kept_share(sigma)
        noisy = kept.sqrt() * clean + (1 - kept).sqrt() * noise
        sizes = size_numbers(self.size, len(clean)).to(clean.device)
        predicted = self.networks["unet"](
            noisy, timestep, encoder_hidden_states=hidden, added_cond_kwargs={"text_embeds": pooled, "time_ids": sizes}
        ).sample
        return (predicted.float() - clean) / sigma.clamp(min=SIGMA_FLOOR)

    def update_average(self) -> None:
        """Power-law averaging (arXiv 2312.02696, equation 121) over this training; its window grows."""
        decay = (1 - self.settings.batch / self.images) ** (self.exponent + 1)
        self.average_towards(self.networks, 1 - decay)

    def plain_settings(self) -> dict:
        """The settings of ``ToldTrainer``, the shape and the words."""
        return super().plain_settings() | {"shape": asdict(self.shape), "words": self.learned}

    def summarise(self, measured: list[Mapping[str, float]]) -> dict[str, float]:
        """Mean losses of an interval of steps, NaN for those not in use, and the learning rate at its end."""
        columns = {name: [m[name] for m in measured if name in m] for name in LOSSES}
        means = {name: float(np.mean(values)) if values else np.nan for name, values in columns.items()}
        return means | {"learning_rate": measured[-1]["learning_rate"]}

    def note(self, row: Mapping) -> str:
        """The loss in brief, or that of the text encoder while only it is trained."""
        return f"loss {row['loss' if np.isfinite(row['loss']) else 'sketching']:.3f}"

    @cached_property
    def _drawing(self) -> Enlarger:
        """An enlarger for a pipeline that is only asked for latents."""
        fold = self.shape.fold
        return Enlarger(EnlargerShape(size=self.shape.size, factor=1, fold=fold, width=narrowest(fold), blocks=1))

    @torch.no_grad()
    def draw(self, states: Tensor, seed: int, steps: int = DRAWN_STEPS) -> np.ndarray:
        """Small images of the averaged networks for states int8 (n, findings): float32 (n, size, size) in 0..1.

        States are put into plain words; there is no guidance.
        """
        pipeline = pipeline_of(
            self.average["unet"],
            self.average["text_encoder"],
            self.tokenizer,
            self._drawing.to(self.precision.device),
            self.settings.grain,
        )
        texts, made = [wording.plain(row, self.study) for row in states.tolist()], []
        for start in range(0, len(texts), DRAWN_AT_ONCE):
            part = texts[start : start + DRAWN_AT_ONCE]
            with self.precision.autocast():
                hidden, pooled = encoded(part, self.tokenizer, self.average["text_encoder"])
                folded = pipeline(
                    prompt_embeds=hidden.float(),
                    pooled_prompt_embeds=pooled.float(),
                    num_inference_steps=steps,
                    guidance_scale=1.0,
                    generator=[torch.Generator().manual_seed(seed + start + place) for place in range(len(part))],
                    output_type="latent",
                    **dict.fromkeys(("original_size", "target_size"), (self.size, self.size)),
                ).images
            made.append(functional.pixel_shuffle(folded.float(), self.shape.fold)[:, 0].cpu())
        return (torch.cat(made) / 2 + 0.5).clamp(0, 1).numpy()
