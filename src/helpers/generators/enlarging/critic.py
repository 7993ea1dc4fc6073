"""The critic that an enlarger is trained against, and what the two are told."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

WIDTH = 32
PYRAMID = 4  # bands of an image above its coarsest thumbnail


class Critic(nn.Module):
    """Scores overlapping patches of an image, 54 pixels a side: high for real ones (Isola et al. 2017, arXiv
    1611.07004, with the spectral normalisation of Miyato et al. 2018, arXiv 1802.05957)."""

    def __init__(self, width: int = WIDTH):
        super().__init__()
        widths = [1, width, 2 * width, 4 * width]
        layers = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:], strict=False)]
        self.layers = nn.ModuleList(
            spectral_norm(layer) for layer in [*layers, nn.Conv2d(widths[-1], widths[-1], 3, padding=1)]
        )
        self.score = spectral_norm(nn.Conv2d(widths[-1], 1, 3, padding=1))

    def forward(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Images (n, 1, size, size) -> scores (n, 1, s, s) and the features of each layer."""
        features, x = [], images
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            features.append(x)
        return self.score(x), features


def critic_loss(real: Tensor, made: Tensor) -> Tensor:
    """Hinge loss of the critic (Lim and Ye 2017, arXiv 1705.02894): scores -> scalar."""
    return functional.relu(1 - real).mean() + functional.relu(1 + made).mean()


def feature_distance(real: list[Tensor], made: list[Tensor]) -> Tensor:
    """Mean absolute difference of the critic's features, over the mean size of the real ones (Wang et al. 2018, arXiv
    1711.11585, equation 4): scalar."""
    pairs = [(r.detach(), m) for r, m in zip(real, made, strict=True)]
    return torch.stack([(r - m).abs().mean() / (r.abs().mean() + 1e-6) for r, m in pairs]).mean()


def pyramid_difference(made: Tensor, real: Tensor) -> Tensor:
    """Mean absolute difference of images (n, 1, size, size), added up over the bands of a Laplacian pyramid (Bojanowski
    et al. 2018, arXiv 1707.05776), so that ribs count beside the lungs that they cross: scalar."""
    left, found = made - real, []
    while len(found) < PYRAMID and left.shape[-1] % 2 == 0:
        coarse = functional.avg_pool2d(left, 2)
        found.append((left - functional.interpolate(coarse, scale_factor=2)).abs().mean())
        left = coarse
    return torch.stack([*found, left.abs().mean()]).sum()
