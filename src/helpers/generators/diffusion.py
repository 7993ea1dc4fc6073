"""Conditional pixel diffusion for small chest X-rays: the network that predicts the clean image, and its pipeline."""

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    DiffusionPipeline,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    ModelMixin,
    SchedulerMixin,
    UNet2DModel,
)
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.resnet import ResnetBlock2D
from diffusers.utils import logging
from torch import Tensor, nn
from torch.nn import functional

from helpers.errors import CheckpointError, ParameterError
from helpers.findings import ORIGINAL, UNSPECIFIED
from helpers.generators import conditions
from helpers.generators.grain import add_grain
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.precision import Precision, choose

TIMESTEPS = 1000  # diffusers counts time from 0 to 1000; the noise level sigma is that divided by 1000
CHUNK, CHUNK_ON_GPU = 8, 24  # images per network call, always: the same image comes out whatever else is asked for
SCHEDULERS = {
    "euler": lambda: FlowMatchEulerDiscreteScheduler(num_train_timesteps=TIMESTEPS),
    "heun": lambda: FlowMatchHeunDiscreteScheduler(num_train_timesteps=TIMESTEPS),
    "dpm": lambda: DPMSolverMultistepScheduler(
        num_train_timesteps=TIMESTEPS, use_flow_sigmas=True, prediction_type="flow_prediction"
    ),
}


def memory_format(precision: Precision) -> torch.memory_format:
    """Layout for the denoiser and its images: on a GPU its group norms are copied out of channels_last and back."""
    return torch.contiguous_format if precision.device.type == "cuda" else precision.memory_format


class LabelEncoder(nn.Module):
    """One learned vector per finding and state, summed over findings: int8 (n, findings) -> float32 (n, width)."""

    def __init__(self, width: int, findings: Sequence[str]):
        super().__init__()
        self.vectors = nn.Linear(conditions.width_of(findings), width, bias=False)
        nn.init.normal_(self.vectors.weight, std=len(findings) ** -0.5)  # the sum has unit variance

    def forward(self, states: Tensor) -> Tensor:
        return self.vectors(conditions.encode(states))


