"""Distributions of the response given the linear predictor eta, with the derivatives that Laplace's method needs.

A family turns eta (n,) and its nuisance parameters (J,) into ``Terms``: log-likelihood l, score dl/d eta, weight
W = -d2l/d eta2 and its slope dW/d eta, all (n,); and into ``NuisanceTerms``: the derivatives of l, score and W
with respect to the nuisance parameters, all (n, J).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logit


@dataclass(frozen=True)
class Terms:
    """Log-likelihood of each row and its derivatives, as in the module's docstring."""

    log_likelihood: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    weight_slope: np.ndarray


@dataclass(frozen=True)
class NuisanceTerms:
    """Derivatives with respect to the nuisance parameters, each (n, J)."""

    log_likelihood: np.ndarray
    score: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Binomial:
    """``successes`` of ``trials`` (n,), logit link."""

    successes: np.ndarray
    trials: np.ndarray
    name: str = "binomial"
    nuisance_names: tuple[str, ...] = ()

    def terms(self, eta: np.ndarray, nuisance: np.ndarray) -> Terms:
        odds = np.exp(-np.abs(eta))  # one exponential for both the probability and its logarithm
        p = np.where(eta < 0, odds, 1.0) / (1.0 + odds)
        weight = self.trials * p * (1.0 - p)
        likelihood = self.successes * eta - self.trials * (np.maximum(eta, 0.0) + np.log1p(odds))
        return Terms(likelihood, self.successes - self.trials * p, weight, weight * (1.0 - 2.0 * p))

    def nuisance_terms(self, eta: np.ndarray, nuisance: np.ndarray) -> NuisanceTerms:
        nothing = np.empty((len(eta), 0))
        return NuisanceTerms(nothing, nothing, nothing)

    def constant(self) -> float:
        """Log of the binomial coefficients."""
        failures = self.trials - self.successes
        return float((gammaln(self.trials + 1) - gammaln(self.successes + 1) - gammaln(failures + 1)).sum())

    def start(self) -> np.ndarray:
        return np.empty(0)


@dataclass(frozen=True)
class Gaussian:
    """``response`` (n,), identity link; the nuisance parameter is the log of sigma, the residual standard deviation."""

    response: np.ndarray
    name: str = "gaussian"
    nuisance_names: tuple[str, ...] = ("log residual standard deviation",)

    def terms(self, eta: np.ndarray, nuisance: np.ndarray) -> Terms:
        residual, precision = self.response - eta, np.exp(-2.0 * nuisance[0])
        likelihood = -0.5 * (np.log(2.0 * np.pi) + 2.0 * nuisance[0] + residual**2 * precision)
        return Terms(likelihood, residual * precision, np.full_like(eta, precision), np.zeros_like(eta))

    def nuisance_terms(self, eta: np.ndarray, nuisance: np.ndarray) -> NuisanceTerms:
        residual, precision = self.response - eta, np.exp(-2.0 * nuisance[0])
        likelihood = residual**2 * precision - 1.0
        parts = (likelihood, -2.0 * residual * precision, np.full_like(eta, -2.0 * precision))
        return NuisanceTerms(*(part[:, None] for part in parts))

    def constant(self) -> float:
        return 0.0

    def start(self) -> np.ndarray:
        return np.array([np.log(self.response.std() * 0.8)])


@dataclass(frozen=True)
class CumulativeLogit:
    """``category`` (n,) int 0..J of ordered answers: P(answer <= j) = F(threshold_j - eta), F logistic.

    The nuisance parameters are the first threshold and the logs of the J - 1 steps between thresholds. With A and B the
    upper and lower thresholds of an answer minus eta, P = F(A) - F(B) = F(A) F(-B) (1 - exp(B - A)).
    """

    category: np.ndarray
    labels: tuple
    name: str = "cumulative logit"

    @property
    def nuisance_names(self) -> tuple[str, ...]:
        return tuple(f"{a}|{b}" for a, b in zip(self.labels, self.labels[1:], strict=False))

    def thresholds(self, nuisance: np.ndarray) -> np.ndarray:
        """Increasing thresholds (J,)."""
        return nuisance[0] + np.concatenate([[0.0], np.cumsum(np.exp(nuisance[1:]))])

    def jacobian(self, nuisance: np.ndarray) -> np.ndarray:
        """d thresholds / d nuisance (J, J)."""
        steps = np.tril(np.ones((len(nuisance), len(nuisance))))
        steps[:, 1:] = np.tril(np.exp(nuisance[1:])[None, :].repeat(len(nuisance), 0), -1)
        return steps

    def _bounds(self, eta: np.ndarray, nuisance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """A, B and exp(B - A); infinite at the ends of the scale."""
        edges = np.concatenate([[-np.inf], self.thresholds(nuisance), [np.inf]])
        ratios = np.exp(edges[:-1] - edges[1:])
        return edges[self.category + 1] - eta, edges[self.category] - eta, ratios[self.category]

    def terms(self, eta: np.ndarray, nuisance: np.ndarray) -> Terms:
        above, below, ratio = self._bounds(eta, nuisance)
        upper, lower, not_lower = expit(above), expit(below), expit(-below)
        with np.errstate(divide="ignore"):
            likelihood = np.log(upper * not_lower * (1.0 - ratio))
        f_upper, f_lower = upper * (1.0 - upper), lower * not_lower
        slope = -(f_upper * (1.0 - 2.0 * upper) + f_lower * (1.0 - 2.0 * lower))
        return Terms(likelihood, upper + lower - 1.0, f_upper + f_lower, slope)

    def nuisance_terms(self, eta: np.ndarray, nuisance: np.ndarray) -> NuisanceTerms:
        above, below, ratio = self._bounds(eta, nuisance)
        upper, lower = expit(above), expit(below)
        f_upper, f_lower = upper * (1.0 - upper), lower * (1.0 - lower)
        step = ratio / (1.0 - ratio)
        by_upper = (1.0 - upper + step, f_upper, f_upper * (1.0 - 2.0 * upper))
        by_lower = (-lower - step, f_lower, f_lower * (1.0 - 2.0 * lower))
        jacobian, count = self.jacobian(nuisance), len(nuisance)
        padded = np.vstack([np.zeros(count), jacobian, np.zeros(count)])
        at_upper, at_lower = padded[self.category + 1], padded[self.category]
        parts = (u[:, None] * at_upper + v[:, None] * at_lower for u, v in zip(by_upper, by_lower, strict=True))
        return NuisanceTerms(*parts)

    def constant(self) -> float:
        return 0.0

    def nuisance_from(self, thresholds: np.ndarray) -> np.ndarray:
        """Nuisance parameters from increasing thresholds (J,)."""
        return np.concatenate([thresholds[:1], np.log(np.diff(thresholds))])

    def start(self) -> np.ndarray:
        return self.nuisance_from(logit(np.cumsum(np.bincount(self.category) / len(self.category))[:-1]))

    def probabilities(self, eta: np.ndarray, nuisance: np.ndarray) -> np.ndarray:
        """Probability of each answer (..., J + 1) for eta (...)."""
        cumulative = expit(self.thresholds(nuisance) - eta[..., None])
        ends = np.zeros((*eta.shape, 1))
        return np.diff(np.concatenate([ends, cumulative, ends + 1.0], axis=-1))
