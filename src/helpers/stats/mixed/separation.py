"""Separation: fixed effects that separate answers without error, so that their estimates are infinite.

Albert and Anderson 1984, Biometrika 71:1; found by linear programming (Konis 2007, thesis, University of Oxford). A
direction in which no row's likelihood falls, and some row's rises without end, leads to infinity. Rows that it predicts
perfectly carry no further information; what the other rows cannot identify has no finite estimate.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import null_space
from scipy.optimize import linprog

from helpers.stats.mixed.families import Binomial

FAR = 18.0  # logits by which perfectly predicted rows are moved
ZERO = 1e-6


@dataclass(frozen=True)
class Separation:
    """Over the thresholds, if any, followed by the fixed effects, k in all: ``shift`` (k,), a move towards the infinite
    estimates; ``infinite`` (k, d), directions without a finite estimate; ``rising`` (m, k), see ``_rising``."""

    shift: np.ndarray
    infinite: np.ndarray
    rising: np.ndarray

    @property
    def is_complete(self) -> bool:
        """Whether every answer is predicted without error."""
        return self.infinite.shape[1] == len(self.shift)

    def limit(self, direction: np.ndarray) -> float:
        """Limit of the linear combination ``direction`` (k,) of the effects: 0 if finite, +-inf, NaN if unknown."""
        if np.abs(direction @ self.infinite).max() < ZERO:
            return 0.0
        up, down = (abs(_furthest(sign * direction, self.rising) @ direction) > ZERO for sign in (1.0, -1.0))
        return np.nan if up == down else np.inf if up else -np.inf


def find(family, fixed: np.ndarray) -> Separation | None:
    """Separation by the fixed effects (n, p); None if there is none."""
    rows = _rising(family, fixed)
    scale = np.abs(rows).max(axis=0)
    rows = np.unique(rows / scale, axis=0)
    shift, left = np.zeros(rows.shape[1]), rows
    while len(left):
        direction = _furthest(left.sum(axis=0), left)
        gain = left @ direction
        if not gain.max() > ZERO:
            break
        perfected = gain > ZERO
        shift = shift + direction * FAR / gain[perfected].min()
        left = left[~perfected]
    if len(left) == len(rows):
        return None
    infinite = null_space(left, rcond=1e-9) if len(left) else np.eye(rows.shape[1])
    return Separation(shift / scale, np.linalg.qr(infinite / scale[:, None])[0], rows * scale)


def _furthest(goal: np.ndarray, rising: np.ndarray) -> np.ndarray:
    """Direction d (k,) that maximizes goal'd such that no row of rising @ d is negative and every |d| <= 1."""
    return linprog(-goal, A_ub=-rising, b_ub=np.zeros(len(rising)), bounds=(-1.0, 1.0), method="highs").x


def _rising(family, fixed: np.ndarray) -> np.ndarray:
    """Rows g (m, k): no answer's likelihood falls along a direction d if and only if every g'd >= 0."""
    if isinstance(family, Binomial):
        return np.concatenate([fixed[family.successes > 0], -fixed[family.successes < family.trials]])
    steps = len(family.labels) - 1
    unit, category = np.eye(steps), family.category
    below, above = category < steps, category > 0
    upper = np.column_stack([unit[category[below]], -fixed[below]])
    lower = np.column_stack([-unit[category[above] - 1], fixed[above]])
    return np.concatenate([upper, lower])
