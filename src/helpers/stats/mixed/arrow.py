"""The penalised normal equations of random effects, in arrow form.

Each row of the data touches one level of every random term, so for the term with the most columns H = M'WM + I has a
block for each level and zeros between levels. With those columns first

    H = [ D  B ]      D block diagonal, eliminated at once;  S = E - B'D^-1 B  dense, Cholesky (Schur complement)
        [ B' E ]

The gradient of log |H| needs the entries of H^-1 only where a row of the data touches both columns. With
G = D^-1 B S^-1 these are S^-1, -G and the diagonal blocks of D^-1 + G B'D^-1. B is stored dense or sparse, whichever
is smaller.
"""

import numpy as np
from scipy import linalg, sparse

DENSE = 0.15  # share of cells of B in use above which dense products are faster
CHUNK = 4096


class Pattern:
    """Which columns the rows touch. ``codes``: one (n,) array of levels for each term, ``widths``: effects per level,
    ``levels``: levels of each term. Terms must be sorted so that the first has the most columns (levels x width)."""

    def __init__(self, codes: list[np.ndarray], widths: list[int], levels: list[int]):
        self.first, self.width, self.blocks = codes[0], widths[0], levels[0]
        self.main = widths[0] * levels[0]
        ends = np.cumsum([w * n for w, n in zip(widths, levels, strict=True)])
        starts = np.concatenate([[0], ends[:-1]])
        self.size, self.rest = int(ends[-1]), int(ends[-1]) - self.main
        self.columns = np.concatenate(
            [s + c[:, None] * w + np.arange(w) for s, c, w in zip(starts, codes, widths, strict=True)], axis=1
        )  # (n, K)
        self.across = range(self.width, self.columns.shape[1])
        self.tail = self.columns[:, self.width :] - self.main
        self._border()

    def _border(self) -> None:
        """Position in the values of B of every pair (column of the first term, other column) of every row."""
        flat = self.columns[:, : self.width, None] * self.rest + self.tail[:, None, :]  # (n, width, K - width)
        cells = self.main * self.rest
        used = np.unique(flat)
        self.is_dense = len(used) >= DENSE * cells
        if self.is_dense:
            self.border, self.stored = flat, cells
        else:
            self.border, self.stored = np.searchsorted(used, flat), len(used)
            self.rows, self.tails = np.divmod(used, self.rest)
            self.pointer = np.searchsorted(self.rows, np.arange(self.main + 1))

    def border_matrix(self, values: np.ndarray):
        """B (main, rest) from its values."""
        if self.is_dense:
            return values.reshape(self.main, self.rest)
        return sparse.csr_array((values, self.tails, self.pointer), shape=(self.main, self.rest))

    def multiply(self, values: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """M v (n,) for M with these values (n, K) and v (size,)."""
        return np.einsum("nk,nk->n", values, vector[self.columns])

    def transpose_multiply(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """M'r (size,) for r (n,)."""
        return sum(np.bincount(c, v * rows, self.size) for c, v in zip(self.columns.T, values.T, strict=True))


class Factor:
    """Factorisation of M'WM + I. ``values`` (n, K): M's entries in the pattern's columns; ``weights`` (n,): W > 0."""

    def __init__(self, pattern: Pattern, values: np.ndarray, weights: np.ndarray):
        self.pattern, self.values = pattern, values
        weighted = values * weights[:, None]
        width, rest = pattern.width, pattern.rest
        blocks = np.empty((pattern.blocks, width, width))
        for a in range(width):
            for b in range(a, width):
                blocks[:, a, b] = np.bincount(pattern.first, weighted[:, a] * values[:, b], pattern.blocks)
                blocks[:, b, a] = blocks[:, a, b]
        blocks += np.eye(width)
        self.inverse = 1.0 / blocks if width == 1 else np.linalg.inv(blocks)
        self.log_determinant = float(np.log(blocks).sum() if width == 1 else np.linalg.slogdet(blocks)[1].sum())
        if rest:
            border = pattern.border_matrix(self._border(weighted))
            self.scaled = self._scale(border)  # D^-1 B
            schur = self._corner(weighted) - _dense(border.T @ self.scaled)
            self.cholesky = linalg.cholesky(schur, lower=True, check_finite=False)
            self.log_determinant += 2.0 * float(np.log(np.diag(self.cholesky)).sum())

    def _border(self, weighted: np.ndarray) -> np.ndarray:
        pattern, total = self.pattern, np.zeros(self.pattern.stored)
        for a in range(pattern.width):
            for j, b in enumerate(pattern.across):
                total += np.bincount(pattern.border[:, a, j], weighted[:, a] * self.values[:, b], pattern.stored)
        return total

    def _corner(self, weighted: np.ndarray) -> np.ndarray:
        pattern, rest = self.pattern, self.pattern.rest
        corner = np.zeros(rest * rest)
        for i, a in enumerate(pattern.across):
            for j, b in enumerate(pattern.across):
                place = pattern.tail[:, i] * rest + pattern.tail[:, j]
                corner += np.bincount(place, weighted[:, a] * self.values[:, b], rest * rest)
        corner[:: rest + 1] += 1.0
        return corner.reshape(rest, rest)

    def _scale(self, matrix):
        """D^-1 times a matrix (main, ...), dense or sparse."""
        if sparse.issparse(matrix):
            if self.pattern.width == 1:
                data = matrix.data * np.repeat(self.inverse.ravel(), np.diff(matrix.indptr))
                return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
            ends = np.arange(self.pattern.blocks + 1)
            scaled = sparse.csr_array(sparse.bsr_array((self.inverse, ends[:-1], ends)) @ matrix)
            scaled.sort_indices()
            return scaled
        blocked = matrix.reshape(self.pattern.blocks, self.pattern.width, -1)
        return (self.inverse @ blocked).reshape(matrix.shape)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """H^-1 r for r (size,) or (size, k)."""
        main = self.pattern.main
        if not self.pattern.rest:
            return self._scale(right)
        tail = linalg.cho_solve((self.cholesky, True), right[main:] - self.scaled.T @ right[:main], check_finite=False)
        return np.concatenate([self._scale(right[:main]) - self.scaled @ tail, tail])

    def row_products(self) -> np.ndarray:
        """V (n, K): for each row i, M_i H^-1 at the columns that the row touches."""
        pattern, values, width = self.pattern, self.values, self.pattern.width
        products = np.zeros_like(values)
        if pattern.rest:
            tail = linalg.cho_solve((self.cholesky, True), np.eye(pattern.rest), check_finite=False)
            border = self._border_inverse(tail)
            blocks = self.inverse + self._block_update(border)
        else:
            blocks = self.inverse
        for a in range(width):
            for b in range(width):
                products[:, b] += values[:, a] * blocks[pattern.first, a, b]
            for j, b in enumerate(pattern.across):
                entry = -border[pattern.border[:, a, j]]
                products[:, b] += values[:, a] * entry
                products[:, a] += values[:, b] * entry
        for i, a in enumerate(pattern.across):
            for j, b in enumerate(pattern.across):
                products[:, b] += values[:, a] * tail[pattern.tail[:, i], pattern.tail[:, j]]
        return products

    def _border_inverse(self, tail: np.ndarray) -> np.ndarray:
        """Values of G = D^-1 B S^-1 at the positions of B."""
        pattern = self.pattern
        if pattern.is_dense:
            return (self.scaled @ tail).ravel()
        entries = np.empty(pattern.stored)
        for start in range(0, pattern.main, CHUNK):
            stop = min(start + CHUNK, pattern.main)
            here = slice(pattern.pointer[start], pattern.pointer[stop])
            entries[here] = (self.scaled[start:stop] @ tail)[pattern.rows[here] - start, pattern.tails[here]]
        return entries

    def _block_update(self, border: np.ndarray) -> np.ndarray:
        """Diagonal blocks (blocks, width, width) of G B'D^-1."""
        pattern, width = self.pattern, self.pattern.width
        product = pattern.border_matrix(border)
        if pattern.is_dense:
            shape = (pattern.blocks, width, pattern.rest)
            return np.einsum("lar,lbr->lab", product.reshape(shape), self.scaled.reshape(shape))
        update = np.empty((pattern.blocks, width, width))
        for a in range(width):
            for b in range(width):
                update[:, a, b] = (product[a::width] * self.scaled[b::width]).sum(axis=1)
        return update


def _dense(matrix) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else matrix
