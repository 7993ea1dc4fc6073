"""A point between two seeds: random numbers on the great circle between those of one seed and the other.

Normal random numbers in many dimensions lie near a sphere. The straight line between two draws cuts through it, where a
generator was never trained; the great circle stays on it (Shoemake 1985, SIGGRAPH Computer Graphics 19:245).
"""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Between:
    """Used in place of a seed: ``share`` 0 gives the image of ``first``, 1 that of ``second``."""

    first: int
    second: int
    share: float


def great_circle(first: torch.Tensor, second: torch.Tensor, share: float) -> torch.Tensor:
    """Interpolate from one draw of normal numbers (share 0) to another (1) along the sphere on which they lie.

    >>> great_circle(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 0.5).numpy().round(4)
    array([0.7071, 0.7071], dtype=float32)
    """
    cosine = torch.dot(first.flatten().double(), second.flatten().double())
    cosine = cosine / (first.double().norm() * second.double().norm())
    angle = float(torch.arccos(cosine.clamp(-1, 1)))
    if angle < 1e-6 or torch.pi - angle < 1e-6:  # same or opposite directions: no unique great circle
        return torch.lerp(first, second, share)
    weights = (torch.sin(torch.tensor(part * angle)) / torch.sin(torch.tensor(angle)) for part in (1 - share, share))
    return sum(float(weight) * numbers for weight, numbers in zip(weights, (first, second), strict=True))
