"""How much the attention of a UNet looks at what the words say about its own region of the image."""

from math import isqrt

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from helpers.generators.words.expected_images import GRID
from helpers.generators.words.vocabulary import REGIONS


class RegionAttention:
    """The attention of each position in a UNet's feature maps to the tokens that describe its region.

    A small UNet trained on images alone attends to all of these tokens alike, and so cannot tell left from right. Only
    the first head of a layer is watched; the others are free to attend to findings. The downward path is left out,
    where positions do not know yet where they are.
    """

    def __init__(self, unet: UNet2DConditionModel):
        """Watch every forward pass of ``unet`` from now on."""
        self.seen: dict[nn.Module, tuple[Tensor, Tensor]] = {}
        for name, layer in unet.named_modules():
            if name.endswith("attn2") and not name.startswith("down_blocks"):
                layer.register_forward_pre_hook(self._see, with_kwargs=True)

    def _see(self, layer: nn.Module, here: tuple[Tensor], named: dict) -> None:
        self.seen[layer] = (here[0], named["encoder_hidden_states"])

    def error(self) -> Tensor:
        """Cross-entropy of attention in the last forward pass: mean of -log of the share for a position's own region.

        Images without words have no error. Wang et al. 2024, arXiv 2312.03626, teach attention in the same manner, with
        masks of objects.
        """
        seen, self.seen = self.seen, {}
        return torch.stack([_error(layer, *tensors) for layer, tensors in seen.items()]).mean()


def _error(layer: nn.Module, here: Tensor, words: Tensor) -> Tensor:
    """Error of one layer, for positions (n, positions, channels) and tokens (n, LONGEST, width)."""
    query, key = (of.unflatten(2, (layer.heads, -1))[:, :, 0].float() for of in (layer.to_q(here), layer.to_k(words)))
    shares = (query @ key.transpose(1, 2) * layer.scale).log_softmax(dim=-1)[..., -REGIONS:]
    own = own_regions(here.shape[1]).to(here.device)
    errors = -shares.masked_fill(~own, -torch.inf).logsumexp(dim=-1).mean(dim=1)
    return (errors * words.flatten(1).any(dim=1)).mean()


def own_regions(positions: int) -> Tensor:
    """Which of the GRID^2 regions a position of a square feature map lies in or covers: bool (positions, GRID^2)."""
    side = isqrt(positions)
    place, region = torch.arange(side)[:, None], torch.arange(GRID)
    line = (region * side < (place + 1) * GRID) & (place * GRID < (region + 1) * side)
    return torch.kron(line.int(), line.int()).bool()
