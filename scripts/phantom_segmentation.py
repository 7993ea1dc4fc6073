"""A small network that outlines lungs, thorax and heart, trained on the masks of phantoms; used to measure images."""

import numpy as np
import torch
from scipy.ndimage import binary_opening, label
from torch import nn
from torch.nn import functional

from helpers.image_metrics.features import one_thread
from helpers.progress import Progress

ORGANS = ("lungs", "thorax", "heart")
SIDE = 128  # pixels
BATCH, LEARNING_RATE = 16, 2e-3
TURN, ZOOM, SHIFT = 10.0, 0.22, 0.08  # most degrees, part of the size, part of the image's side
GAMMA, NOISE = 0.5, 0.04  # most log exponent, deviation in parts of black to white


class UNet(nn.Module):
    """U-Net of three scales (Ronneberger et al. 2015, MICCAI): (batch, 1, 128, 128) to logits (batch, 3, 128, 128).

    It works on blocks of 4 x 4 pixels, folded into channels, which makes it several times faster.
    """

    def __init__(self, width: int = 32):
        super().__init__()
        widths = (width, 2 * width, 3 * width)
        self.down = nn.ModuleList(_block(a, b) for a, b in zip((16, *widths[:-1]), widths, strict=True))
        pairs = zip(widths[:0:-1], widths[-2::-1], strict=True)
        self.up = nn.ModuleList(_block(deep + skip, skip) for deep, skip in pairs)
        self.head = nn.Conv2d(width, 16 * len(ORGANS), 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Every image is brought to mean 0 and deviation 1 first, so that the exposure matters little."""
        spread = images.std(dim=(2, 3), keepdim=True) + 1e-3
        x = functional.pixel_unshuffle((images - images.mean(dim=(2, 3), keepdim=True)) / spread, 4)
        skips = []
        for block in self.down:
            x = block(functional.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for block, skip in zip(self.up, skips[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2), skip], dim=1))
        return functional.pixel_shuffle(self.head(x), 4)


def _block(inputs: int, outputs: int) -> nn.Sequential:
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.GroupNorm(4, outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def train(images: np.ndarray, masks: np.ndarray, epochs: int, seed: int) -> UNet:
    """Train on uint8 images (n, 128, 128) and bool masks (n, 3, 128, 128); the same seed gives the same weights."""
    rng = np.random.default_rng([seed, 6])
    with torch.random.fork_rng(devices=[]), one_thread(), Progress("Outlines", epochs * len(images)) as progress:
        torch.manual_seed(seed)
        network = UNet()
        steps = epochs * (len(images) // BATCH)
        optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
        for _ in range(epochs):
            for chosen in np.split(rng.permutation(len(images))[: len(images) // BATCH * BATCH], len(images) // BATCH):
                pixels, truth = augment(images[chosen], masks[chosen], rng)
                loss = overlap_loss(network(pixels), truth)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                schedule.step()
                progress.update(BATCH, note=f"loss {loss.item():.3f}")
    return network.eval()


def overlap_loss(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy plus one minus the soft Dice coefficient, means over organs."""
    chance = torch.sigmoid(logits)
    shared, total = (chance * truth).sum(dim=(0, 2, 3)), (chance + truth).sum(dim=(0, 2, 3))
    return functional.binary_cross_entropy_with_logits(logits, truth) + (1 - (2 * shared + 1) / (total + 1)).mean()


def augment(images: np.ndarray, masks: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn, zoom and shift images with their masks; change the gray curve and add noise. Never mirrors."""
    n = len(images)
    angle = np.radians(rng.uniform(-TURN, TURN, n))
    scale, shift = np.exp(rng.uniform(-ZOOM, ZOOM, n)), rng.uniform(-2 * SHIFT, 2 * SHIFT, (n, 2))
    rows = [[scale * np.cos(angle), -scale * np.sin(angle), shift[:, 0]]]
    rows += [[scale * np.sin(angle), scale * np.cos(angle), shift[:, 1]]]
    frame = torch.from_numpy(np.array(rows).transpose(2, 0, 1).astype(np.float32))  # (n, 2, 3)
    layers = torch.from_numpy(np.concatenate([images[:, None] / 255.0, masks], axis=1).astype(np.float32))
    grid = functional.affine_grid(frame, list(layers.shape), align_corners=False)
    layers = functional.grid_sample(layers, grid, align_corners=False)
    gamma = torch.from_numpy(np.exp(rng.uniform(-GAMMA, GAMMA, (n, 1, 1, 1))).astype(np.float32))
    noise = rng.standard_normal((n, 1, SIDE, SIDE)) * rng.uniform(0, NOISE, (n, 1, 1, 1))
    pixels = layers[:, :1].clamp(0, 1) ** gamma + torch.from_numpy(noise.astype(np.float32))
    return pixels, layers[:, 1:]


def outlines(network: UNet, images: np.ndarray) -> np.ndarray:
    """Masks, bool (n, 3, 128, 128), of uint8 images (n, 128, 128)."""
    parts = []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(images), BATCH):
            pixels = torch.from_numpy(images[start : start + BATCH, None].astype(np.float32) / 255.0)
            parts.append((network(pixels) > 0).numpy())
    return np.concatenate(parts)


def largest(mask: np.ndarray, pieces: int = 1) -> np.ndarray:
    """The largest connected pieces of a mask, without spurs thinner than three pixels."""
    found, count = label(binary_opening(mask))
    sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
    return np.isin(found, np.argsort(sizes)[::-1][:pieces] + 1) if count else np.zeros_like(mask)


def proportions(masks: np.ndarray) -> tuple[float, float]:
    """Cardiothoracic ratio, and the lungs' part of the image, from masks (3, 128, 128); NaN where an organ is missing.

    The ratio is heart width by thorax width, each from its leftmost to its rightmost pixel.
    """
    lungs, thorax, heart = largest(masks[0], pieces=2), largest(masks[1]), largest(masks[2])
    if not (lungs.any() and thorax.any() and heart.any()):
        return np.nan, np.nan
    widths = [np.ptp(np.flatnonzero(mask.any(axis=0))) + 1 for mask in (heart, thorax)]
    return float(widths[0] / widths[1]), float(lungs.mean())
