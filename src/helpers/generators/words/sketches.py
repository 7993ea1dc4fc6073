"""Sketches of images: the few numbers that say most of where an image is bright, for a text encoder to learn from."""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from helpers.generators.training_data import TrainingData

GRID = 16  # squares a side over which an image is averaged
NUMBERS = 64  # of a sketch, at most
IMAGES = 4096  # at most, whose principal components are found
AT_ONCE = 512
FAINTEST = 1e-3  # standard deviation below which a component counts for nothing


class Sketches:
    """Principal components of the images of a training, coarsely seen, each of unit variance there."""

    def __init__(self, data: TrainingData):
        seen = torch.cat([_coarse(data.batch(part)[0]) for part in torch.arange(min(len(data), IMAGES)).split(AT_ONCE)])
        self.mean = seen.mean(dim=0)
        _, spread, axes = torch.linalg.svd(seen - self.mean, full_matrices=False)
        self.count = max(min(NUMBERS, len(seen) - 1), 1)
        deviation = spread[: self.count] / max(len(seen) - 1, 1) ** 0.5
        self.axes = axes[: self.count] * (deviation > FAINTEST)[:, None] / deviation.clamp(min=FAINTEST)[:, None]

    def of(self, images: Tensor) -> Tensor:
        """Sketches float32 (n, count) of images (n, 1, size, size) in -1..1."""
        mean, axes = (part.to(images.device) for part in (self.mean, self.axes))
        return (_coarse(images) - mean) @ axes.T


def _coarse(images: Tensor) -> Tensor:
    return adaptive_avg_pool2d(images.float(), GRID).flatten(1)
