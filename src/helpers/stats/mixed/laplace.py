"""Laplace approximation of the likelihood of a mixed model, with its analytic gradient.

With spherical random effects u ~ N(0, I), b = Lambda u, M = Z Lambda and eta = X beta + M u, the log-likelihood is

    L = sum l_i(eta_i) - |u|^2 / 2 - log |H| / 2  at the mode of u,    H = M'WM + I

(Bates et al. 2015, Journal of Statistical Software 67(1); Pinheiro and Chao 2006, Journal of Computational and
Graphical Statistics 15:58). For a Gaussian response it is exact. The mode moves with the parameters; implicit
differentiation gives the gradient from one more solve. With h_i = M_i H^-1 M_i', a = h dW/d eta and s = H^-1 M'a:

    dL/d psi = r'd,   r = score - (a - W M s) / 2       where eta moves by d at fixed u
    and for Lambda's entries in addition  - sum W_i (M_i H^-1)_c z_ir - s_c'(Z_r' score) / 2.

Restricted likelihood (Gaussian) adds p log(2 pi) / 2 - log |X'V^-1 X| / 2, V^-1 X = W X - W M H^-1 M'W X.
"""

from dataclasses import dataclass

import numpy as np

from helpers.stats.mixed.arrow import Factor, Pattern
from helpers.stats.mixed.design import Design
from helpers.stats.mixed.families import Terms

TOLERANCE = 1e-13  # squared length of Newton's last step for u
STEPS, HALVINGS = 60, 30


