"""Screen for copies: is a synthetic image nearer to a training image than images of other patients are?"""

from zlib import crc32

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from helpers.image_metrics.comparison import COLUMNS, Halves, split_groups
from helpers.image_metrics.neighbours import Search
from helpers.image_metrics.pixel_search import search_in
from helpers.tables import REAL

AUTHENTICITY, COPYING, SUSPECTS = "authenticity", "copying_ct", "suspects"
MOST_CELLS, SMALLEST_CELL = 5, 10
PERMUTATIONS = 999


def partition(training: np.ndarray, smallest: int, seed: int) -> KMeans:
    """Cells of similar images, by k-means on features (m, d) of the training images; ``predict`` gives an image's cell.

    ``smallest``: number of images in the smallest set to be compared. At most 5 cells, and few enough that half of
    that set gives 20 per cell on average. The order of the training images does not matter.
    """
    count = int(np.clip(smallest // (4 * SMALLEST_CELL), 1, MOST_CELLS))
    points = training[np.lexsort(training.T)]
    with threadpool_limits(1):  # so that sums are the same on any number of cores
        return KMeans(count, n_init=1, random_state=seed).fit(points)


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


def copying_z(held_out: np.ndarray, synthetic: np.ndarray) -> float:
    """Do synthetic images lie nearer to the training images than held-out ones do? Far below 0 means that they do.

    Distances to the nearest training image, (n,) and (m,). The Mann-Whitney statistic as a normal deviate, Z_U of
    Meehan et al. 2020 (arXiv 2004.05675, section 3), with the whole space as one cell. Blurred or otherwise poor
    images lie far away and hide copies: look at single images too.
    """
    n, m = len(held_out), len(synthetic)
    ranks = rankdata(np.concatenate([held_out, synthetic]))
    above = ranks[n:].sum() - m * (m + 1) / 2
    return float((above - n * m / 2) / np.sqrt(n * m * (n + m + 1) / 12))


def copying_score(held_out: pd.DataFrame, synthetic: pd.DataFrame) -> float:
    """``copying_z`` within cells of similar images, weighted by number of held-out images: far below 0 means copies.

    Tables with the columns distance and cell. C_T of Meehan et al. 2020 (arXiv 2004.05675, section 3): copying
    in one region is not offset by poor images in another. Cells with fewer than 10 images of either set are left out;
    NaN if none is left.
    """
    parts = _by_cell(held_out, synthetic)
    return _weighed([len(first) for first, _ in parts], [copying_z(*part) for part in parts])


def copying_p(held_out: pd.DataFrame, synthetic: pd.DataFrame, seed: int) -> float:
    """Permutation p of ``copying_score``, one-sided: the chance of a score this low if nothing is copied.

    Images are permuted within their cell. NaN if the score is NaN.
    """
    rng, parts = np.random.default_rng([seed, 11]), _by_cell(held_out, synthetic)
    if not parts:
        return np.nan
    deviates = []
    for first, second in parts:
        ranks, n, m = rankdata(np.concatenate([first, second])), len(first), len(second)
        sums = np.array([ranks[n:].sum(), *(rng.permutation(ranks)[n:].sum() for _ in range(PERMUTATIONS))])
        deviates.append((sums - m * (n + m + 1) / 2) / np.sqrt(n * m * (n + m + 1) / 12))
    scores = _weighed([len(first) for first, _ in parts], deviates)
    return float((1 + np.sum(scores[1:] <= scores[0] + 1e-12)) / (1 + PERMUTATIONS))


def _by_cell(held_out: pd.DataFrame, synthetic: pd.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Distances of both sets in every cell that has enough of each."""
    cells = sorted(set(held_out["cell"]) & set(synthetic["cell"]))
    pairs = [tuple(t.loc[t["cell"] == cell, "distance"].to_numpy() for t in (held_out, synthetic)) for cell in cells]
    return [pair for pair in pairs if min(map(len, pair)) >= SMALLEST_CELL]


def _weighed(sizes: list[int], values: list) -> float | np.ndarray:
    return np.average(values, axis=0, weights=sizes) if sizes else np.nan


def suspects_p(held_out: int, synthetic: int, suspects: int) -> float:
    """Probability that this many synthetic images lie nearer than every held-out one if nothing is copied.

    Exact: the probability that the nearest ``suspects`` of all images are synthetic by chance (precedence test, Nelson
    1963, Technometrics 5:351). It responds to a few copies among many images, which hardly affect ranks.
    """
    places = np.arange(suspects)
    return float(np.prod((synthetic - places) / (held_out + synthetic - places)))


def memorization_table(
    held_out: pd.DataFrame, patients: np.ndarray, synthetic: dict[str, pd.DataFrame], space: str, halves: Halves, seed
) -> pd.DataFrame:
    """Share of authentic images, ``copying_score`` and share of suspects by source, with held-out real images at
    equal n, as a tidy table.

    Tables as returned by ``neighbours_in_training``, with the column cell; patients (n,) of the held-out images;
    ``space`` is the suffix of the names of the metrics. A suspect lies nearer to a training image than every real image
    that it is compared with. Held-out patients are repeatedly halved: one half is the reference for distances, the
    other gives the real images of the baseline. Columns as in ``compare``.
    """
    draws: dict[tuple[str, str], list[float]] = {}
    # The real half is not exactly half if patients have several images.
    n = min([len(table) for table in synthetic.values()] + [len(held_out)]) // 2
    for repeat in range(halves.repeats):
        rng = np.random.default_rng([seed, repeat, crc32(space.encode())])
        first = split_groups(patients, rng)
        reference = held_out[first]
        for source, table in ({REAL: held_out[~first]} | synthetic).items():
            own = np.random.default_rng([seed, repeat, crc32(f"{space} {source}".encode())])
            part = table.iloc[own.permutation(len(table))[:n]]
            suspects = (part["distance"] < reference["distance"].min()).mean()
            draws.setdefault((source, AUTHENTICITY), []).append(part["authentic"].mean())
            draws.setdefault((source, COPYING), []).append(copying_score(reference, part))
            draws.setdefault((source, SUSPECTS), []).append(suspects)
    rows = []
    for (source, metric), values in draws.items():
        row = (source, None, None, f"{metric}_{space}")
        if np.isnan(values).mean() > 0.5:
            reason = f"not given: no cell has {SMALLEST_CELL} images of either"
            rows.append((*row, np.nan, np.nan, np.nan, n, reason))
            continue
        low, value, high = np.nanpercentile(values, [2.5, 50, 97.5])
        method = f"median and 95 % range of {halves.repeats} random halvings"
        if source != REAL:
            method += _over_all(metric, held_out, synthetic[source], seed)
        rows.append((*row, value, low, high, n, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def _over_all(metric: str, held_out: pd.DataFrame, synthetic: pd.DataFrame, seed: int) -> str:
    """Test for copying over all images, in words; empty for a metric without a test."""
    if metric == COPYING:
        return f"; all images: permutation p = {copying_p(held_out, synthetic, seed):.3f} for copying"
    if metric == SUSPECTS:
        count = int((synthetic["distance"] < held_out["distance"].min()).sum())
        p = suspects_p(len(held_out), len(synthetic), count)
        return f"; all images: {count} of {len(synthetic)}, exact p = {p:.2g} for copying"
    return ""


def nearest_pairs(
    samples: pd.DataFrame, found: pd.DataFrame, training: pd.DataFrame, held_out: pd.DataFrame, space: str
) -> pd.DataFrame:
    """Every synthetic image with its nearest training image, nearest first.

    ``found`` has the rows of ``samples``; ``held_out`` is the table of the held-out images' neighbours. Columns:
    image_id, source, space, training_image_id, distance; proven: no training image is nearer; suspect: nearer than
    every held-out image.
    """
    table = samples[["image_id", "source"]].reset_index(drop=True)
    table["space"] = space
    table["training_image_id"] = training["image_id"].to_numpy()[found["nearest"]]
    table["distance"] = found["distance"].to_numpy()
    table["proven"] = found["proven"].to_numpy()
    table["suspect"] = table["distance"] < held_out["distance"].min()
    return table.sort_values(["distance", "image_id"], ignore_index=True)
