"""Estimation of a mixed model: starting values, search, zero variances, separation, covariance."""

from dataclasses import dataclass

import numpy as np

from helpers.errors import StatisticsError
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.laplace import Laplace
from helpers.stats.mixed.optimise import climb, polish
from helpers.stats.mixed.separation import Separation, find

EXTREME = 8.0  # logits; without a finite maximum the search always ends beyond this
SMALL = 0.05  # of the response's scale; a smaller standard deviation may be zero
PROBE = 0.1
RUNAWAY = 20.0  # logits
LEAP = 2.0  # logits per step at the start
SINGULAR = 1e-4


@dataclass(frozen=True)
class Estimate:
    """``parameters`` as in laplace.Layout, their ``covariance`` (size, size; finite directions only), ``value``
    including the family's constant; ``infinite`` (size, d): directions without a finite estimate; ``runaway``: groups
    whose standard deviation grows without bound."""

    parameters: np.ndarray
    covariance: np.ndarray
    value: float
    converged: bool
    singular: bool
    infinite: np.ndarray
    separation: Separation | None
    runaway: tuple[str, ...]

    def limit(self, direction: np.ndarray) -> float:
        """Limit of a linear combination of (thresholds and) fixed effects: 0 if it is finite, else +-inf or NaN."""
        if self.separation is None:
            return 0.0
        missing = len(self.separation.shift) - len(direction)
        return self.separation.limit(np.concatenate([np.zeros(missing), direction]))


def estimate(objective: Laplace) -> Estimate:
    """Estimate by maximum likelihood (restricted if the objective is).

    Raises StatisticsError if the likelihood cannot be computed at the starting values.
    """
    start = _start(objective)
    function = objective.value_and_gradient
    if not np.isfinite(function(start)[0]):
        raise StatisticsError("the likelihood cannot be computed: look for huge values in the columns of the formula")
    root = _scale(objective, start)
    point = climb(function, start, root)
    infinite = np.zeros((len(point), 0))
    separated = _separated(objective, point)
    if separated:
        point, infinite = _placed(objective, point, separated)
        outside = np.linalg.qr(np.column_stack([infinite, np.eye(len(point))]))[0][:, infinite.shape[1] : len(point)]
        scale = np.sqrt(np.sum((root.T @ outside) ** 2, axis=0))
        root = outside * scale
        point = climb(function, point, root)
    point = _settled(objective, point, root)
    maximum = polish(function, point, root, _known(objective, point, root))
    settled = np.where(point == 0, 0.0, maximum.parameters)
    parameters = _upright(objective, settled)
    endless = _runaway(objective, parameters)
    signs = np.where(parameters * maximum.parameters < 0, -1.0, 1.0)
    return Estimate(
        parameters,
        maximum.covariance * np.outer(signs, signs),
        maximum.value + objective.family.constant(),
        maximum.converged and not separated and not endless,
        _is_singular(objective, parameters),
        infinite,
        separated,
        endless,
    )


def _response_scale(objective: Laplace, parameters: np.ndarray) -> float:
    """Residual standard deviation of a Gaussian response; 1 on the logit scale."""
    if isinstance(objective.family, Gaussian):
        return float(np.exp(objective.layout.parts(parameters)[1][0]))
    return 1.0


def _upright(objective: Laplace, parameters: np.ndarray) -> np.ndarray:
    """The same covariances, with Cholesky factors whose diagonals are not negative."""
    theta, nuisance, beta = objective.layout.parts(parameters)
    factors = [f * np.where(np.diag(f) < 0, -1.0, 1.0) for f in objective.layout.factors(theta)]
    return np.concatenate([objective.layout.theta_from(factors), nuisance, beta])


def _is_singular(objective: Laplace, parameters: np.ndarray) -> bool:
    """Whether a random-effects covariance is not of full rank: a zero variance or a correlation of one."""
    factors = objective.layout.factors(objective.layout.parts(parameters)[0])
    bound = SINGULAR * _response_scale(objective, parameters)
    return any(np.abs(np.diag(f) * s).min() < bound for f, s in zip(factors, _sizes(objective), strict=True))


def off_zero(objective: Laplace, parameters: np.ndarray) -> np.ndarray:
    """Raise zero standard deviations a little for a new search: at zero the likelihood has no slope."""
    parameters = parameters.copy()
    for place, (_, r, c) in enumerate(objective.layout.places()):
        if r == c and abs(parameters[place]) < SINGULAR:
            parameters[place] = PROBE * _response_scale(objective, parameters)
    return parameters


def _runaway(objective: Laplace, parameters: np.ndarray) -> tuple[str, ...]:
    """Groups with a standard deviation too large to be estimated on the logit scale."""
    if isinstance(objective.family, Gaussian):
        return ()
    factors = objective.layout.factors(objective.layout.parts(parameters)[0])
    largest = [(np.linalg.norm(f, axis=1) * s).max() for f, s in zip(factors, _sizes(objective), strict=True)]
    terms = [random.term.name for random in objective.design.random]
    return tuple(name for name, value in zip(terms, largest, strict=True) if value > RUNAWAY)


