"""Are synthetic images useful for training? Small classifiers trained with and without them, tested on real images."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal
from zlib import crc32

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.special import stdtrit
from sklearn.metrics import roc_auc_score

from helpers.checks import Positive, Several, checked
from helpers.errors import MetricError
from helpers.findings import Cell, Findings, in_cell
from helpers.image_metrics.comparison import COLUMNS
from helpers.image_metrics.condition import influence
from helpers.image_metrics.features import fit_size
from helpers.image_metrics.images import in_range
from helpers.image_metrics.learners import LEARNERS, Material
from helpers.progress import track
from helpers.tables import REAL

ALONE, PRETRAINED = "alone", "before real"
UTILITY, GAIN = "utility_auroc", "utility_gain"
ALL = "all"


@checked(MetricError, "utility: ")
class Trials:
    """How utility is tested: kind of classifier, its width (hidden units or channels), passes over the images, side of
    the images in pixels, repeats (seeds), images added per real one, and the most images per cell.

    Raises MetricError for an unknown kind, fewer than two seeds or a ratio that is not above 0 and at most 1.
    """

    learner: Literal[tuple(LEARNERS)] = "perceptron"
    width: Positive = 64
    passes: Positive = 150
    size: Positive = 16
    seeds: Annotated[int, Field(ge=2)] = 5
    ratios: Annotated[Several[Annotated[float, Field(gt=0, le=1)]], Field(min_length=1)] = (0.5, 1.0)
    per_cell: Positive = 500

    @property
    def described(self) -> str:
        """The learner in words, for figures."""
        return f"{self.learner} of width {self.width}, {self.passes} passes over {self.size}-pixel images"


@dataclass(frozen=True)
class Pool:
    """A cohort or samples table with its images, uint8 (n, size, size)."""

    table: pd.DataFrame
    images: np.ndarray

    def sorted(self) -> "Pool":
        """The same sorted by image_id, so that nothing depends on the order of rows."""
        order = np.argsort(self.table["image_id"].to_numpy())
        return Pool(self.table.iloc[order].reset_index(drop=True), self.images[order])

    def resized(self, size: int) -> "Pool":
        """The same with images of ``size`` pixels."""
        if self.images.shape[-1] == size:
            return self
        parts = (fit_size(in_range(self.images[i : i + 512]), size) for i in range(0, len(self.images), 512))
        return Pool(self.table, np.concatenate([np.rint(part * 255).astype(np.uint8) for part in parts]))

    def material(self, rows: dict[Cell, np.ndarray], n: int, findings: Findings) -> Material:
        """The first n rows of every cell, each labeled only with the finding of its cell."""
        chosen = np.concatenate([index[:n] for index in rows.values()])
        labels = np.concatenate(
            [np.tile(findings.condition(cell), (len(index[:n]), 1)) for cell, index in rows.items()]
        )
        owner = "patient_id" if "patient_id" in self.table else "image_id"
        return Material(self.images[chosen], labels, self.table[owner].to_numpy(dtype=str)[chosen])


def try_out(train: Pool, held_out: Pool, samples: Pool, trials: Trials, findings: Findings, seed: int) -> pd.DataFrame:
    """Scores of held-out real images by classifiers trained in every way, as a long table.

    Ways: ``alone``; added to real images at each ratio; ``before real``, as pre-training before real images. For
    source "real" the added images are other real ones, to show the gain from equally many more real images. Real
    training images are drawn like the synthetic ones: as many per cell, and each labeled only with the finding of its
    cell, so that images and labels are equal in number in all ways. Every seed draws new images and starts from new
    weights, the same for every way.
    Columns: source, way, seed, image_id, patient_id, and a score per finding.
    Raises MetricError if a cell has fewer than 4 training images or 2 synthetic images.
    """
    sources = list(samples.table["source"].unique())
    train, held_out, samples = (pool.resized(trials.size).sorted() for pool in (train, held_out, samples))
    test = held_out.table[["image_id", "patient_id"]]
    parts, learn = [], LEARNERS[trials.learner]
    ways = 1 + len(trials.ratios) + len(sources) * (2 + len(trials.ratios))
    runs = (
        run
        for number in range(trials.seeds)
        for run in _ways(train, samples, sources, trials, findings, [seed, number])
    )
    for source, way, number, material, before in track(runs, "Training on", "classifiers", ways * trials.seeds):
        scoring = learn(material, before, trials.width, trials.passes, 1000 * seed + number)
        scores = pd.DataFrame(scoring(held_out.images), columns=list(findings.names))
        parts.append(pd.concat([test.assign(source=source, way=way, seed=number), scores], axis=1))
    return pd.concat(parts, ignore_index=True)


def _ways(
    train: Pool, samples: Pool, sources: list[str], trials: Trials, findings: Findings, seeds: list[int]
) -> Iterator[tuple]:
    """Ways of one repeat: source, way, number of the repeat, training images, and pre-training images or None."""
    number = seeds[-1]
    # Every source has its own random numbers, so that none depends on which others there are.
    dice = {source: np.random.default_rng([*seeds, 15, crc32(source.encode())]) for source in (REAL, *sources)}
    known = {cell: dice[REAL].permutation(np.flatnonzero(in_cell(train.table, cell))) for cell in findings.cells}
    asked = {
        source: {cell: dice[source].permutation(_asked(samples.table, source, cell)) for cell in findings.cells}
        for source in sources
    }
    counts = [len(index) // 2 for index in known.values()]
    counts += [len(index) for cells in asked.values() for index in cells.values()]
    n = min(*counts, trials.per_cell)
    if n < 2:
        raise MetricError(
            "utility: some cell has fewer than 4 training images or 2 synthetic ones; raise per_cell of 04_sample"
        )
    real = train.material(known, n, findings)
    yield REAL, ALONE, number, real, None
    other = {cell: index[n:] for cell, index in known.items()}
    for source, pool, rows in ((REAL, train, other), *((source, samples, asked[source]) for source in sources)):
        for ratio in trials.ratios:
            more = pool.material(rows, max(1, round(ratio * n)), findings)
            yield source, added(ratio), number, real + more, None
        if source != REAL:
            made = pool.material(rows, n, findings)
            yield source, ALONE, number, made, None
            yield source, PRETRAINED, number, real, made


def _asked(samples: pd.DataFrame, source: str, cell: Cell) -> np.ndarray:
    chosen = (samples["source"] == source) & (samples["finding"] == cell.finding) & (samples["present"] == cell.present)
    return np.flatnonzero(chosen.to_numpy())


def added(ratio: float) -> str:
    """Name of the way that adds this many images per real one."""
    return f"added {ratio:g}"


def utility_table(scores: pd.DataFrame, held_out: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """AUROC on held-out real images for every way, and its paired gain over real images alone, by finding and overall.

    Columns: source, way, finding ("all" is the mean over findings), metric, value, low, high, n, method. The interval
    covers other seeds and other patients: variance between seeds over their number, plus that between patients
    (DeLong's components summed within patients, mean over seeds), t with Satterthwaite's degrees of freedom. Variance
    shared by seeds and patients is counted twice, so the interval tends to be too wide.
    """
    held_out = held_out.sort_values("image_id")  # the order of the scores
    names, labels = findings.names, findings.condition_labels(held_out)
    patients = np.unique(held_out["patient_id"], return_inverse=True)[1]
    judged = [k for k in range(len(names)) if min((labels[:, k] == 1).sum(), (labels[:, k] == 0).sum()) >= 2]
    found = {}
    for (source, way), table in scores.groupby(["source", "way"], sort=False):
        by_seed = [part[list(names)].to_numpy() for _, part in table.groupby("seed")]
        parts = {names[k]: _areas([part[:, k] for part in by_seed], labels[:, k], patients) for k in judged}
        if parts:
            parts[ALL] = tuple(np.mean([part[place] for part in parts.values()], axis=0) for place in (0, 1))
        found[source, way] = parts
    rows, base = [], found[REAL, ALONE]
    for (source, way), parts in found.items():
        for finding, (areas, moved) in parts.items():
            rows.append((source, way, finding, UTILITY, *_interval(areas, moved), len(held_out)))
            if (source, way) != (REAL, ALONE):
                change, paired = areas - base[finding][0], moved - base[finding][1]
                rows.append((source, way, finding, GAIN, *_interval(change, paired), len(held_out)))
    table = pd.DataFrame(rows, columns=["source", "way", "finding", "metric", "value", "low", "high", "n"])
    seeds = scores["seed"].nunique()
    return table.assign(method=f"tested on held-out real images; {seeds} seeds, t interval over seeds and patients")


def _areas(by_seed: list[np.ndarray], truth: np.ndarray, patients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUROC of each seed (seeds,), and the contribution of each patient to it (seeds, patients)."""
    known = truth >= 0
    areas = [roc_auc_score(truth[known], score[known]) for score in by_seed]
    parts = [influence(truth[known], score[known]) for score in by_seed]
    return np.array(areas), np.array([np.bincount(patients[known], p, minlength=patients.max() + 1) for p in parts])


def _interval(values: np.ndarray, influences: np.ndarray) -> tuple[float, float, float]:
    seeds, moved = len(values), influences.mean(axis=0)
    count = max(np.count_nonzero(moved), 2)
    between, patients = values.var(ddof=1) / seeds, count / (count - 1) * float((moved**2).sum())
    variance = between + patients
    degrees = variance**2 / (between**2 / (seeds - 1) + patients**2 / (count - 1)) if variance else 1.0
    reach = stdtrit(degrees, 0.975) * np.sqrt(variance)
    return float(values.mean()), float(values.mean() - reach), float(values.mean() + reach)


def headline_rows(utility: pd.DataFrame) -> pd.DataFrame:
    """Rows for the metrics table: gain from adding images at the largest ratio, mean over findings, by source.

    For source "real", the gain from as many other real images. Columns as in ``compare``.
    """
    ways = [way for way in utility["way"].unique() if way.startswith("added ")]
    most = max(ways, key=lambda way: float(way.split()[1]))
    rows = utility[(utility["finding"] == ALL) & (utility["metric"] == GAIN) & (utility["way"] == most)]
    return rows.assign(finding=None, present=None)[COLUMNS].astype({"present": "Int64"}).reset_index(drop=True)
