"""What a model observer learns, from real training images only: how findings look, and how real images vary."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression

from helpers.errors import ReadingError
from helpers.findings import ABSENT, PRESENT, Findings
from helpers.progress import track
from helpers.study.display import auc, image_size, render
from helpers.study.observers.channels import channels, measure, working_size

FOLDS = 5
LEAST = 3  # training images of each state that a finding needs


@dataclass(frozen=True)
class Discriminant:
    """Evidence that a finding is present, a log likelihood ratio: slope * weights @ (channels - middle) + intercept.

    ``middle`` lies half-way between the means of the two states. ``present``, ``absent``: number of training
    images of each state. ``auc``: how well the two are told apart out of fold.
    """

    weights: np.ndarray
    middle: np.ndarray
    slope: float
    intercept: float
    present: int
    absent: int
    auc: float

    def evidence(self, values: np.ndarray) -> np.ndarray:
        """Log likelihood ratio of present against absent, natural logarithm, shape (n,)."""
        return self.slope * ((values - self.middle) @ self.weights) + self.intercept


@dataclass(frozen=True)
class Deviation:
    """How far an image lies from real training images, overall and by cue.

    Logarithm of the mean squared whitened channel (overall: of the squared Mahalanobis distance), in standard
    deviations of held-out real images from their mean (``centre``, ``spread``).
    """

    mean: np.ndarray
    whitening: np.ndarray  # symmetric, so that a whitened channel still represents its own channel
    groups: dict[str, np.ndarray]
    centre: pd.Series
    spread: pd.Series

    def scores(self, values: np.ndarray) -> pd.DataFrame:
        """Standardised deviation: one row per image, columns "all" and the cues."""
        return (_log_distances(values, self.mean, self.whitening, self.groups) - self.centre) / self.spread


@dataclass(frozen=True)
class Expertise:
    """Everything that the simulated readers of a run have learned."""

    discriminants: dict[str, Discriminant]
    deviation: Deviation
    trained_on: int

    def summary(self) -> pd.DataFrame:
        """What was learned of each finding: finding, present and absent training images, out-of-fold AUC."""
        rows = [(name, d.present, d.absent, d.auc) for name, d in self.discriminants.items()]
        return pd.DataFrame(rows, columns=["finding", "present", "absent", "auc"])


def train_observer(
    cohort: pd.DataFrame, run_folder: str | Path, findings: Findings, seed: int, limit: int = 4000
) -> Expertise:
    """Learn from the real images of the training split, at most ``limit`` of them, seen as readers see them.

    Raises ReadingError if a finding has fewer than 3 training images of either state.
    """
    training = cohort[cohort.split == "train"]
    rng = np.random.default_rng([seed, 71])
    training = training.iloc[np.sort(rng.permutation(len(training))[:limit])]
    if training.empty:
        raise ReadingError("the cohort has no training images for the simulated readers to learn from (01_cohort)")
    images = _load(training, Path(run_folder))
    values, labels = measure(images), findings.condition_labels(training)
    found = {}
    for column, name in enumerate(findings.names):
        found[name] = learn_finding(values, labels[:, column], name, rng)
    return Expertise(found, learn_reality(values, images.shape[-1], rng), len(training))


def learn_finding(values: np.ndarray, labels: np.ndarray, name: str, rng: np.random.Generator) -> Discriminant:
    """Regularised Hotelling discriminant of a finding: weights = shrunk covariance^-1 (mean present - mean absent).

    ``values`` (n, channels); ``labels`` (n,): 1, 0, or -1 for images that are not used. The covariance is pooled within
    the two states and shrunk as in Ledoit and Wolf (2004). Slope and intercept come from out-of-fold scores by
    logistic regression with equal weight on both states, so that evidence is not overstated.
    """
    known = labels >= 0
    values, labels = values[known], labels[known]
    counts = {state: int((labels == state).sum()) for state in (PRESENT, ABSENT)}
    if min(counts.values()) < LEAST:
        raise ReadingError(
            f"simulated readers cannot learn {name}: {counts[PRESENT]} training images with it and {counts[ABSENT]} "
            f"without, {LEAST} of each are needed; use a larger cohort or let people read"
        )
    fold = np.empty(len(labels), dtype=int)
    for state in (PRESENT, ABSENT):  # each fold gets its share of both
        fold[labels == state] = rng.permutation(counts[state]) % FOLDS
    scores = np.empty(len(labels))
    for part in range(FOLDS):
        held_out = fold == part
        weights, middle = _hotelling(values[~held_out], labels[~held_out])
        scores[held_out] = (values[held_out] - middle) @ weights
    centre, scale = scores.mean(), scores.std() + 1e-12
    fitted = LogisticRegression(class_weight="balanced").fit(((scores - centre) / scale)[:, None], labels)
    slope = max(float(fitted.coef_[0, 0]), 0.0) / scale  # a discriminant that misleads out of fold gives no evidence
    intercept = float(fitted.intercept_[0]) - slope * centre if slope else 0.0
    told_apart = float(auc(scores, labels == PRESENT))
    weights, middle = _hotelling(values, labels)
    return Discriminant(weights, middle, slope, intercept, counts[PRESENT], counts[ABSENT], told_apart)


def learn_reality(values: np.ndarray, size: int, rng: np.random.Generator) -> Deviation:
    """Mean and shrunk covariance of real images' channels; the scale of deviations comes from held-out images."""
    named = channels(working_size(size))
    cues = dict.fromkeys(channel.cue for channel in named)
    groups = {cue: np.flatnonzero([channel.cue == cue for channel in named]) for cue in cues}
    fold = rng.permutation(len(values)) % FOLDS
    parts = []
    for part in range(FOLDS):
        mean, whitening = _whitened(values[fold != part])
        parts.append(_log_distances(values[fold == part], mean, whitening, groups))
    held_out = pd.concat(parts)
    mean, whitening = _whitened(values)
    return Deviation(mean, whitening, groups, held_out.mean(), held_out.std(ddof=1))


def _hotelling(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the discriminant, and the point half-way between the means of the two states."""
    means = {state: values[labels == state].mean(axis=0) for state in (PRESENT, ABSENT)}
    within = values - np.where((labels == PRESENT)[:, None], means[PRESENT], means[ABSENT])
    scale = within.std(axis=0) + 1e-9  # shrinkage is towards equal variances, so make them equal first
    covariance = ledoit_wolf(within / scale, assume_centered=True)[0]
    weights = np.linalg.solve(covariance, (means[PRESENT] - means[ABSENT]) / scale) / scale
    return weights, (means[PRESENT] + means[ABSENT]) / 2


def _whitened(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = values.mean(axis=0)
    scale = values.std(axis=0) + 1e-9
    covariance = ledoit_wolf((values - mean) / scale, assume_centered=True)[0]
    variances, axes = np.linalg.eigh(covariance)
    return mean, (axes / np.sqrt(variances)) @ axes.T / scale[:, None]


def _log_distances(values: np.ndarray, mean: np.ndarray, whitening: np.ndarray, groups: dict) -> pd.DataFrame:
    squares = ((values - mean) @ whitening) ** 2
    by_cue = {cue: squares[:, members].mean(axis=1) for cue, members in groups.items()}
    return np.log(pd.DataFrame({"all": squares.mean(axis=1)} | by_cue))


def _load(table: pd.DataFrame, folder: Path) -> np.ndarray:
    paths = [folder / path for path in table.path]
    size = image_size(paths[0])
    return np.stack([render(path, size) for path in track(paths, "Simulated readers learn")])
