"""Screen for copies: do synthetic images lie nearer to training images than to held-out images of other patients?"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances

from helpers.image_metrics.comparison import COLUMNS, Halves, split_groups
from helpers.image_metrics.neighbours import Search, as_rows
from helpers.image_metrics.pixel_search import search_in
from helpers.tables import REAL

AUTHENTICITY, NEARER, SUSPECTS = "authenticity", "nearer_to_training", "suspects"
PERMUTATIONS = 999
MOST_HELD_OUT = 2000  # images; the distance from every image to each of them is in memory


def neighbours_in_training(points: np.ndarray, training: np.ndarray | Search) -> pd.DataFrame:
    """Nearest training image for each image: features (n, d) and (m, d), or images uint8 (n, size, size) and
    (m, size, size), by pixels; or the search among them (``search_in``), which several sets of images can share.

    Columns: nearest (row of ``training``), distance, authentic, and proven: whether it is proven that no training
    image is nearer (``pixel_search``). An image is authentic unless it is nearer to its nearest training image than
    any other training image is (Alaa et al. 2022, arXiv 2102.08921, section 3.3).
    """
    search = training if isinstance(training, Search) else search_in(training)
    position, distance, proven = search.nearest(points)
    found, back = np.unique(position, return_inverse=True)
    own = search.nearest_other(found)[1][back]
    return pd.DataFrame({"nearest": position, "distance": distance, "authentic": distance > own, "proven": proven})


def held_out_rows(patients: np.ndarray, seed: int) -> np.ndarray:
    """Rows of the held-out images to compare with: all, or of random patients about 2,000, with all their images.

    ``patients`` (h,) of all held-out images; their order does not matter.
    """
    names, patient_of = np.unique(patients, return_inverse=True)
    order = np.random.default_rng([seed, 12]).permutation(len(names))
    sizes = np.bincount(patient_of)[order]
    return np.flatnonzero(np.isin(patient_of, order[np.cumsum(sizes) - sizes < MOST_HELD_OUT]))


@dataclass(frozen=True)
class Screened:
    """Images of one source between training and held-out images.

    ``training``: table of ``neighbours_in_training`` (n rows); ``held_out``: distance to each held-out image, (n, h),
    infinite to images of the same patient.
    """

    training: pd.DataFrame
    held_out: np.ndarray

    def part(self, rows: np.ndarray) -> "Screened":
        """Some of the images."""
        return Screened(self.training[rows].reset_index(drop=True), self.held_out[rows])

    def ratio(self, held_out: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Distance to the nearest training image over that to the nearest of some held-out images, (n,).

        Below 1: nearer to training. A smooth image lies nearer to both, which leaves the ratio near 1; that of a copy
        is near 0. 1 if both distances are 0.
        """
        near, other = self.training["distance"].to_numpy(), self.held_out[:, held_out].min(axis=1)
        return np.divide(near, other, out=np.where(near > 0, np.inf, 1.0), where=other > 0)


def screen(
    points: np.ndarray, training: np.ndarray | Search, held_out: np.ndarray, patients: np.ndarray | None = None
) -> Screened:
    """Distances of images (n, ...) to training images and to held-out images (h, ...); formats as in
    ``neighbours_in_training``.

    ``patients`` (h,): given if the points are the held-out images themselves, which are then not compared with images
    of the same patient.
    """
    apart = pairwise_distances(as_rows(points), as_rows(held_out))
    if patients is not None:
        apart[patients[:, None] == patients] = np.inf
    return Screened(neighbours_in_training(points, training), apart)


def nearer_test(
    images: Screened, training_patients: np.ndarray, held_out_patients: np.ndarray, seed: int
) -> tuple[float, float, float]:
    """Share of images whose nearest real image is a training image, the share expected if nothing is copied, and p.

    Patients (m,) and (h,) of the training and held-out images, which must come from one population: then images that
    are not copied have their nearest neighbour in either by chance. Permutation test, one-sided: patients are
    assigned anew to training and held-out, as many as there are, with all their images. The comparison of Platzer and
    Reutterer 2021 (Frontiers in Big Data 4:679939) for sets of unequal size.
    """
    nearer = images.ratio() < 1
    rows = np.where(nearer, images.training["nearest"], len(training_patients) + images.held_out.argmin(axis=1))
    names, patient_of = np.unique(np.concatenate([training_patients, held_out_patients]), return_inverse=True)
    attracted, unseen = np.bincount(patient_of[rows], minlength=len(names)), len(np.unique(held_out_patients))
    rng = np.random.default_rng([seed, 11])
    chance = [attracted[rng.choice(len(names), unseen, replace=False)].sum() for _ in range(PERMUTATIONS)]
    p = (1 + np.sum(np.array(chance) <= (~nearer).sum())) / (1 + PERMUTATIONS)
    return float(nearer.mean()), float(1 - np.mean(chance) / len(rows)), float(p)


