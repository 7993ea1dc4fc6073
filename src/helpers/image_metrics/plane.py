"""The plane in which features of images differ most, for display."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from helpers.dependencies import code_of
from helpers.files import DAMAGED_ZIP, atomic_write
from helpers.image_metrics.features import FeatureExtractor
from helpers.provenance import read_manifest
from helpers.runs import Run

CODE = (__name__, "helpers.image_metrics.images")  # modules that the positions depend on


def principal_plane(features: np.ndarray) -> tuple[np.ndarray, float]:
    """First two principal components of features (n, d), each scaled to 0..1, and their joint share of the variance.

    Signs are chosen so that the largest loading of each component is positive.
    """
    centred = features - features.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, [-1, -2]]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    places = centred @ axes
    low, high = np.percentile(places, [0.1, 99.9], axis=0)
    explained = float(values[-2:].sum() / values.sum()) if values.sum() > 0 else 0.0
    return np.clip((places - low) / np.maximum(high - low, 1e-12), 0, 1).astype(np.float32), explained


def kept_plane(
    run: Run, extractor: FeatureExtractor, paths: Iterable[str], features: Callable[[], Sequence[np.ndarray]]
) -> tuple[np.ndarray, float]:
    """``principal_plane`` of the images at ``paths``, cached with the features of notebook 05, one file per extractor.

    ``features`` gives parts (n, d) for all images in turn. It is called only if nothing is cached or if images,
    extractor or code have changed: reading 50,000 images to check whether they are the same takes too long, so the
    manifests of notebooks 01 and 04 are compared instead. Raises RunError if one of these has not finished.
    """
    outputs = [read_manifest(run, stage).get("outputs", {}) for stage in ("01_cohort", "04_sample")]
    made_from = [extractor.sha256, json.dumps(outputs, sort_keys=True), code_of(*CODE), *paths]
    key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
    file = run.stage_folder("05_image_metrics") / "features" / "planes" / f"{extractor.sha256[:16]}.npz"
    if (found := _kept(file, key)) is not None:
        return found
    places, explained = principal_plane(np.concatenate(features()))
    with atomic_write(file) as temporary, open(temporary, "wb") as opened:
        np.savez(opened, key=key, places=places, explained=explained)
    return places, explained


def _kept(file: Path, key: str) -> tuple[np.ndarray, float] | None:
    try:
        with np.load(file) as kept:
            return (kept["places"], float(kept["explained"])) if str(kept["key"]) == key else None
    except DAMAGED_ZIP:  # missing or damaged
        return None