def _sizes(objective: Laplace) -> list[np.ndarray]:
    """Root mean square of the columns of each random term."""
    return [np.maximum(np.sqrt((r.values**2).mean(axis=0)), 1e-12) for r in objective.design.random]


def _start(objective: Laplace) -> np.ndarray:
    """Starting values: fixed effects without random ones, by a few Newton steps; random effects of one unit."""
    fixed, nuisance = objective.design.fixed, objective.family.start()
    beta = np.zeros(fixed.shape[1])
    for _ in range(4 if len(beta) else 0):
        terms = objective.family.terms(fixed @ beta, nuisance)
        step = np.linalg.lstsq(fixed.T @ (terms.weight[:, None] * fixed), fixed.T @ terms.score)[0]
        if not isinstance(objective.family, Gaussian):
            step = step * min(1.0, LEAP / max(np.abs(fixed @ step).max(), LEAP))
        beta = beta + step
    unit = np.exp(nuisance[0]) if isinstance(objective.family, Gaussian) else 1.0
    factors = [np.diag(unit / size) for size in _sizes(objective)]
    return np.concatenate([objective.layout.theta_from(factors), nuisance, beta])


def _scale(objective: Laplace, start: np.ndarray) -> np.ndarray:
    """Square root of a first guess of the parameters' covariance."""
    design, layout = objective.design, objective.layout
    _, nuisance, _ = layout.parts(start)
    sizes, unit = _sizes(objective), _response_scale(objective, start)
    theta = [unit / sizes[k][r] / np.sqrt(len(design.random[k].levels)) for k, r, _ in layout.places()]
    mode = objective.mode(start)
    slopes = objective.family.nuisance_terms(mode.eta, nuisance).log_likelihood
    root = np.diag(np.concatenate([theta, 1.0 / np.sqrt((slopes**2).sum(axis=0)), np.ones(layout.fixed)]))
    if layout.fixed:
        root[-layout.fixed :, -layout.fixed :] = np.linalg.cholesky(np.linalg.inv(objective.information(mode)))
    return root


def _known(objective: Laplace, point: np.ndarray, root: np.ndarray) -> np.ndarray | None:
    """Information on the fixed effects of a Gaussian model along root's last columns."""
    count = objective.layout.fixed
    if not isinstance(objective.family, Gaussian) or not count:
        return None
    own = root[-count:, -count:]
    return own.T @ objective.information(objective.mode(point)) @ own


def _separated(objective: Laplace, point: np.ndarray) -> Separation | None:
    if isinstance(objective.family, Gaussian):
        return None
    _, nuisance, beta = objective.layout.parts(point)
    predictor = objective.design.fixed @ beta
    if isinstance(objective.family, CumulativeLogit):
        predictor = np.concatenate([predictor, objective.family.thresholds(nuisance)])
    if np.abs(predictor).max(initial=0.0) < EXTREME:
        return None
    return find(objective.family, objective.design.fixed)


def _placed(objective: Laplace, point: np.ndarray, found: Separation) -> tuple[np.ndarray, np.ndarray]:
    """Parameters moved far towards infinity, and the infinite directions (size, d) among all parameters."""
    count = len(found.shift)
    infinite, moved = np.zeros((len(point), found.infinite.shape[1])), point.copy()
    infinite[-count:] = found.infinite
    if isinstance(objective.family, CumulativeLogit):
        theta, nuisance, beta = objective.layout.parts(point)
        steps, family = len(nuisance), objective.family
        nuisance = family.nuisance_from(family.thresholds(nuisance) + found.shift[:steps])
        moved = np.concatenate([theta, nuisance, beta + found.shift[steps:]])
        here = slice(len(theta), len(theta) + steps)
        infinite[here] = np.linalg.solve(family.jacobian(nuisance), infinite[here])
        infinite = np.linalg.qr(infinite)[0]
    else:
        moved[-count:] += found.shift
    return moved, infinite


def _settled(objective: Laplace, point: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Set small standard deviations to zero if that is no worse, or move them away if the likelihood rises."""
    function, layout = objective.value_and_gradient, objective.layout
    unit, sizes = _response_scale(objective, point), _sizes(objective)
    for place, (k, r, c) in enumerate(layout.places()):
        if r != c or abs(point[place]) * sizes[k][r] > SMALL * unit:
            continue
        zero, away = point.copy(), point.copy()
        zero[place], away[place] = 0.0, PROBE * unit / sizes[k][r]
        best = function(zero)[0]
        if best > function(point)[0] - 1e-5:
            point = zero
        if function(away)[0] > best + 1e-6:
            point = climb(function, away, root)
    return point
