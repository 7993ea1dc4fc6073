"""How far apart two sets of images are in a feature space: Fréchet distance and kernel distance (KID)."""

import numpy as np

from helpers.errors import MetricError


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Fréchet distance between Gaussians fitted to two sets of features (n, d) and (m, d); 0 or more.

    ``|mu1 - mu2|^2 + trace(S1 + S2 - 2 (S1^(1/2) S2 S1^(1/2))^(1/2))`` (Dowson and Landau 1982; as FID in Heusel
    et al. 2017, arXiv 1706.08500, eq. 6). Its bias falls with n and grows with d: compare only at equal n.
    Raises MetricError for fewer than 2 rows, unequal widths or values that are not finite.
    """
    _check(first, second)
    return frechet_distance_of_moments(
        first.mean(axis=0), np.cov(first, rowvar=False), second.mean(axis=0), np.cov(second, rowvar=False)
    )


def frechet_infinity(first: np.ndarray, second: np.ndarray, sizes: int = 8) -> float:
    """Fréchet distance extrapolated to infinitely many images; may be below 0 by chance.

    Features (n, d) and (m, d) in random order. A line in 1 / N is fitted to the distances of the first N images of
    both sets, from half of the smaller set to all of it; its intercept is the result (Chong and Forsyth 2020, arXiv
    1911.07023, section 4). Both sets shrink together here, because the bias comes from both.
    Raises MetricError as ``frechet_distance`` does, and if half of the smaller set does not outnumber the features.
    """
    _check(first, second)
    n, d = min(len(first), len(second)), first.shape[1]
    if n // 2 <= d:
        raise MetricError(f"features: {n} images are too few to extrapolate over {d} features; {2 * d + 2} are needed")
    counts = np.linspace(n // 2, n, sizes).round().astype(int)
    distances = [frechet_distance(first[:count], second[:count]) for count in counts]
    return float(np.polyfit(1 / counts, distances, 1)[1])


def frechet_distance_of_moments(mean1: np.ndarray, cov1: np.ndarray, mean2: np.ndarray, cov2: np.ndarray) -> float:
    """Fréchet distance between two Gaussians given by means (d,) and covariances (d, d).

    The trace of the root is computed from the eigenvalues of the symmetric ``S1^(1/2) S2 S1^(1/2)``, so singular
    covariances need no correction and the result is never complex.
    """
    cov1, cov2 = np.atleast_2d(cov1), np.atleast_2d(cov2)
    values, vectors = np.linalg.eigh(cov1)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cov2 @ root), 0, None)).sum()
    distance = np.sum((mean1 - mean2) ** 2) + np.trace(cov1) + np.trace(cov2) - 2 * cross
    return float(max(distance, 0.0))


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Unbiased squared maximum mean discrepancy with the cubic kernel ``(x.y / d + 1)^3``; may be below 0 by chance.

    Features (n, d) and (m, d). Bińkowski et al. 2018 (arXiv 1801.01401), section 4; the estimator is MMD_u^2
    of Gretton et al. 2012, eq. 3: no term compares an image with itself. Its mean does not depend on n.
    Raises MetricError as ``frechet_distance`` does.
    """
    _check(first, second)
    n, m = len(first), len(second)
    within_first = (_kernel(first, first).sum() - _kernel_diagonal(first).sum()) / (n * (n - 1))
    within_second = (_kernel(second, second).sum() - _kernel_diagonal(second).sum()) / (m * (m - 1))
    return float(within_first + within_second - 2 * _kernel(first, second).mean())


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _kernel_diagonal(x: np.ndarray) -> np.ndarray:
    return (np.einsum("ij,ij->i", x, x) / x.shape[1] + 1) ** 3


def _check(first: np.ndarray, second: np.ndarray) -> None:
    for features in (first, second):
        if features.ndim != 2 or len(features) < 2:
            raise MetricError(f"features: at least 2 images are needed, shape (n, d); got shape {features.shape}")
        if not np.isfinite(features).all():
            raise MetricError("features: some are not finite; the extractor does not fit these images")
    if first.shape[1] != second.shape[1]:
        raise MetricError(f"features of different extractors: {first.shape[1]} and {second.shape[1]} numbers per image")
