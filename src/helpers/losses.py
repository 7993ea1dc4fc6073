"""The loss for everything that learns findings from labels, some of which are unknown."""

from torch import Tensor
from torch.nn import functional

from helpers.findings import UNSPECIFIED


def known_cross_entropy(logits: Tensor, states: Tensor, count: Tensor | None = None) -> Tensor:
    """Mean binary cross-entropy of the states that are 1 or 0: a scalar; unspecified ones (-1) are ignored.

    Logits (float32) and states have shape (n, findings). The sum is divided by ``count``, by default the number of
    states that are known; the loss is 0 if there are none.
    """
    known = (states != UNSPECIFIED).to(logits.dtype)
    losses = functional.binary_cross_entropy_with_logits(logits, states.clamp(min=0).to(logits.dtype), reduction="none")
    return (losses * known).sum() / (known.sum() if count is None else count).clamp(min=1)
