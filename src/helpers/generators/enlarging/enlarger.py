"""Enlarges small radiographs and adds the details that they lack: an autoencoder of diffusers, on disk and in use.

Its encoder is no network that learns: it reduces an image to means of squares of pixels, and folds what is left into
channels. Its decoder unfolds them and learns the details. So one autoencoder serves a GAN that draws small images and
a diffusion model that works on folded ones, and any pipeline of diffusers can decode with it. Small images that are
enlarged train in a fraction of the time of large ones: Denton et al. 2015, arXiv 1506.05751; against a critic: Ledig
et al. 2017, arXiv 1609.04802.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderDC
from torch import Tensor, nn
from torch.nn import functional

from helpers.checks import Positive, checked
from helpers.errors import ParameterError, SampleError
from helpers.generators.described_weights import reading, write
from helpers.generators.enlarging.first_weights import set_decoder, set_encoder
from helpers.generators.image_generator import ImageGenerator


@checked(ParameterError)
class EnlargerShape:
    """``size`` is that of the small images, pixels, ``factor`` how many times larger they become; squares of ``fold``
    small pixels a side are folded into channels. ``width`` channels, with ``blocks`` residual blocks at the small
    images' size, add the details. Raises ParameterError for a number that is not positive, for a factor or fold that is
    no power of 2, a fold of 1, a size that cannot be folded, and a width that is no multiple of ``narrowest``.
    """

    size: Positive
    factor: Positive
    fold: Positive = 4
    width: Positive = 32
    blocks: Positive = 4

    def __post_init__(self):
        for name in ("factor", "fold"):
            if not math.log2(getattr(self, name)).is_integer():
                raise ParameterError(f"{name} = {getattr(self, name)}: must be a power of 2")
        if self.fold == 1 or self.width % narrowest(self.fold):
            raise ParameterError(
                f"fold = {self.fold}, width = {self.width}: fold must be 2 or more, and width a multiple of "
                f"{narrowest(self.fold)}"
            )
        if self.size % self.fold:
            raise ParameterError(f"drawn_size = {self.size}: must be a multiple of fold = {self.fold}")

    @property
    def halvings(self) -> tuple[int, int]:
        """How many times an image is halved by taking means, and how many times by folding."""
        return int(math.log2(self.factor)), int(math.log2(self.fold))


def narrowest(fold: int) -> int:
    """The least ``width`` that has room for an image and for what unfolding it takes."""
    return max(8, fold**2 // 4)


class Enlarger(nn.Module):
    """The autoencoder of a shape; at first its decoder enlarges bilinearly and adds nothing.

    ``autoencoder`` is what diffusers loads; latents are folded images in -1..1.
    """

    def __init__(self, shape: EnlargerShape):
        super().__init__()
        self.shape = shape
        means, folds = shape.halvings
        channels, levels = shape.fold**2, means + folds + 1
        # Finest level first. The finest of the decoder is computed by its last convolution, unless nothing is enlarged.
        widths = (shape.width // 2,) * means + (shape.width,) + (channels,) * folds
        blocks = (
            (0,) * min(means, 1)
            + (1,) * max(means - 1, 0)
            + (shape.blocks,)
            + (1,) * (folds - 1)
            + (0,) * min(folds, 1)
        )
        self.autoencoder = AutoencoderDC(
            in_channels=1,
            latent_channels=channels,
            encoder_block_out_channels=(1,) * (means + 1) + tuple(4**fold for fold in range(1, folds + 1)),
            decoder_block_out_channels=widths,
            encoder_layers_per_block=(1,) * (levels - 1) + (0,),
            decoder_layers_per_block=blocks,
            encoder_qkv_multiscales=((),) * levels,
            decoder_qkv_multiscales=((),) * levels,
            downsample_block_type="conv",
            decoder_conv_act_fn="silu",
        )
        # What pipelines of Stable Diffusion ask any autoencoder for.
        self.autoencoder.register_to_config(block_out_channels=widths, force_upcast=False)
        set_encoder(self.autoencoder.encoder, folds)
        set_decoder(self.autoencoder.decoder, means, folds)

    def forward(self, images: Tensor) -> Tensor:
        """Images (n, 1, s, s) in -1..1 -> (n, 1, factor s, factor s)."""
        return self.autoencoder.decoder(functional.pixel_unshuffle(images, self.shape.fold))


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
        """As ``ImageGenerator.sample``."""
        return self._enlarge(self.generator.sample(condition, seeds, **options))

    def walk(
        self, ends: tuple[np.ndarray, np.ndarray], seed: int, shares: Sequence[float], **options
    ) -> np.ndarray | None:
        """As ``ImageGenerator.walk``."""
        images = self.generator.walk(ends, seed, shares, **options)
        return None if images is None else self._enlarge(images)

    @torch.inference_mode()
    def _enlarge(self, images: np.ndarray) -> np.ndarray:
        """One at a time, so that an image is the same whatever is asked for with it."""
        size, made = self.enlarger.shape.size, []
        if images.shape[1:] != (size, size):
            raise SampleError(
                f"this generator draws {images.shape[2]} x {images.shape[1]} pixels, and its enlarger takes {size} x "
                f"{size}; train both in one run, or give the source an enlarger of its own"
            )
        for image in images:
            large = self.enlarger(torch.from_numpy(image)[None, None] * 2 - 1)[0, 0]
            made.append((large / 2 + 0.5).clamp(0, 1).numpy())
        return np.stack(made)
