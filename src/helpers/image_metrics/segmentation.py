"""A small network that outlines organs and fluid, trained on the masks of phantoms."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from helpers.errors import MetricError
from helpers.image_metrics.features import applied, one_thread
from helpers.progress import Progress

BATCH, LEARNING_RATE = 16, 4e-3
FOLD = 4  # side in pixels of the blocks folded into channels: several times faster


class UNet(nn.Module):
    """U-Net of three scales (Ronneberger et al. 2015, MICCAI): (batch, 1, size, size) to logits (batch, masks, size,
    size); size a multiple of 16."""

    def __init__(self, masks: int, width: int = 24):
        super().__init__()
        widths = (width, 2 * width, 3 * width)
        self.down = nn.ModuleList(_block(a, b) for a, b in zip((FOLD**2, *widths[:-1]), widths, strict=True))
        pairs = zip(widths[:0:-1], widths[-2::-1], strict=True)
        self.up = nn.ModuleList(_block(deep + skip, skip) for deep, skip in pairs)
        self.head = nn.Conv2d(width, FOLD**2 * masks, 1)

    def start_from(self, shares: np.ndarray) -> None:
        """Set the output to the share of pixels in each mask (masks,), so that training need not learn their rarity."""
        odds = torch.from_numpy(np.clip(shares, 1e-3, 1 - 1e-3)).float()
        with torch.no_grad():
            self.head.bias.copy_(torch.logit(odds).repeat_interleave(FOLD**2))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of the masks; each image is first scaled to mean 0, deviation 1, so that exposure matters little."""
        spread = images.std(dim=(2, 3), keepdim=True) + 1e-3
        x = functional.pixel_unshuffle((images - images.mean(dim=(2, 3), keepdim=True)) / spread, FOLD)
        skips = []
        for block in self.down:
            x = block(functional.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for block, skip in zip(self.up, skips[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2), skip], dim=1))
        return functional.pixel_shuffle(self.head(x), FOLD)


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.GroupNorm(4, outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def as_tensors(images: np.ndarray, masks: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch unchanged: pixels float32 (batch, 1, size, size) in 0..1 and masks (batch, m, size, size) of 0 and 1."""
    return torch.from_numpy(images[:, None].astype(np.float32) / 255.0), torch.from_numpy(masks.astype(np.float32))


def train_outlines(
    images: np.ndarray, masks: np.ndarray, epochs: int, seed: int, prepare: Callable = as_tensors
) -> UNet:
    """Train on uint8 images (n, size, size) and bool masks (n, m, size, size); the same seed gives the same weights.

    ``prepare`` turns a batch into tensors for training, as ``as_tensors`` does; it may change images and masks
    together. Raises MetricError for fewer images than a batch (16), or a size that is not a multiple of 16.
    """
    if len(images) < BATCH or images.shape[-1] % BATCH:
        raise MetricError(f"outlines: images {images.shape}; at least {BATCH} are needed, sides a multiple of 16")
    rng, batches = np.random.default_rng([seed, 6]), len(images) // BATCH
    with torch.random.fork_rng(devices=[]), one_thread(), Progress("Outlines", epochs * len(images)) as progress:
        torch.manual_seed(seed)
        network = UNet(masks.shape[1]).to(memory_format=torch.channels_last)
        network.start_from(masks.mean(axis=(0, 2, 3)))
        optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, fused=True)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=epochs * batches)
        for _ in range(epochs):
            for chosen in np.split(rng.permutation(len(images))[: batches * BATCH], batches):
                pixels, truth = prepare(images[chosen], masks[chosen], rng)
                loss = overlap_loss(network(pixels), truth)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                schedule.step()
                progress.update(BATCH, note=f"loss {loss.item():.3f}")
    return network.eval().requires_grad_(False)


def overlap_loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy plus one minus the soft Dice coefficient, means over masks."""
    chance = torch.sigmoid(logits)
    shared, total = (chance * truth).sum(dim=(0, 2, 3)), (chance + truth).sum(dim=(0, 2, 3))
    return functional.binary_cross_entropy_with_logits(logits, truth) + (1 - (2 * shared + 1) / (total + 1)).mean()


def outlines(network: UNet, images: np.ndarray) -> np.ndarray:
    """Masks, bool (n, m, size, size), of uint8 images (n, size, size)."""
    return applied(network, images.astype(np.float32) / 255.0, images.shape[-1], torch.device("cpu")) > 0