@dataclass(frozen=True)
class Layout:
    """Order of the parameter vector: theta, then nuisance, then beta. ``theta`` holds, for each random term, the lower
    triangle of the Cholesky factor T of its covariance, row by row."""

    widths: tuple[int, ...]
    nuisance: int
    fixed: int

    @property
    def theta(self) -> int:
        return sum(w * (w + 1) // 2 for w in self.widths)

    @property
    def size(self) -> int:
        return self.theta + self.nuisance + self.fixed

    def parts(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """theta, nuisance, beta."""
        ends = (self.theta, self.theta + self.nuisance)
        return parameters[: ends[0]], parameters[ends[0] : ends[1]], parameters[ends[1] :]

    def places(self) -> list[tuple[int, int, int]]:
        """(term, row, column) of each entry of theta."""
        return [(k, r, c) for k, w in enumerate(self.widths) for r in range(w) for c in range(r + 1)]

    def factors(self, theta: np.ndarray) -> list[np.ndarray]:
        """Cholesky factor (width, width) of each random term."""
        factors = [np.zeros((w, w)) for w in self.widths]
        for value, (k, r, c) in zip(theta, self.places(), strict=True):
            factors[k][r, c] = value
        return factors

    def theta_from(self, factors: list[np.ndarray]) -> np.ndarray:
        """theta from the Cholesky factors."""
        return np.array([factors[k][r, c] for k, r, c in self.places()])


@dataclass(frozen=True)
class Rates:
    """The gradient row by row: for each entry of theta, the factor of its column of ``raw`` (n,); for the nuisance
    parameters (n, J); for the fixed part of eta (n,). Summed over rows, these are the scores of groups that share no
    random effect."""

    theta: list[np.ndarray]
    nuisance: np.ndarray
    fixed: np.ndarray


@dataclass(frozen=True)
class Mode:
    """The mode of the random effects for given parameters, and everything evaluated there."""

    u: np.ndarray
    eta: np.ndarray
    terms: Terms
    factor: Factor
    value: float  # without the family's constant


class Laplace:
    """Log-likelihood of a mixed model as a function of its parameters; keeps the last mode as the next start."""

    points = 1  # quadrature points

    def __init__(self, design: Design, family, restricted: bool = False):
        self.design, self.family, self.restricted = design, family, restricted
        random = design.random
        self.layout = Layout(tuple(r.width for r in random), len(family.nuisance_names), design.fixed.shape[1])
        self.pattern = Pattern([r.codes for r in random], [r.width for r in random], [len(r.levels) for r in random])
        self.raw = np.concatenate([r.values for r in random], axis=1)  # (n, K)
        self.starts = np.concatenate([[0], np.cumsum(self.layout.widths)])
        self.u = np.zeros(self.pattern.size)

    def slice(self, term: int) -> slice:
        """Columns of a term among the K of every row."""
        return slice(self.starts[term], self.starts[term + 1])

    def loadings(self, theta: np.ndarray) -> np.ndarray:
        """M's entries (n, K): each term's values times its Cholesky factor."""
        factors = self.layout.factors(theta)
        parts = [self.raw[:, self.slice(k)] @ factor for k, factor in enumerate(factors)]
        return np.concatenate(parts, axis=1)

    def mode(self, parameters: np.ndarray) -> Mode | None:
        """Newton's method with step halving for u; None if numbers overflow."""
        theta, nuisance, beta = self.layout.parts(parameters)
        values, offset = self.loadings(theta), self.design.fixed @ beta
        u = self.u
        terms, eta, joint = self._joint(u, values, offset, nuisance)
        if not np.isfinite(joint):
            u = np.zeros_like(u)
            terms, eta, joint = self._joint(u, values, offset, nuisance)
        if not np.isfinite(joint):
            return None
        for _ in range(STEPS):
            factor = Factor(self.pattern, values, terms.weight)
            gradient = self.pattern.transpose_multiply(values, terms.score) - u
            step = factor.solve(gradient)
            decrement = gradient @ step
            if decrement < TOLERANCE:
                break
            for halving in range(HALVINGS):
                trial = u + step * 0.5**halving
                new_terms, new_eta, new_joint = self._joint(trial, values, offset, nuisance)
                if new_joint > joint - 1e-9 * abs(joint) * (decrement < 1e-6):
                    break
            u, terms, eta, joint = trial, new_terms, new_eta, new_joint
        self.u = u
        return Mode(u, eta, terms, factor, joint - 0.5 * factor.log_determinant)

    def _joint(self, u, values, offset, nuisance):
        eta = offset + self.pattern.multiply(values, u)
        with np.errstate(over="ignore", invalid="ignore"):
            terms = self.family.terms(eta, nuisance)
        return terms, eta, float(terms.log_likelihood.sum()) - 0.5 * float(u @ u)

    def value_and_gradient(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """L without the family's constant, and its gradient (size,); (-inf, zeros) if it cannot be computed."""
        try:
            mode = self.mode(parameters)
        except np.linalg.LinAlgError:
            mode = None
        if mode is None:
            return -np.inf, np.zeros(self.layout.size)
        value, rates = self._value_and_rates(parameters, mode)
        theta = [self.raw[:, row] @ rate for (row, _), rate in zip(self._columns(), rates.theta, strict=True)]
        gradient = np.concatenate([theta, rates.nuisance.sum(axis=0), self.design.fixed.T @ rates.fixed])
        if self.restricted:
            penalty, slope = self._restriction(mode)
            value, gradient = value + penalty, gradient + slope
        return value, gradient

    def scores(self, parameters: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
        """Gradient (count, size) of the log-likelihood of each group of rows, ``groups`` (n,) int from 0.

        Groups must share no random effect, and the likelihood must not be restricted.
        """
        rates = self._value_and_rates(parameters, self.mode(parameters))[1]
        theta = [self.raw[:, row] * rate for (row, _), rate in zip(self._columns(), rates.theta, strict=True)]
        rows = np.column_stack([*theta, rates.nuisance, self.design.fixed * rates.fixed[:, None]])
        return np.stack([np.bincount(groups, column, count) for column in rows.T], axis=1)

    def _columns(self) -> list[tuple[int, int]]:
        """For each entry of theta, the two columns among the K of every row that it joins."""
        return [(self.starts[k] + r, self.starts[k] + c) for k, r, c in self.layout.places()]

    def _value_and_rates(self, parameters: np.ndarray, mode: Mode) -> tuple[float, Rates]:
        _, nuisance, _ = self.layout.parts(parameters)
        factor, terms = mode.factor, mode.terms
        products = factor.row_products()
        leverage = np.einsum("nk,nk->n", products, factor.values)
        moved = leverage * terms.weight_slope
        adjoint = factor.solve(self.pattern.transpose_multiply(factor.values, moved))
        shift = self.pattern.multiply(factor.values, adjoint)
        rate = terms.score - 0.5 * (moved - terms.weight * shift)
        columns = self.pattern.columns
        theta = []
        for _, column in self._columns():
            effect, pull = mode.u[columns[:, column]], adjoint[columns[:, column]]
            theta.append(rate * effect - terms.weight * products[:, column] - 0.5 * pull * terms.score)
        own = self.family.nuisance_terms(mode.eta, nuisance)
        by_nuisance = own.log_likelihood - 0.5 * (leverage[:, None] * own.weight + shift[:, None] * own.score)
        return mode.value, Rates(theta, by_nuisance, rate)

    def whitened(self, mode: Mode) -> tuple[np.ndarray, np.ndarray]:
        """V^-1 X (n, p) at the mode, and M'V^-1 X (size, p)."""
        weighted = mode.terms.weight[:, None] * self.design.fixed
        values, multiply, transpose = mode.factor.values, self.pattern.multiply, self.pattern.transpose_multiply
        inner = np.column_stack([transpose(values, column) for column in weighted.T])
        solved = mode.factor.solve(inner)
        back = np.column_stack([multiply(values, column) for column in solved.T])
        return weighted - mode.terms.weight[:, None] * back, solved

    def information(self, mode: Mode) -> np.ndarray:
        """X'V^-1 X (p, p): information on beta with the other parameters known."""
        return self.design.fixed.T @ self.whitened(mode)[0]

    def _restriction(self, mode: Mode) -> tuple[float, np.ndarray]:
        """The restricted likelihood's extra term and its gradient. M'V^-1 X equals H^-1 M'W X."""
        rows, inner = self.whitened(mode)
        information = self.design.fixed.T @ rows
        covariance = np.linalg.inv(information)
        spread, columns = inner @ covariance, self.pattern.columns
        theta = []
        for row, column in self._columns():
            theta.append(self.raw[:, row] @ (spread[columns[:, column]] * rows).sum(axis=1))
        sigma = np.sum((rows @ covariance) * rows) / mode.terms.weight[0]
        value = 0.5 * self.layout.fixed * np.log(2.0 * np.pi) - 0.5 * np.linalg.slogdet(information)[1]
        return value, np.concatenate([theta, [sigma], np.zeros(self.layout.fixed)])
