"""Enlarges small radiographs and adds the details that they lack; on disk, and around a generator of small images.

A generator that draws small images and a network that enlarges them train in a fraction of the time of one that draws
large ones: Denton et al. 2015, arXiv 1506.05751; with residual blocks, pixel shuffle and a critic, Ledig et al. 2017,
arXiv 1609.04802.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.checks import Positive, checked
from helpers.errors import ParameterError, SampleError
from helpers.generators.described_weights import reading, write
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.processes import Draws

OWN_STREAM = 1 << 40  # added to a seed: details do not come from the random numbers that the small image came from


@checked(ParameterError)
class EnlargerShape:
    """``size`` is that of the small images, pixels, ``factor`` how many times larger they become; ``width`` channels in
    ``blocks`` residual blocks do it. Raises ParameterError for a number that is not positive."""

    size: Positive
    factor: Positive
    width: Positive = 32
    blocks: Positive = 4


class ResidualBlock(nn.Module):
    """Two convolutions that at first add nothing."""

    def __init__(self, width: int):
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(functional.silu(self.first(x)))


class Enlarger(nn.Module):
    """Bicubic enlargement, and details that depend on the image and on noise; at first none."""

    def __init__(self, shape: EnlargerShape):
        super().__init__()
        self.shape = shape
        self.reads = nn.Conv2d(2, shape.width, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(shape.width) for _ in range(shape.blocks)))
        self.writes = nn.Conv2d(shape.width, shape.factor**2, 3, padding=1)
        nn.init.zeros_(self.writes.weight)
        nn.init.zeros_(self.writes.bias)

    def forward(self, images: Tensor, noise: Tensor) -> Tensor:
        """Images (n, 1, s, s) in -1..1 and standard normal noise of that shape -> (n, 1, factor s, factor s)."""
        details = self.writes(functional.silu(self.blocks(self.reads(torch.cat([images, noise], dim=1)))))
        return enlarged(images, self.shape.factor) + functional.pixel_shuffle(details, self.shape.factor)


def reduced(images: Tensor, factor: int) -> Tensor:
    """Means of squares of ``factor`` pixels: (n, 1, size, size) -> (n, 1, size / factor, size / factor)."""
    return functional.avg_pool2d(images, factor)


def enlarged(images: Tensor, factor: int) -> Tensor:
    """Bicubic enlargement of images (n, 1, s, s)."""
    return functional.interpolate(images, scale_factor=factor, mode="bicubic", align_corners=False)


def save(folder: str | Path, enlarger: Enlarger, description: Mapping) -> None:
    """Write an enlarger to ``model.safetensors`` and what it is to ``model.json``, in that order."""
    write(Path(folder), enlarger.state_dict(), {**description, "shape": asdict(enlarger.shape)})


def load(folder: str | Path) -> Enlarger:
    """Load what ``save`` wrote; raises CheckpointError when a file is missing, damaged or foreign."""
    with reading(Path(folder), "enlarger", "02_train_enlarger") as (description, tensors):
        enlarger = Enlarger(EnlargerShape(**description["shape"]))
        enlarger.load_state_dict(tensors)
    return enlarger.eval().requires_grad_(False)


class Enlarged(ImageGenerator):
    """A generator of small images, and the enlarger of what it makes; asked as the generator is.

    Raises SampleError where the enlarger takes images of another size.
    """

    def __init__(self, generator: ImageGenerator, enlarger: Enlarger):
        self.generator, self.enlarger = generator, enlarger
        self.findings, self.templates = generator.findings, generator.templates
        weights = b"".join(values.numpy().tobytes() for _, values in sorted(enlarger.state_dict().items()))
        self.sha256 = hashlib.sha256(generator.sha256.encode() + weights).hexdigest()

    @property
    def modules(self) -> tuple[str, ...]:
        """Those of the generator, and this one."""
        return (*self.generator.modules, type(self).__module__)

    def sample(self, condition: np.ndarray, seeds: Sequence[int], **options) -> np.ndarray:
        """As ``ImageGenerator.sample``; the details of an image come from its seed too."""
        return self._enlarge(self.generator.sample(condition, seeds, **options), seeds)

    def walk(
        self, ends: tuple[np.ndarray, np.ndarray], seed: int, shares: Sequence[float], **options
    ) -> np.ndarray | None:
        """As ``ImageGenerator.walk``, details from the same noise all the way."""
        images = self.generator.walk(ends, seed, shares, **options)
        return None if images is None else self._enlarge(images, [seed] * len(images))

    @torch.inference_mode()
    def _enlarge(self, images: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
        """One at a time, so that an image is the same whatever is asked for with it."""
        size, made = self.enlarger.shape.size, []
        if images.shape[1:] != (size, size):
            raise SampleError(
                f"this generator draws {images.shape[2]} x {images.shape[1]} pixels, and its enlarger takes {size} x "
                f"{size}; train both in one run, or give the source an enlarger of its own"
            )
        for image, seed in zip(images, seeds, strict=True):
            small = torch.from_numpy(image)[None, None] * 2 - 1
            large = self.enlarger(small, Draws.of_seed(seed + OWN_STREAM).normal(1, 1, size, size))[0, 0]
            made.append((large / 2 + 0.5).clamp(0, 1).numpy())
        return np.stack(made)
