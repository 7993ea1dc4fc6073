"""The plane in which features of images differ most, to look at them."""

import numpy as np


def principal_plane(features: np.ndarray) -> tuple[np.ndarray, float]:
    """First two principal components of features (n, d), brought to 0..1 together, and their share of the variance.

    Signs are such that the largest loading of each component is positive.
    """
    centred = features - features.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, [-1, -2]]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    places = centred @ axes
    low, high = np.percentile(places, [0.1, 99.9], axis=0)
    explained = float(values[-2:].sum() / values.sum()) if values.sum() > 0 else 0.0
    return np.clip((places - low) / np.maximum(high - low, 1e-12), 0, 1).astype(np.float32), explained
