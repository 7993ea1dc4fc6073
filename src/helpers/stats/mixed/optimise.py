"""Maximum of a log-likelihood with known gradient, and the covariance of its parameters from the Hessian there.

Parameters vary as ``start + root @ steps``: the columns of ``root`` set the free directions and their scale, about one
standard error each, so that one tolerance suits all models.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

Function = Callable[[np.ndarray], tuple[float, np.ndarray]]

CLOSE = 1e-3  # largest slope per standard error at which the quasi-Newton search stops
STEP = 1e-2  # standard errors; for differences of the gradient
CONVERGED = 1e-6  # distance to the maximum in log-likelihood, as predicted by a Newton step
DONE = 1e-11  # the same, below which another step is not worthwhile
CHORDS, HESSIANS = 6, 3


@dataclass(frozen=True)
class Maximum:
    """``parameters`` (size,), log-likelihood ``value`` and ``covariance`` (size, size); ``converged`` is False if the
    last Newton step still predicted a gain, or the log-likelihood does not fall in every direction."""

    parameters: np.ndarray
    value: float
    covariance: np.ndarray
    converged: bool


def climb(function: Function, start: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Parameters near the maximum, by BFGS (Nocedal and Wright 2006, algorithm 6.1)."""

    def falling(steps: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = function(start + root @ steps)
        return -value, -(root.T @ gradient)

    if not root.shape[1]:
        return start
    with np.errstate(invalid="ignore", over="ignore"):
        found = minimize(falling, np.zeros(root.shape[1]), jac=True, method="BFGS", options={"gtol": CLOSE})
    return start + root @ found.x


def polish(function: Function, start: np.ndarray, root: np.ndarray, known: np.ndarray | None = None) -> Maximum:
    """Newton steps with the Hessian from gradient differences, starting near the maximum.

    ``known`` (k, k): minus the Hessian along the last k columns of root if a formula gives it; these parameters are
    then taken as uncorrelated with the others, as fixed effects and variances of a Gaussian model are.
    """
    point = start
    value, gradient = function(point)
    for _ in range(HESSIANS):
        curvature, falls = _curvature(function, point, root, known)
        first = None
        for _ in range(CHORDS):
            slope = root.T @ gradient
            step = np.linalg.solve(curvature, slope)
            promised = 0.5 * float(slope @ step)
            first = promised if first is None else first
            if promised < DONE:
                break
            trial = point + root @ step
            new_value, new_gradient = function(trial)
            if not new_value > value - CONVERGED:
                break
            point, value, gradient = trial, new_value, new_gradient
        if promised < CONVERGED and first < 1e-2:
            break
    covariance = root @ np.linalg.inv(curvature) @ root.T
    return Maximum(point, value, covariance, bool(promised < CONVERGED and falls))


def _curvature(
    function: Function, point: np.ndarray, root: np.ndarray, known: np.ndarray | None
) -> tuple[np.ndarray, bool]:
    """Minus the Hessian along the columns of root, and whether it is positive definite; made so if it is not."""
    count = root.shape[1] - (0 if known is None else len(known))
    curvature = np.zeros((root.shape[1], root.shape[1]))
    for place, direction in enumerate(root.T[:count]):
        fall = function(point - STEP * direction)[1] - function(point + STEP * direction)[1]
        curvature[place, :count] = root.T[:count] @ fall / (2.0 * STEP)
    if known is not None:
        curvature[count:, count:] = known
    values, vectors = np.linalg.eigh(0.5 * (curvature + curvature.T))
    falls = bool(values.min(initial=1.0) > 1e-6)
    return (vectors * np.maximum(np.abs(values), 1e-6)) @ vectors.T, falls
