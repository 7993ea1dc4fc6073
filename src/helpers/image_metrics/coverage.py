"""Do synthetic images lie where real ones do, and cover them all? Precision, recall, density and coverage."""

from dataclasses import dataclass

import numpy as np

from helpers.errors import MetricError
from helpers.image_metrics.neighbours import neighbour_radii, squared_distances

NEIGHBOURS = 5  # the choice of Naeem et al. 2020, section 4


@dataclass(frozen=True)
class Coverage:
    """Precision, recall and coverage from 0 to 1; density from 0, about 1 for images of the same distribution."""

    precision: float
    recall: float
    density: float
    coverage: float


def coverage(real: np.ndarray, synthetic: np.ndarray, k: int = NEIGHBOURS) -> Coverage:
    """How synthetic features (m, d) lie among balls around real ones (n, d), each reaching to its k-th real neighbour.

    Precision and recall as Kynkäänniemi et al. 2019 (arXiv 1904.06991, eq. 1 and 2): the share of synthetic images in
    a ball around a real one, and of real images in a ball around a synthetic one. Density and coverage as Naeem et
    al. 2020 (arXiv 2002.09797, eq. 5 and 8): the mean number of real balls around a synthetic image, over k, and the
    share of real balls that contain one. All change with n: compare only at equal n.
    Raises MetricError unless each set has more than k images, all finite and of one width.
    """
    for features in (real, synthetic):
        if features.ndim != 2 or not np.isfinite(features).all():
            raise MetricError(f"features: expected finite numbers, shape (n, d); got shape {features.shape}")
    if real.shape[1] != synthetic.shape[1]:
        raise MetricError(f"features of different extractors: {real.shape[1]} and {synthetic.shape[1]} per image")
    real_radii, synthetic_radii = neighbour_radii(real, k), neighbour_radii(synthetic, k)
    balls_around = np.zeros(len(synthetic), dtype=int)  # number of real balls that contain each synthetic image
    recalled, covered = np.zeros(len(real), dtype=bool), np.zeros(len(real), dtype=bool)
    for rows, block in squared_distances(real, synthetic):
        inside = block <= real_radii[rows, None]
        balls_around += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (block <= synthetic_radii).any(axis=1)
    return Coverage(
        precision=float((balls_around > 0).mean()),
        recall=float(recalled.mean()),
        density=float(balls_around.mean() / k),
        coverage=float(covered.mean()),
    )
