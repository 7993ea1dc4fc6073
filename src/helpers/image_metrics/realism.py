"""How real a single image looks to a program: distance to and density of real images, and a discriminator."""

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GroupKFold

from helpers.findings import Findings
from helpers.image_metrics.comparison import COLUMNS
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.coverage import NEIGHBOURS
from helpers.image_metrics.neighbours import neighbour_radii, squared_distances
from helpers.tables import REAL

DISCRIMINATOR = "discriminator_auroc"
SCORES = ("distance", "density", "discriminator")
FOLDS = 5


def manifold_scores(points: np.ndarray, training: np.ndarray, k: int = NEIGHBOURS) -> pd.DataFrame:
    """Where each image lies among the real training images: features (n, d) and (m, d).

    Columns: distance to the k-th nearest training image, and density, the number of training images whose own ball
    of k neighbours contains the image, over k (the terms of the density of Naeem et al. 2020, arXiv 2002.09797, eq. 5).
    """
    radii, distance, density = neighbour_radii(training, k), [], []
    for _, block in squared_distances(points, training):
        density.append((block <= radii).sum(axis=1) / k)
        distance.append(np.sqrt(np.partition(block, k - 1, axis=1)[:, k - 1]))
    return pd.DataFrame({"distance": np.concatenate(distance), "density": np.concatenate(density)})


def discriminator_scores(real: np.ndarray, groups: np.ndarray, made: np.ndarray, seed: int) -> np.ndarray:
    """Out-of-fold evidence that each image is synthetic, real ones first: features (n, d) and (m, d), result (n + m,).

    A linear discriminant with shrinkage of the covariance on features and their squares, with equal priors; five
    folds, each of the ``groups`` (n,) of real images (patients) in one fold. Values above 0 suggest synthetic.
    """
    features = np.concatenate([real, made])
    features = np.concatenate([features, features**2], axis=1)
    synthetic = np.arange(len(features)) >= len(real)
    names = np.concatenate([groups.astype(str), [f"synthetic {i}" for i in range(len(made))]])
    shuffled = np.random.default_rng([seed, 16]).permutation(np.unique(names))
    place = {name: position for position, name in enumerate(shuffled)}
    scores = np.empty(len(features))
    folds = GroupKFold(min(FOLDS, len(shuffled)))
    for known, unknown in folds.split(features, synthetic, [place[name] for name in names]):
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=[0.5, 0.5])
        scores[unknown] = model.fit(features[known], synthetic[known]).decision_function(features[unknown])
    return scores


def discriminator_table(
    held_out: pd.DataFrame, real: np.ndarray, samples: pd.DataFrame, made: np.ndarray, seed: int
) -> pd.DataFrame:
    """How well a separate discriminator tells each source from real images: AUROC with DeLong interval, tidy table.

    The two-sample test of Lopez-Paz and Oquab 2017 (arXiv 1610.06545), out of fold. Real against real: held-out
    patients, as many as the smallest source has images, are treated as synthetic. Arguments as in ``image_scores``.
    Columns as in ``compare``.
    """
    rng, patients = np.random.default_rng([seed, 17]), held_out["patient_id"].to_numpy(dtype=str)
    sets = {source: made[(samples["source"] == source).to_numpy()] for source in samples["source"].unique()}
    names = np.unique(patients)
    n = min([len(part) for part in sets.values()] + [len(names) // 2])
    first = np.isin(patients, rng.permutation(names)[:n])
    sides = {REAL: (real[~first], patients[~first], real[first], patients[first])}
    sides |= {s: (real, patients, part, np.arange(len(part)).astype(str)) for s, part in sets.items()}
    rows = []
    for source, (known, owners, other, others) in sides.items():
        truth = np.repeat([0, 1], [len(known), len(other)])
        scores = discriminator_scores(known, owners, other, seed)
        found = auroc(truth, scores, np.concatenate([owners, [f"other {name}" for name in others]]))
        method = "linear discriminant, out of fold; DeLong interval, real images by patient"
        rows.append((source, None, None, DISCRIMINATOR, found.value, found.low, found.high, found.n, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def image_scores(
    held_out: pd.DataFrame, real: np.ndarray, samples: pd.DataFrame, made: np.ndarray, training: np.ndarray, seed: int
) -> pd.DataFrame:
    """Realism of every single held-out and synthetic image: image_id, source, distance, density, discriminator.

    Features (n, d) have the rows of the preceding table; ``training`` (m, d) are those of the real training images.
    """
    order, made_order = (np.argsort(table["image_id"].to_numpy()) for table in (held_out, samples))
    held_out, real, samples, made = held_out.iloc[order], real[order], samples.iloc[made_order], made[made_order]
    ids = np.concatenate([held_out["image_id"], samples["image_id"]])
    sources = np.concatenate([np.full(len(held_out), REAL), samples["source"]])
    table = pd.DataFrame({"image_id": ids, "source": sources})
    table = pd.concat([table, manifold_scores(np.concatenate([real, made]), training)], axis=1)
    table["discriminator"] = discriminator_scores(real, held_out["patient_id"].to_numpy(), made, seed)
    return table


def with_probabilities(
    scores: pd.DataFrame, ids: np.ndarray, probabilities: np.ndarray, findings: Findings
) -> pd.DataFrame:
    """The scores with the classifier's probability of each finding, (n, findings) in the order of ``ids`` (n,)."""
    found = pd.DataFrame(probabilities, columns=list(findings.names)).assign(image_id=ids)
    return scores.merge(found, on="image_id", validate="one_to_one")
