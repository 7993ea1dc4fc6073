"""Screening for copies: is a synthetic image nearer to a training image than images of other patients are?"""

from zlib import crc32

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from helpers.image_metrics.comparison import COLUMNS, Halves, split_groups
from helpers.image_metrics.neighbours import nearest, neighbour_radii
from helpers.tables import REAL

AUTHENTICITY, COPYING = "authenticity", "copying_z"
PERMUTATIONS = 999


def neighbours_in_training(points: np.ndarray, training: np.ndarray) -> pd.DataFrame:
    """Nearest of all training images for each image: features (n, d) and (m, d), or pixels as rows.

    Columns: nearest (row of ``training``), distance, authentic. An image is authentic unless it lies nearer to its
    training image than any other training image does (Alaa et al. 2022, arXiv 2102.08921, section 3.3).
    """
    position, distance = nearest(points, training)
    own = np.sqrt(neighbour_radii(training, 1))
    return pd.DataFrame({"nearest": position, "distance": distance, "authentic": distance > own[position]})


def copying_z(held_out: np.ndarray, synthetic: np.ndarray) -> float:
    """Do synthetic images lie nearer to the training images than held-out ones? Far below 0: they do.

    Distances to the nearest training image, (n,) and (m,). The Mann-Whitney statistic as a normal deviate, the Z_U
    of Meehan et al. 2020 (arXiv 2004.05675, section 3), over the whole space as one cell. Blurred or otherwise poor
    images lie far away and hide copies: look at single images too.
    """
    n, m = len(held_out), len(synthetic)
    ranks = rankdata(np.concatenate([held_out, synthetic]))
    above = ranks[n:].sum() - m * (m + 1) / 2
    return float((above - n * m / 2) / np.sqrt(n * m * (n + m + 1) / 12))


def copying_p(held_out: np.ndarray, synthetic: np.ndarray, seed: int) -> float:
    """Permutation p of ``copying_z``, one-sided: the chance that it is as low where nothing is copied."""
    rng = np.random.default_rng([seed, 11])
    ranks = rankdata(np.concatenate([held_out, synthetic]))
    found = ranks[len(held_out) :].sum()
    drawn = [rng.permutation(ranks)[len(held_out) :].sum() for _ in range(PERMUTATIONS)]
    return float((1 + np.sum(np.array(drawn) <= found)) / (1 + PERMUTATIONS))


def memorization_table(
    held_out: pd.DataFrame, patients: np.ndarray, synthetic: dict[str, pd.DataFrame], space: str, halves: Halves, seed
) -> pd.DataFrame:
    """Share of authentic images and ``copying_z`` by source, beside held-out real images at equal n, tidy table.

    Tables as ``neighbours_in_training`` returns them; patients (n,) of the held-out images; ``space`` ends the names
    of the metrics. Held-out patients are halved again and again: one half is what distances are compared with, from
    the other come the real images of the baseline. Columns as those of ``compare``.
    """
    draws: dict[tuple[str, str], list[float]] = {}
    # The real half is not exactly half where patients have several images.
    n = min([len(table) for table in synthetic.values()] + [len(held_out)]) // 2
    for repeat in range(halves.repeats):
        rng = np.random.default_rng([seed, repeat, crc32(space.encode())])
        first = split_groups(patients, rng)
        reference = held_out["distance"].to_numpy()[first]
        for source, table in ({REAL: held_out[~first]} | synthetic).items():
            own = np.random.default_rng([seed, repeat, crc32(f"{space} {source}".encode())])
            part = table.iloc[own.permutation(len(table))[:n]]
            draws.setdefault((source, AUTHENTICITY), []).append(part["authentic"].mean())
            draws.setdefault((source, COPYING), []).append(copying_z(reference, part["distance"].to_numpy()))
    rows = []
    for (source, metric), values in draws.items():
        low, value, high = np.percentile(values, [2.5, 50, 97.5])
        method = f"median and 95 % range of {halves.repeats} random halvings"
        if metric == COPYING and source != REAL:
            p = copying_p(held_out["distance"].to_numpy(), synthetic[source]["distance"].to_numpy(), seed)
            method += f"; all images: permutation p = {p:.3f} for copying"
        rows.append((source, None, None, f"{metric}_{space}", value, low, high, n, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def nearest_pairs(
    samples: pd.DataFrame, found: pd.DataFrame, training: pd.DataFrame, held_out: pd.DataFrame, space: str
) -> pd.DataFrame:
    """Every synthetic image with its nearest training image, nearest first.

    ``found`` has the rows of ``samples``; ``held_out`` is the table of the held-out images' neighbours. Columns:
    image_id, source, space, training_image_id, distance, suspect: nearer than every held-out image is.
    """
    table = samples[["image_id", "source"]].reset_index(drop=True)
    table["space"] = space
    table["training_image_id"] = training["image_id"].to_numpy()[found["nearest"]]
    table["distance"] = found["distance"].to_numpy()
    table["suspect"] = table["distance"] < held_out["distance"].min()
    return table.sort_values(["distance", "image_id"], ignore_index=True)
