"""All images of a run laid out by the features of its classifier or of another extractor: similar ones lie together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import RunError, StudyError
from helpers.explore.material import Material
from helpers.image_metrics.cache import FeatureCache
from helpers.image_metrics.extractors import PIXELS, RANDOM, load_extractor
from helpers.image_metrics.features import FeatureExtractor
from helpers.image_metrics.images import held_out, read_images
from helpers.image_metrics.plane import kept_plane
from helpers.provenance import read_manifest
from helpers.tables import REAL

CLASSIFIER = "classifier"  # the run's own
COLOURS = {"source": "Source", "finding": "Finding", "rate": "Right answers", "template": "Prompt"}


@dataclass(frozen=True)
class Atlas:
    """``points``: image_id, source, finding (and state), template (missing if no words were given), rate (share of
    right answers to it, NaN if nobody read it), x and y in 0..1; ``explained``: share of the features' variance that
    the two axes explain; ``extractor``: whose features they are."""

    points: pd.DataFrame
    explained: float
    extractor: str = CLASSIFIER


def extractors_of(material: Material) -> list[str]:
    """Extractors to lay out the images of a run by: its classifier, its second opinions, pixels, a random network."""
    try:
        parameters = read_manifest(material.run, "05_image_metrics")["parameters"]
    except StudyError:
        parameters = {}
    return list(dict.fromkeys([CLASSIFIER, *parameters.get("second_opinions", ()), PIXELS, RANDOM]))


def atlas_of(material: Material, extractor: str = CLASSIFIER) -> Atlas:
    """The held-out real images and all synthetic ones, on the first two principal components of their features.

    ``extractor``: "classifier" or what ``image_metrics.extractors.load_extractor`` takes. Features are kept by
    notebook 05, as is the layout by its classifier.
    Raises RunError if notebook 01, 04 or 05 has not finished, CheckpointError for an extractor that does not exist.
    """
    if material.cohort is None or material.samples is None:
        raise RunError(" ".join(material.lacks))
    unseen = held_out(material.cohort)
    places, explained = _layout(material, unseen, extractor)
    samples = material.samples
    points = pd.DataFrame({"image_id": [*unseen["image_id"], *samples["image_id"]]})
    points["source"] = [REAL] * len(unseen) + list(samples["source"])
    state = np.where(samples["present"].astype(int) == 1, "present", "absent")
    points["finding"] = [*_labels(material, unseen), *(samples["finding"] + " " + state)]
    templates = samples["template"] if "template" in samples else [None] * len(samples)
    points["template"] = [*[None] * len(unseen), *templates]
    points["rate"] = points["image_id"].map(_rates(material))
    return Atlas(points.assign(x=places[:, 0], y=places[:, 1]), explained, extractor)


def _labels(material: Material, unseen: pd.DataFrame) -> list[str]:
    """Label of each real image: the one finding that is present, or that several or none are."""
    names = np.array(material.findings.names)
    present = material.findings.condition_labels(unseen[list(names)].apply(pd.to_numeric)) == 1
    count = present.sum(axis=1)
    one = names[present.argmax(axis=1)]
    return [
        f"{n} present" if k == 1 else "several present" if k else "none present"
        for n, k in zip(one, count, strict=True)
    ]


def _rates(material: Material) -> pd.Series:
    """Share of right answers for each image that a trial is about; undetermined answers count one half."""
    rows = material.readings
    if rows is None or not material.tells_truth:
        return pd.Series(dtype=float)
    about = rows["case"].str.split("+", regex=False).str[0]
    return rows["correct"].astype("Float64").fillna(0.5).astype(float).groupby(about).mean()


def _layout(material: Material, unseen: pd.DataFrame, spec: str) -> tuple[np.ndarray, float]:
    """Positions (n, 2) in 0..1 of held-out real images, then of samples, and the share of variance that they show."""
    folder = material.run.stage_folder("05_image_metrics")
    weights = folder / "classifier.safetensors"
    if not weights.is_file():
        raise RunError("metrics/classifier.safetensors is missing; run notebooks/05_image_metrics.ipynb first")
    extractor = load_extractor(str(weights) if spec == CLASSIFIER else spec)
    parts = [unseen["path"], material.samples["path"]]
    features = partial(_features, material, folder, extractor, parts)
    return kept_plane(material.run, extractor, [*parts[0], *parts[1]], features)


def _features(
    material: Material, folder: Path, extractor: FeatureExtractor, parts: Sequence[pd.Series]
) -> list[np.ndarray]:
    size = read_manifest(material.run, "05_image_metrics")["parameters"]["image_size"]
    cache = FeatureCache(folder / "features")
    images = (read_images(paths, material.run.folder, size, "Images of the atlas") for paths in parts)
    return [cache.features(extractor, own) for own in images]


def compared(points: pd.DataFrame, inside: np.ndarray) -> pd.DataFrame:
    """Compare the images inside a lasso with those outside: shares of each source and finding, and of right answers.

    ``inside``: indices of the points. Columns: what, inside, outside (shares, 0..1); the first line has counts.
    """
    chosen = np.zeros(len(points), dtype=bool)
    chosen[inside] = True
    sides = {"inside": points[chosen], "outside": points[~chosen]}
    lines = [{"what": "images", **{side: float(len(own)) for side, own in sides.items()}}]
    findings = sorted(value for value in points["finding"].unique() if value.endswith("present"))
    for column, values in (("source", points["source"].unique()), ("finding", findings)):
        for value in values:
            lines.append({"what": value, **{side: _share(own[column] == value) for side, own in sides.items()}})
    lines.append({"what": "right answers", **{side: own["rate"].mean() for side, own in sides.items()}})
    return pd.DataFrame(lines)


def _share(column: pd.Series) -> float:
    return float(column.mean()) if len(column) else float("nan")
