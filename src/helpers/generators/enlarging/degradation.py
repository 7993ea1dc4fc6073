"""Small images made a little worse, as generators draw them: so an enlarger learns to bear it, and to mend it."""

import torch
from torch import Tensor
from torch.nn import functional

from helpers.generators.processes import Draws

OFTEN = 0.7  # share of images that are blurred, and that get noise
MOST_BLUR = 1.2  # pixels, standard deviation
MOST_NOISE = 0.02  # of images in -1..1
REACH = 3  # pixels that the blur reaches


def degraded(images: Tensor, draws: Draws) -> Tensor:
    """Images (n, 1, s, s), some blurred and some noisy, each by an amount of its own."""
    noise = _amount(draws, images, MOST_NOISE) * draws.normal(*images.shape)
    return _blurred(images, _amount(draws, images, MOST_BLUR).flatten()) + noise


def _amount(draws: Draws, images: Tensor, most: float) -> Tensor:
    """Up to ``most``, uniform, for each image (n, 1, 1, 1); 0 for some."""
    return most * draws.uniform(len(images), 1, 1, 1) * (draws.uniform(len(images), 1, 1, 1) < OFTEN)


def _blurred(images: Tensor, deviations: Tensor) -> Tensor:
    """Every image under a Gaussian of its own deviation (n,), pixels."""
    places = torch.arange(-REACH, REACH + 1, device=images.device)
    weights = torch.exp(-(places**2) / (2 * deviations[:, None].clamp(min=1e-3) ** 2))
    weights = weights / weights.sum(dim=1, keepdim=True)
    x = functional.pad(images.transpose(0, 1), (REACH,) * 4, mode="replicate")
    x = functional.conv2d(x, weights[:, None, None, :], groups=len(images))
    return functional.conv2d(x, weights[:, None, :, None], groups=len(images)).transpose(0, 1)
