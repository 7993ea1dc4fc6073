"""Profile likelihood intervals of fixed effects and of standard deviations.

Venzon and Moolgavkar 1988, Applied Statistics 37:87. A value x is in the 95 % interval if twice the drop of the
log-likelihood, re-estimating all other parameters, is at most 3.84. zeta = sqrt(2 drop) is nearly linear in x, so
Newton's method on it needs few steps; its slope comes from the gradient of the likelihood.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed.effects import Z
from helpers.stats.mixed.estimate import PROBE, Estimate, estimate, off_zero
from helpers.stats.mixed.families import Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.optimise import climb

EXACT = 1e-4  # of zeta
STEPS = 60
FURTHEST = 100.0  # logits
UNKNOWN = "separation: these rows say nothing about this term alone"
NO_END = "the likelihood falls too little on a side without a bound"


@dataclass(frozen=True)
class Target:
    """What is profiled: a linear combination ``axis`` (size,) of the parameters, such as one fixed effect; or, if
    ``places`` are given, the length of a row of a random term's Cholesky factor, which is a standard deviation (not
    below 0). On the logit scale a value beyond ``furthest`` counts as infinite. The residual standard deviation is
    profiled on the log scale."""

    group: str
    term: str
    axis: np.ndarray
    furthest: float = np.inf
    places: np.ndarray | None = None

    @property
    def lowest(self) -> float:
        return -np.inf if self.places is None else 0.0


def profile(fit, terms: list[str] | None = None) -> pd.DataFrame:
    """95 % profile likelihood intervals; columns group (empty for fixed effects), term, low, high, note.

    ``terms``: names of fixed effects, and of grouping factors whose standard deviations are wanted; None for all. A
    Gaussian model fitted by REML is profiled by maximum likelihood, as in lme4. A limit that the likelihood does not
    reach is infinite. Raises StatisticsError for an unknown term and for a model without a maximum.

    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> profile(found)[["group", "term", "low", "high"]].round(1)
        group            term  low  high
    0               Intercept  0.0   2.0
    1          source[T.real] -1.3  -0.3
    2  reader       Intercept  0.4   1.9
    """
    objective, found = fit.objective, fit.estimate
    if objective.restricted:
        objective = Laplace(objective.design, objective.family)
        found = estimate(objective)
    if not found.converged and found.separation is None:
        raise StatisticsError("no maximum of the likelihood was found: it has no profile; fit a model with fewer terms")
    targets = _targets(objective)
    known = [target.group or target.term for target in targets]
    unknown = set(terms or []) - set(known)
    if unknown:
        raise StatisticsError(f"no term {', '.join(sorted(unknown))} to profile; there is: {', '.join(known)}")
    wanted = [t for t in targets if terms is None or (t.group or t.term) in terms]
    lines = [(t.group, t.term, *_interval(objective, found, t)) for t in wanted]
    return pd.DataFrame(lines, columns=["group", "term", "low", "high", "note"])


def end_of_combination(fit, weights: np.ndarray, side: float) -> np.ndarray | None:
    """Parameters (size,) where the profile interval of a combination ``weights`` (p,) of fixed effects ends.

    ``side`` -1 is the lower end, 1 the upper; None if the interval has no end there.
    """
    axis = np.concatenate([np.zeros(fit.objective.layout.size - len(weights)), weights])
    path = _Path(fit.objective, fit.estimate, Target("", "combination", axis))
    return None if np.isinf(_end(path, side)) else path.last[1]


def _targets(objective: Laplace) -> list[Target]:
    layout, random = objective.layout, objective.design.random
    unit = np.eye(layout.size)
    bound = np.inf if isinstance(objective.family, Gaussian) else FURTHEST
    sizes = np.sqrt((objective.design.fixed**2).mean(axis=0))
    effects = unit[layout.size - layout.fixed :]
    targets = [
        Target("", name, axis, bound / size)
        for name, axis, size in zip(objective.design.names, effects, sizes, strict=True)
    ]
    places = layout.places()
    for k, term in enumerate(random):
        for r, name in enumerate(term.names):
            here = np.array([i for i, (kk, rr, _) in enumerate(places) if (kk, rr) == (k, r)])
            size = max(np.sqrt((term.values[:, r] ** 2).mean()), 1e-12)
            targets.append(Target(term.term.name, name, unit[here[-1]], bound / size, here))
    if isinstance(objective.family, Gaussian):
        targets.append(Target("residual", "", unit[layout.theta]))
    return targets


def _interval(objective: Laplace, found: Estimate, target: Target) -> tuple[float, float, str]:
    path = _Path(objective, found, target)
    ends, notes = [], []
    for side in (-1.0, 1.0):
        end = side * np.inf if path.limit == side * np.inf or np.isnan(path.limit) else _end(path, side)
        ends.append(end)
        notes += [NO_END] if np.isinf(end) and end != path.limit else []
    if np.isnan(path.limit):
        notes = [UNKNOWN]
    if target.group == "residual":
        ends = [float(np.exp(end)) for end in ends]
    return ends[0], ends[1], "; ".join(dict.fromkeys(notes))


class _Path:
    """The profile of one target: at each length, the drop of the likelihood and its slope; keeps the last point."""

    def __init__(self, objective: Laplace, found: Estimate, target: Target):
        self.objective, self.target = objective, target
        objective.u = np.zeros_like(objective.u)  # so that results do not depend on the order of calls
        self.top = objective.value_and_gradient(found.parameters)[0]
        self.start = off_zero(objective, found.parameters)
        self.axis, self.limit, places = target.axis, 0.0, target.places
        if places is None:
            self.centre = float(self.axis @ found.parameters)
            effects = self.axis[len(self.axis) - objective.layout.fixed :]
            self.limit = found.limit(effects) if effects.any() else 0.0
        else:
            self.centre = float(np.linalg.norm(found.parameters[places]))
            if self.centre > 0:
                self.axis = np.zeros(len(self.start))
                self.axis[places] = found.parameters[places] / self.centre
            self.start[places] = self.axis[places]  # the row's direction; its length is set separately
            if abs(self.axis[places[-1]]) < PROBE:  # a correlation of one: no slope away from it
                self.start[places[-1]] = PROBE
        along = found.covariance @ self.axis
        variance = float(self.axis @ along)
        self.error = np.sqrt(variance) if variance > 1e-12 and self.limit == 0 else 1.0
        along = along / variance if variance > 1e-12 else np.zeros_like(along)
        self.root = _given(found, self.axis, along)
        alone = self.axis / (self.axis @ self.axis)
        self.moves = along if variance > 1e-12 else alone, alone  # with and without moving the other parameters
        if places is not None:
            self.moves[0][places] = self.moves[1][places] = 0.0
        self.last = (self.centre, self.start)

    def drop(self, length: float) -> tuple[float, float]:
        """zeta and its slope at a length."""
        before, start = self.last
        moved, alone = (start + (length - before) * move for move in self.moves)
        function = partial(self._held, length=length)
        if not function(moved)[0] > function(alone)[0]:
            moved = alone
        point = climb(function, moved, self.root)
        places = self.target.places
        if places is not None:
            point[places] /= np.linalg.norm(point[places])
        value = function(point)[0]
        self.last = (length, point)
        zeta = np.sqrt(2.0 * max(self.top - value, 0.0))
        return zeta, -self.slope / zeta if zeta > 0 else 0.0

    def _held(self, parameters: np.ndarray, length: float) -> tuple[float, np.ndarray]:
        """Value and gradient with the target at this length; keeps the slope along it."""
        places = self.target.places
        if places is None:
            value, gradient = self.objective.value_and_gradient(parameters)
            self.slope = float(self.axis @ gradient) / float(self.axis @ self.axis)
            return value, gradient
        norm = np.linalg.norm(parameters[places])
        unit = parameters[places] / norm
        moved = parameters.copy()
        moved[places] = length * unit
        value, gradient = self.objective.value_and_gradient(moved)
        self.slope = float(unit @ gradient[places])
        gradient[places] = length / norm * (gradient[places] - unit * self.slope)
        return value, gradient


def _end(path: _Path, side: float) -> float:
    """Length on one side where zeta is Z, by Newton's method within a bracket; infinite if there is none."""
    path.last = (path.centre, path.start)
    inside, outside, lowest = path.centre, None, path.target.lowest
    if side < 0 and np.isfinite(lowest):
        if path.centre <= 0 or path.drop(lowest)[0] < Z:
            return lowest
        outside = lowest
        path.last = (path.centre, path.start)
    length, stride = path.centre + side * Z * path.error, Z * path.error
    for _ in range(STEPS):
        if outside is not None and not min(inside, outside) < length < max(inside, outside):
            length = 0.5 * (inside + outside)
        zeta, slope = path.drop(length)
        if abs(zeta - Z) < EXACT or (outside is not None and abs(outside - inside) < 1e-7 * (1 + abs(inside))):
            return length
        if zeta < Z:
            if abs(length) >= path.target.furthest:
                break
            inside = length
        else:
            outside = length
        stride *= 2.0
        wanted = length - (zeta - Z) / slope if side * slope > 0 else length + side * stride
        length = wanted if outside is not None else side * min(side * wanted, side * length + stride)
        length = float(np.clip(length, -path.target.furthest, path.target.furthest))
    return side * np.inf


def _given(found: Estimate, axis: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Square root of the other parameters' covariance, given the length along ``axis``."""
    rest = np.eye(len(axis)) - np.outer(direction, axis)
    values, vectors = np.linalg.eigh(rest @ found.covariance @ rest.T)
    kept = values > 1e-12 * values.max()
    free = found.infinite - np.outer(axis, axis @ found.infinite) / (axis @ axis)
    return np.column_stack([vectors[:, kept] * np.sqrt(values[kept]), free])
