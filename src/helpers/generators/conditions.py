"""The condition given to a generator: each finding absent, present or unspecified."""

from collections.abc import Sequence

import torch
from torch import Tensor

from helpers.errors import ParameterError
from helpers.findings import ABSENT, PRESENT, UNSPECIFIED

STATES = (ABSENT, PRESENT, UNSPECIFIED)  # order of the one-hot columns of each finding


def width_of(findings: Sequence[str]) -> int:
    """Number of columns in the one-hot code of these findings."""
    return len(findings) * len(STATES)


def drop_labels(states: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Set each state to unspecified with ``probability``, independently for each finding.

    ``states`` is int8 (n, findings) on the generator's device; returns a new tensor of the same shape and dtype.
    Raises ParameterError when ``probability`` is not within 0..1.
    """
    if not 0 <= probability <= 1:
        raise ParameterError(f"label_dropout = {probability}: must be from 0 to 1")
    drawn = torch.rand(states.shape, generator=generator, device=states.device)
    return torch.where(drawn < probability, torch.full_like(states, UNSPECIFIED), states)


def encode(states: Tensor) -> Tensor:
    """One-hot encode conditions: int8 (n, findings) -> float32 (n, 3 findings), (absent, present, unspecified) each.

    Raises ParameterError for a shape other than (n, findings) and for a state other than 0, 1 and -1.
    """
    if states.ndim != 2:
        raise ParameterError(f"condition of shape {tuple(states.shape)}: needs (n, findings), one state per finding")
    code = states[:, :, None] == torch.tensor(STATES, dtype=states.dtype, device=states.device)  # (n, findings, 3)
    if not bool(code.any(dim=2).all()):
        wrong = sorted(set(states.unique().tolist()) - set(STATES))
        raise ParameterError(f"condition holds {wrong}: a state is 1 (present), 0 (absent) or -1 (unspecified)")
    return code.flatten(1).float()
