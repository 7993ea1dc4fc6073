"""The losses that the two networks of a GAN minimise."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from helpers.findings import UNSPECIFIED
from helpers.generators.processes import Draws


def discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """Logistic loss of the discriminator (Goodfellow et al. 2014): scores (n,) -> scalar."""
    return F.softplus(-real_scores).mean() + F.softplus(fake_scores).mean()


def generator_loss(fake_scores: Tensor) -> Tensor:
    """Non-saturating loss of the generator (Goodfellow et al. 2014): scores (n,) -> scalar."""
    return F.softplus(-fake_scores).mean()


def specified(states: Tensor) -> Tensor:
    """Number of states, int8 (n, findings), that are present or absent."""
    return (states != UNSPECIFIED).sum().float()


def gradient_penalty(scores: Tensor, images: Tensor) -> Tensor:
    """R1 without its factor gamma / 2 (Mescheder et al. 2018, equation 9): mean squared gradient norm, scalar."""
    (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
    return gradient.float().square().sum(dim=(1, 2, 3)).mean()


def resolution_gamma(gamma: float, size: int) -> float:
    """R1's gamma for images of ``size`` pixels, scaled by the number of pixels from the one for 256 pixels."""
    return gamma * (size / 256) ** 2


def path_lengths(images: Tensor, styles: Tensor, draws: Draws) -> Tensor:
    """Path length, the change of an image per change of its styles (arXiv 1912.04958, equation 4): (n,).

    ``styles`` is (n, layers, latent) and part of the computation graph of ``images`` (n, 1, size, size).
    """
    noise = draws.normal(*images.shape) / math.sqrt(images.shape[2] * images.shape[3])
    (gradient,) = torch.autograd.grad((images * noise).sum(), styles, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()
