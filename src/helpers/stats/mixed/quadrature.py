"""Adaptive Gauss-Hermite quadrature of the likelihood of a mixed model with one random effect per level.

Pinheiro and Bates 1995, Journal of Computational and Graphical Statistics 4:12. With one grouping factor the integrals
over its levels are separate. For a level with joint log-density g(u), mode v and curvature H = -g''(v), nodes z_k and
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
    """Log-likelihood with this number of quadrature points per level; 1 is Laplace's approximation.

    Raises StatisticsError for a number outside 1..50, and for more than one point if the random part of the formula is
    not one effect of one grouping factor.
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
    """Log-likelihood with ``points`` nodes per level around the mode, as a function of the parameters."""

    def __init__(self, design: Design, family, points: int):
        super().__init__(design, family)
        self.points = points
        self.nodes, weights = roots_hermitenorm(points)
        self.log_weights = np.log(weights / weights.sum()) + 0.5 * self.nodes**2

    def _value_and_rates(self, parameters: np.ndarray, mode: Mode) -> tuple[float, Rates]:
        nuisance = self.layout.parts(parameters)[1]
        level, loading, at_mode = self.pattern.first, mode.factor.values[:, 0], mode.terms
        scale = np.sqrt(mode.factor.inverse.ravel())  # (levels,)
        u = mode.u + scale * self.nodes[:, None]  # (points, levels)
        etas = mode.eta + loading * (u - mode.u)[:, level]  # (points, n)
        terms = [self.family.terms(eta, nuisance) for eta in etas]
        joint = np.stack([self._by_level(t.log_likelihood) for t in terms]) - 0.5 * u**2 + self.log_weights[:, None]
        total = logsumexp(joint, axis=0)
        share = np.exp(joint - total)
        slopes = share * (np.stack([self._by_level(loading * t.score) for t in terms]) - u)  # p_k g'_k
        curving = -0.5 * ((slopes * self.nodes[:, None]).sum(axis=0) + 1.0 / scale) * scale**3  # C
        moving = slopes.sum(axis=0) + curving * self._by_level(loading**3 * at_mode.weight_slope)
        moved, bend = (moving * scale**2)[level], curving[level] * loading**2  # D, C m^2
        rates = self._at_nodes(etas, terms, u[:, level], share[:, level], nuisance)

        centre, own = mode.u[level], self.family.nuisance_terms(mode.eta, nuisance)
        fixed = bend * at_mode.weight_slope - moved * loading * at_mode.weight
        theta = fixed * centre + moved * at_mode.score + 2.0 * curving[level] * loading * at_mode.weight
        by_nuisance = (moved * loading)[:, None] * own.score + bend[:, None] * own.weight
        gradient = Rates([rates.theta[0] + theta], rates.nuisance + by_nuisance, rates.fixed + fixed)
        return float((total + np.log(scale)).sum()), gradient

    def _at_nodes(self, etas, terms, u, share, nuisance) -> Rates:
        """Mean of dg over the nodes at fixed u; all (points, n)."""
        scores = [p * t.score for p, t in zip(share, terms, strict=True)]
        own = [self.family.nuisance_terms(eta, nuisance).log_likelihood for eta in etas]
        by_nuisance = sum(p[:, None] * slope for p, slope in zip(share, own, strict=True))
        return Rates([sum(v * score for v, score in zip(u, scores, strict=True))], by_nuisance, sum(scores))

    def _by_level(self, rows: np.ndarray) -> np.ndarray:
        return np.bincount(self.pattern.first, rows, self.pattern.blocks)
