"""Small images made slightly worse, as generators draw them, so that an enlarger learns to correct what they lack."""

import torch
from torch import Tensor
from torch.nn import functional

from helpers.generators.processes import Draws

OFTEN = 0.7  # share of images that are blurred, of those that are faded, and of those that get noise
MOST_BLUR = 1.2  # pixels, standard deviation
MOST_NOISE = 0.02  # of images in -1..1
REACH = 3  # pixels that the blur reaches
LIMITS = (0.3, 0.55)  # cycles per pixel: detail finer than a limit in this range is faded
UNFADED = 1.0  # a limit beyond the finest detail that pixels can show
FADED = 0.3  # amplitude of faded detail
EDGE = 0.02  # cycles per pixel over which it fades


def degraded(images: Tensor, draws: Draws) -> Tensor:
    """Images (n, 1, s, s), some blurred, some without their finest detail and some noisy, each by its own amount."""
    noise = _amount(draws, images, MOST_NOISE) * draws.normal(*images.shape)
    blurred = _blurred(images, _amount(draws, images, MOST_BLUR).flatten())
    low, high = LIMITS
    limits = low + (high - low) * draws.uniform(len(images), 1, 1, 1)
    return _faded(blurred, limits.where(draws.uniform(len(images), 1, 1, 1) < OFTEN, UNFADED)) + noise


def _faded(images: Tensor, limits: Tensor) -> Tensor:
    """Every image with detail finer than its own limit (n, 1, 1, 1) faded, as diffusion models draw it."""
    edge = min(2 * REACH, images.shape[-1] - 1)
    x = functional.pad(images, (edge,) * 4, mode="reflect")  # so that opposite borders do not meet
    side = x.shape[-1]
    down, across = (find(side, device=images.device) for find in (torch.fft.fftfreq, torch.fft.rfftfreq))
    beyond = torch.sigmoid((torch.hypot(down[:, None], across) - limits) / EDGE)
    x = torch.fft.irfft2(torch.fft.rfft2(x) * (1 - (1 - FADED) * beyond), s=(side, side))
    return x[..., edge:-edge, edge:-edge] if edge else x


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
