"""Differentiable augmentation of the images that the discriminator sees, real and synthetic alike.

Adaptive strength: Karras et al., "Training Generative Adversarial Networks with Limited Data", NeurIPS 2020
(arXiv 2006.06676); constant strength: Zhao et al., DiffAugment, NeurIPS 2020 (arXiv 2006.10738). Images are not
mirrored, because the heart lies on the left.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from helpers.generators.processes import Draws

KINDS = ("none", "diffaugment", "ada")
SHIFT = 0.125  # largest translation, as a share of the width
TURN = math.radians(8)  # standard deviation of the rotation
ZOOM = 0.08  # standard deviation of the logarithm of the scale
BRIGHTNESS, CONTRAST = 0.2, 0.2  # standard deviations, for images in -1..1
HOLE = 0.35  # side of the square that is cut out, as a share of the width
TARGET = 0.6  # mean sign of the scores of real images to aim for; a higher one means overfitting
SPEED = 100_000  # images over which the adaptive probability can go from 0 to 1


def _geometry(images: Tensor, chance: Tensor, draws: Draws) -> Tensor:
    """Translate, rotate and scale in one resampling step; ``chance`` (n, 4) is 1 if an image gets an operation."""
    count = len(images)
    shift = (draws.uniform(count, 2) * 2 - 1) * (2 * SHIFT) * chance[:, :1]
    angle = draws.normal(count) * TURN * chance[:, 1]
    scale = (draws.normal(count) * ZOOM * chance[:, 1]).exp()
    cosine, sine = angle.cos() / scale, angle.sin() / scale
    rows = [torch.stack([cosine, -sine, shift[:, 0]], 1), torch.stack([sine, cosine, shift[:, 1]], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _intensity(images: Tensor, chance: Tensor, draws: Draws) -> Tensor:
    """Change brightness and contrast."""
    gain = (draws.normal(len(images)) * CONTRAST * chance[:, 2]).exp()
    offset = draws.normal(len(images)) * BRIGHTNESS * chance[:, 2]
    return images * gain[:, None, None, None] + offset[:, None, None, None]


def _cutout(images: Tensor, chance: Tensor, draws: Draws) -> Tensor:
    """Set a square to mid-gray."""
    size = images.shape[-1]
    centre = draws.uniform(len(images), 2) * size  # (n, 2), pixels
    line = torch.arange(size, device=images.device) + 0.5
    near = (line - centre[:, :, None]).abs() < HOLE * size / 2  # (n, 2, size)
    hole = near[:, 0, :, None] & near[:, 1, None, :] & (chance[:, 3] > 0)[:, None, None]
    return images * (~hole)[:, None]


class Augmentation:
    """Augments each image with probability ``p`` per group of operations.

    ``none``: never; ``diffaugment``: always (p = 1); ``ada``: p follows how strongly the discriminator overfits the
    training images.
    """

    def __init__(self, kind: str):
        self.kind = kind
        self.p = 1.0 if kind == "diffaugment" else 0.0

    def __call__(self, images: Tensor, draws: Draws) -> Tensor:
        """Images float32 (n, 1, size, size) in -1..1 -> the same shape; differentiable once, not twice."""
        if self.kind == "none":
            return images
        chance = (draws.uniform(len(images), 4) < self.p).float()
        images = _geometry(images, chance, draws)
        images = _intensity(images, chance, draws)
        return _cutout(images, chance, draws)

    def adapt(self, lean: float, images: int) -> None:
        """Adjust ``p`` after ``images`` more images: up if ``lean``, the mean sign of real scores, is above target."""
        if self.kind == "ada":
            step = math.copysign(images / SPEED, lean - TARGET)
            self.p = min(max(self.p + step, 0.0), 1.0)