def suspects_test(images: Screened, held_out: Screened) -> tuple[int, float]:
    """Number of suspects, whose ratio of distances is below that of every held-out image, and p.

    Exact: the probability that the least ratios are all synthetic by chance (precedence test, Nelson 1963,
    Technometrics 5:351). It responds to a few copies among many images, which hardly affect shares.
    """
    suspects, n, m = int((images.ratio() < held_out.ratio().min()).sum()), len(images.training), len(held_out.training)
    places = np.arange(suspects)
    return suspects, float(np.prod((n - places) / (m + n - places)))


def memorization_table(
    held_out: Screened,
    synthetic: dict[str, Screened],
    patients: tuple[np.ndarray, np.ndarray],
    space: str,
    halves: Halves,
    seed: int,
) -> pd.DataFrame:
    """Shares of authentic images, of images nearer to training and of suspects by source, with held-out real images at
    equal n, as a tidy table.

    ``patients`` of the training and of the held-out images; ``space`` is the suffix of the names of the metrics.
    Held-out patients are repeatedly halved: one half stands for all images that were not trained on, the other gives
    the real images of the baseline. Columns as in ``compare``.
    """
    draws: dict[tuple[str, str], list[float]] = {}
    # The real half is not exactly half if patients have several images.
    n = min(len(images.training) for images in [held_out, *synthetic.values()]) // 2
    for repeat in range(halves.repeats):
        first = split_groups(patients[1], np.random.default_rng([seed, repeat, crc32(space.encode())]))
        least = held_out.part(first).ratio(~first).min()
        for source, images in ({REAL: held_out.part(~first)} | synthetic).items():
            own = np.random.default_rng([seed, repeat, crc32(f"{space} {source}".encode())])
            rows = own.permutation(len(images.training))[:n]
            ratio = images.ratio(first)[rows]
            draws.setdefault((source, AUTHENTICITY), []).append(images.training["authentic"].to_numpy()[rows].mean())
            draws.setdefault((source, NEARER), []).append((ratio < 1).mean())
            draws.setdefault((source, SUSPECTS), []).append((ratio < least).mean())
    rows = []
    for (source, metric), values in draws.items():
        low, value, high = np.percentile(values, [2.5, 50, 97.5])
        method = f"median and 95 % range of {halves.repeats} random halvings"
        if source != REAL:
            method += _over_all(metric, synthetic[source], held_out, patients, seed)
        rows.append((source, None, None, f"{metric}_{space}", value, low, high, n, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def _over_all(metric: str, images: Screened, held_out: Screened, patients: tuple, seed: int) -> str:
    """Test for copying over all images, in words; empty for a metric without a test."""
    if metric == NEARER:
        share, expected, p = nearer_test(images, *patients, seed)
        return f"; all images: {share:.3f}, expected {expected:.3f}, permutation p = {p:.3f} for copying"
    if metric == SUSPECTS:
        count, p = suspects_test(images, held_out)
        return f"; all images: {count} of {len(images.training)}, exact p = {p:.2g} for copying"
    return ""


def nearest_pairs(
    samples: pd.DataFrame, images: Screened, training: pd.DataFrame, held_out: Screened, space: str
) -> pd.DataFrame:
    """Every synthetic image with its nearest training image, the least ratio of distances first.

    ``images`` has the rows of ``samples``. Columns: image_id, source, space, training_image_id, distance,
    held_out_distance: to the nearest held-out image; proven: no training image is nearer; suspect: the ratio of the
    two distances is below that of every held-out image.
    """
    table, ratio = samples[["image_id", "source"]].reset_index(drop=True), images.ratio()
    table["space"] = space
    table["training_image_id"] = training["image_id"].to_numpy()[images.training["nearest"]]
    table["distance"] = images.training["distance"].to_numpy()
    table["held_out_distance"] = images.held_out.min(axis=1)
    table["proven"] = images.training["proven"].to_numpy()
    table["suspect"] = ratio < held_out.ratio().min()
    order = table.assign(ratio=ratio).sort_values(["ratio", "image_id"]).index
    return table.loc[order].reset_index(drop=True)