class Denoiser(ModelMixin, ConfigMixin):
    """Predicts the clean image from a noisy one: a UNet over pixel-unshuffled images, told noise level and labels.

    ``channels`` holds the width of each level, coarsest last; only the coarsest level attends. ``unshuffle`` folds
    squares of that many pixels a side into channels, which makes the network as many times faster. ``grain`` is the
    noise that its images lack, as ``grain.measure_grain`` gives it; empty for none. ``findings`` are those that a
    condition names, in its order.
    Raises ParameterError when ``size`` cannot be divided accordingly.
    """

    @register_to_config
    def __init__(
        self,
        size: int = 64,
        unshuffle: int = 4,
        channels: tuple[int, ...] = (64, 128, 192),
        blocks_per_level: int = 1,
        grain: tuple[float, ...] = (),
        findings: tuple[str, ...] = ORIGINAL.names,
    ):
        super().__init__()
        multiple = unshuffle * 2 ** (len(channels) - 1)
        if size % multiple:
            raise ParameterError(
                f"size = {size}: with unshuffle = {unshuffle} and {len(channels)} levels it must be a multiple of "
                f"{multiple}; choose another size, fewer levels or a smaller unshuffle"
            )
        if any(width % 16 for width in channels):
            raise ParameterError(f"channels = {list(channels)}: each must be a multiple of 16")
        attends = [False] * (len(channels) - 1) + [True]
        self.labels = LabelEncoder(4 * channels[0], findings)
        self.unet = UNet2DModel(
            sample_size=size // unshuffle,
            in_channels=unshuffle**2,
            out_channels=unshuffle**2,
            block_out_channels=tuple(channels),
            layers_per_block=blocks_per_level,
            down_block_types=tuple("AttnDownBlock2D" if a else "DownBlock2D" for a in attends),
            up_block_types=tuple("AttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attends)),
            attention_head_dim=16,
            norm_num_groups=16,
            resnet_time_scale_shift="scale_shift",
            class_embed_type="identity",
        )
        self._start_from_nothing()

    @property
    def shape(self) -> dict:
        """What two denoisers must share for one to take the weights of the other."""
        names = ("size", "unshuffle", "channels", "blocks_per_level", "findings")
        return {name: self.config[name] for name in names}

    def _start_from_nothing(self) -> None:
        """Blocks that add nothing and an output of nothing at first (Dhariwal and Nichol 2021, arXiv 2105.05233)."""
        for block in self.unet.modules():
            if isinstance(block, ResnetBlock2D):
                nn.init.zeros_(block.conv2.weight)
        nn.init.zeros_(self.unet.conv_out.weight)
        nn.init.zeros_(self.unet.conv_out.bias)

    def forward(self, noisy: Tensor, sigma: Tensor, states: Tensor) -> Tensor:
        """Noisy float32 (n, 1, s, s), sigma float32 (n,) in 0..1, states int8 (n, findings) -> clean image (n, 1, s,
        s).

        The clean image is the network's output as it is: scaled as a correction of the noisy one, it stays noisy for
        longer than a short training lasts.
        """
        folded = functional.pixel_unshuffle(noisy, self.config.unshuffle)  # (n, u * u, s / u, s / u)
        folded = self.unet(folded, sigma * TIMESTEPS, class_labels=self.labels(states)).sample
        return functional.pixel_shuffle(folded, self.config.unshuffle).float()


class ChestDiffusionPipeline(DiffusionPipeline, ImageGenerator):
    """Samples chest X-rays under a condition with classifier-free guidance; saves and loads like any pipeline.

    A noisy image lies on the straight path between an image x and noise, z = (1 - sigma) x + sigma noise. Along it
    dz / dsigma = noise - x = (z - x) / sigma (flow matching). The network predicts x, as in Li and He 2025, arXiv
    2511.13720, called JiT below; their t is 1 - sigma.
    """

    def __init__(self, denoiser: Denoiser, scheduler: SchedulerMixin):
        super().__init__()
        self.register_modules(denoiser=denoiser, scheduler=scheduler)
        self.precision: Precision | None = None  # float32 where the pipeline happens to be

    @classmethod
    def load(cls, folder: str | Path, precision: Precision | None = None) -> "ChestDiffusionPipeline":
        """``from_pretrained`` of a folder, put where ``precision`` says (default: this machine's best).

        Raises CheckpointError naming the folder when it holds no whole pipeline.
        """
        folder = Path(folder)
        if not (folder / "model_index.json").is_file():
            raise CheckpointError(f"{folder}: no diffusion pipeline here; run notebooks/03_train_diffusion.ipynb first")
        logging.disable_progress_bar()  # there is nothing to wait for in a folder
        try:
            pipeline = cls.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{folder}: the pipeline cannot be loaded ({error}); train it again") from error
        finally:
            logging.enable_progress_bar()
        pipeline.precision = precision or choose()
        pipeline.denoiser.eval().to(memory_format=memory_format(pipeline.precision))
        return pipeline.to(pipeline.precision.device)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that a condition names, in its order."""
        return tuple(self.denoiser.config.findings)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the denoiser's configuration and weights, hex."""
        shape = {name: value for name, value in self.denoiser.config.items() if not name.startswith("_")}
        shape |= {
            name: list(shape[name]) for name in ("channels", "grain", "findings")
        }  # tuples before, lists after a file
        digest = hashlib.sha256(repr(sorted((k, str(v)) for k, v in shape.items())).encode())
        for name, values in sorted(self.denoiser.state_dict().items()):
            digest.update(name.encode() + values.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @torch.no_grad()
    def __call__(
        self,
        condition: np.ndarray | Sequence[int],
        seeds: Sequence[int],
        guidance: float = 1.5,
        steps: int = 20,
        scheduler: str | None = None,
    ) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1; image i depends on ``seeds[i]`` and its condition alone.

        ``condition`` is int8 (findings,), the same for all, or (n, findings).
        ``guidance`` 1 follows the condition as learned, more exaggerates it away from the model without labels.
        ``scheduler`` is euler, heun (two evaluations a step), dpm, or None for the pipeline's own.
        Raises ParameterError for settings out of range.
        """
        states = torch.as_tensor(np.array(condition, dtype=np.int8)).expand(len(seeds), len(self.findings))
        images, at_once = [], CHUNK_ON_GPU if self.device.type == "cuda" else CHUNK
        for start in range(0, len(seeds), at_once):
            chunk, told = list(seeds[start : start + at_once]), states[start : start + at_once]
            missing = at_once - len(chunk)
            padded, told = chunk + [0] * missing, torch.cat([told, told[:1].expand(missing, -1)])
            images.append(self._draw(padded, told.to(self.device), None, guidance, steps, scheduler)[: len(chunk)])
        return np.concatenate(images)

    sample = __call__

    @torch.no_grad()
    def walk(
        self, ends: tuple[np.ndarray, np.ndarray], seed: int, shares: Sequence[float], **options: float | str | None
    ) -> np.ndarray:
        """All images start from the noise of ``seed``; at every step the prediction under labels is that under the one
        end mixed with that under the other. Options, and errors raised, as for ``sample``.
        """
        states = torch.from_numpy(np.stack(ends).astype(np.int8)).to(self.device)
        first, last = (state.expand(len(shares), len(self.findings)) for state in states)
        towards = (last, torch.tensor(shares, dtype=torch.float32, device=self.device).view(-1, 1, 1, 1))
        return self._draw([seed] * len(shares), first, towards, **options)

    def _draw(
        self,
        seeds: list[int],
        states: Tensor,
        towards: tuple[Tensor, Tensor] | None = None,
        guidance: float = 1.5,
        steps: int = 20,
        scheduler: str | None = None,
    ) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1 by following the path from noise, sigma = 1, to data, sigma = 0.

        Algorithm 1 of Karras et al. 2022, arXiv 2206.00364 (EDM below), on the straight path; the names in brackets
        are theirs. ``euler`` leaves out its correction, ``heun`` makes it, ``dpm`` is DPM-Solver++(2M), algorithm 2 of
        Lu et al. 2022, arXiv 2211.01095.
        """
        if steps < 1 or guidance < 0:
            raise ParameterError(f"steps = {steps}, guidance = {guidance}: need steps >= 1 and guidance >= 0")
        # Noise levels, equally spaced from 1 (dpm: 0.999) to 1 / steps, then 0 (t_0 ... t_N).
        solver = self._solver(scheduler, steps)
        # Start from pure noise, each image from that of its own seed (x_0; EDM algorithm 1, line 2).
        noisy = self._noise(seeds)
        with self.precision.autocast() if self.precision else nullcontext():
            for index, timestep in enumerate(solver.timesteps):
                sigma = solver.sigmas[index].to(self.device)
                # Clean image that the network sees behind this noise, under guidance (D(x; sigma)).
                clean = self._predict(noisy, sigma, states, towards, guidance)
                # Slope of the path there: from x-prediction to velocity, JiT table 1 (d_i; lines 4 and 7).
                velocity = (noisy - clean) / sigma
                # Down to the next noise level: Euler step (line 5), or 2nd order correction (line 8; dpm: multistep).
                noisy = solver.step(velocity, timestep, noisy, return_dict=False)[0]
        # From -1..1 to the pixels' range.
        pixels = (noisy[:, 0] / 2 + 0.5).clamp(0, 1).float().cpu().numpy()
        # Put back the fine noise that a prediction of the mean leaves out.
        grain = self.denoiser.config.grain
        return add_grain(pixels, self._noise(seeds, of_grain=True)[:, 0].cpu().numpy(), grain) if grain else pixels

    def _solver(self, name: str | None, steps: int) -> SchedulerMixin:
        """A fresh scheduler (it keeps state, and chunks may run in threads) with its noise levels set."""
        if name is not None and name not in SCHEDULERS:
            raise ParameterError(f"scheduler = {name!r}: must be one of {', '.join(SCHEDULERS)}")
        solver = SCHEDULERS[name]() if name else type(self.scheduler).from_config(self.scheduler.config)
        if isinstance(solver, FlowMatchEulerDiscreteScheduler):
            solver.set_timesteps(sigmas=np.linspace(1.0, 1.0 / steps, steps), device=self.device)
            return solver
        if isinstance(solver, FlowMatchHeunDiscreteScheduler):
            solver.sigma_min = 1.0 / steps  # the same levels; its own end at 0.001, where velocity is unlearned
        solver.set_timesteps(steps, device=self.device)
        return solver

    def _noise(self, seeds: list[int], of_grain: bool = False) -> Tensor:
        """Noise float32 (n, 1, s, s) to start from, or that of the grain: each image from its own seed, drawn on the
        CPU for every device."""
        shape, drawn = (1, self.denoiser.config.size, self.denoiser.config.size), []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            both = [torch.randn(shape, generator=generator) for _ in range(2)]
            drawn.append(both[of_grain])
        return torch.stack(drawn).to(self.device)

    def _predict(
        self, noisy: Tensor, sigma: Tensor, states: Tensor, towards: tuple[Tensor, Tensor] | None, guidance: float
    ) -> Tensor:
        """Clean image (n, 1, s, s) under classifier-free guidance, u + guidance (c - u).

        Equation 6 of Ho and Salimans 2022, arXiv 2207.12598, with guidance = 1 + w, of clean images in place of noise.
        ``towards`` holds other states (n, findings) and the shares (n, 1, 1, 1) in which c is mixed from both.
        """
        # Ask under the labels, under those of the other end of a walk, and without labels, all in one batch.
        told = [states] + ([towards[0]] if towards else [])
        told += [torch.full_like(states, UNSPECIFIED)] if guidance != 1 else []
        stacked = noisy.repeat(len(told), 1, 1, 1)
        predicted = self.denoiser(stacked, sigma.expand(len(stacked)), torch.cat(told)).chunk(len(told))
        # On a walk, mix the predictions of both ends (c).
        labelled = torch.lerp(predicted[0], predicted[1], towards[1]) if towards else predicted[0]
        # Away from the prediction without labels (u).
        return labelled if guidance == 1 else predicted[-1] + guidance * (labelled - predicted[-1])
