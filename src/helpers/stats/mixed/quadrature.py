"""Adaptive Gauss-Hermite quadrature of the likelihood of a mixed model with one random effect a level.

Pinheiro and Bates 1995, Journal of Computational and Graphical Statistics 4:12. With one grouping factor the integrals
over its levels are apart. For a level with joint log-density g(u), mode v and curvature H = -g''(v), nodes z_k and
weights w_k of the standard normal density, and s = H^(-1/2):

    L = log sum_k w_k exp(g(v + s z_k) + z_k^2 / 2) + log s

One point is Laplace's approximation. With p_k the share of node k in the sum, A = sum p_k g'_k, B = sum p_k z_k g'_k +
1 / s and C = -B H^(-3/2) / 2, the gradient is

    sum_k p_k dg_k + D dg' + C dH at fixed u,    D = (A + C sum m^3 dW/d eta) / H

since the mode moves by dv = dg' / H, m being the loading of a row.
"""

import numpy as np
from scipy.special import logsumexp, roots_hermitenorm

from helpers.errors import StatisticsError
from helpers.stats.mixed.design import Design
from helpers.stats.mixed.laplace import Laplace, Mode, Rates

MOST_POINTS = 50


def likelihood(design: Design, family, points: int) -> Laplace:
    """Log-likelihood by this number of quadrature points a level, 1 being Laplace's approximation.

    Raises StatisticsError for a number outside 1..50, and for more than one point where the formula has another
    random part than one effect of one grouping factor.
    """
    if isinstance(points, bool) or points != int(points) or not 1 <= points <= MOST_POINTS:
        raise StatisticsError(f"quadrature_points={points!r}: must be a whole number from 1 to {MOST_POINTS}")
    if points == 1:
        return Laplace(design, family)
    if len(design.random) > 1 or design.random[0].width > 1:
        raise StatisticsError(
            f"quadrature_points={points} needs one random term with one effect, such as (1 | reader), but formula "
            f"{design.formula.text!r} has more; use quadrature_points=1 (Laplace's approximation)"
        )
    return Quadrature(design, family, int(points))


class Quadrature(Laplace):
    """Log-likelihood by ``points`` nodes a level around the mode, as a function of the parameters."""

    def __init__(self, design: Design, family, points: int):
        super().__init__(design, family)
        self.points = points
        self.nodes, weights = roots_hermitenorm(points)
        self.log_weights = np.log(weights / weights.sum()) + 0.5 * self.nodes**2

    def _value_and_rates(self, parameters: np.ndarray, mode: Mode) -> tuple[float, Rates]:
        nuisance = self.layout.parts(parameters)[1]
        level, loading = self.pattern.first, mode.factor.values[:, 0]
        scale = np.sqrt(mode.factor.inverse.ravel())  # (levels,)
        u = mode.u + scale * self.nodes[:, None]  # (points, levels)
        etas = mode.eta + loading * (u - mode.u)[:, level]  # (points, n)
        terms = [self.family.terms(eta, nuisance) for eta in etas]
        joint = np.stack([self._by_level(t.log_likelihood) for t in terms]) - 0.5 * u**2 + self.log_weights[:, None]
        total = logsumexp(joint, axis=0)
        share = np.exp(joint - total)
        slopes = np.stack([self._by_level(loading * t.score) for t in terms]) - u  # g' at the nodes
        value = float((total + np.log(scale)).sum())

        at_mode, by_mode = mode.terms, self.family.nuisance_terms(mode.eta, nuisance)
        spread = (share * slopes * self.nodes[:, None]).sum(axis=0) + 1.0 / scale
        curving = -0.5 * spread * scale**3
        moving = (share * slopes).sum(axis=0) + curving * self._by_level(loading**3 * at_mode.weight_slope)
        moved, curved = (moving * scale**2)[level], curving[level]  # D and C of each row's level
        share, u, centre = share[:, level], u[:, level], mode.u[level]
        own = [self.family.nuisance_terms(eta, nuisance).log_likelihood for eta in etas]
        by_eta = sum(p * t.score for p, t in zip(share, terms, strict=True))
        by_theta = sum(p * v * t.score for p, v, t in zip(share, u, terms, strict=True))
        bend = curved * loading**2
        rates = Rates(
            [
                by_theta
                + moved * (at_mode.score - loading * at_mode.weight * centre)
                + bend * at_mode.weight_slope * centre
                + 2.0 * curved * loading * at_mode.weight
            ],
            sum(p[:, None] * o for p, o in zip(share, own, strict=True))
            + (moved * loading)[:, None] * by_mode.score
            + bend[:, None] * by_mode.weight,
            by_eta - moved * loading * at_mode.weight + bend * at_mode.weight_slope,
        )
        return value, rates

    def _by_level(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.pattern.first, rows, self.pattern.blocks)
