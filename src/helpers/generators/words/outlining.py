"""A second task for the UNet of a diffusion model: to tell where findings are, from the noisy image and the words."""

from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy_with_logits, pixel_shuffle

from helpers.errors import ParameterError
from helpers.generators.phantom_outlines import OUTLINED, SIDE
from helpers.generators.words.networks import WordsShape

RARE = -2.5  # log-odds at first: most squares show no finding


class Outlining:
    """Reads the coarsest feature maps of a UNet, from which a linear ``head`` tells what is in each square.

    Findings are a small part of how images differ, so that what words say of them is learned late, if from images
    alone. A task for the features in the middle of the network makes them tell it early (Yu et al. 2024, arXiv
    2410.06940, give them the features of a pretrained network).
    """

    def __init__(self, unet: UNet2DConditionModel, head: nn.Linear):
        """Watch every forward pass of ``unet`` from now on."""
        self.head, self.seen = head, None
        unet.mid_block.register_forward_hook(self._see)

    def _see(self, layer: nn.Module, given: tuple, features: Tensor) -> None:
        self.seen = features

    def error(self, outlines: Tensor) -> Tensor:
        """Mean cross-entropy of the squares of the last forward pass, for ``outlines`` uint8 (n, masks, SIDE, SIDE)."""
        logits, self.seen = self.head(self.seen.permute(0, 2, 3, 1)).permute(0, 3, 1, 2).float(), None
        logits = pixel_shuffle(logits, int((logits.shape[1] // len(OUTLINED)) ** 0.5))
        wanted = adaptive_avg_pool2d(outlines.to(logits.device).float() / 255, logits.shape[-1])
        return binary_cross_entropy_with_logits(logits, wanted)


def head_of(shape: WordsShape, outlines: Tensor | None) -> nn.Linear:
    """The head for a UNet of this shape and the ``outlines`` of its images; it tells nothing at first.

    Raises ParameterError if there are none, or if the grid of the coarsest feature maps does not divide theirs.
    """
    if outlines is None:
        raise ParameterError("outlining: it is not known where findings are in these images; set it to 0")
    grid = shape.size // shape.fold // 2 ** (len(shape.channels) - 1)
    if grid < SIDE and SIDE % grid:
        raise ParameterError(
            f"outlining: the coarsest level has {grid} x {grid} positions, which must divide {SIDE}; choose another "
            "drawn_size, fewer levels, or set outlining to 0"
        )
    head = nn.Linear(shape.channels[-1], len(OUTLINED) * max(SIDE // grid, 1) ** 2)
    nn.init.zeros_(head.weight)
    nn.init.constant_(head.bias, RARE)
    return head
