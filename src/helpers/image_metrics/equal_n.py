"""What real images would score if there were as few of them as of a synthetic source: the baseline at equal n.

The condition metrics do not depend on the number of images, so all real images are used and their intervals are
narrow. Whether a source differs from real images by more than chance is judged against the range for equally few.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.image_metrics.calibration import BRIER, CALLED
from helpers.image_metrics.comparison import COLUMNS
from helpers.image_metrics.condition import METRIC as AUROC
from helpers.image_metrics.condition import Judged
from helpers.placements import placements
from helpers.tables import REAL

EQUAL_N = "_equal_n"
DRAWS = 1000


def condition_at_equal_n(judgements: list[Judged], seed: int) -> pd.DataFrame:
    """AUROC, Brier score and shares called present for as few real images as the smallest source has, as a tidy table.

    Median and 95 % range of random draws, with replacement, of as many real images with and without a finding as were
    requested of the source with the fewest. Metrics are named as at full n, with the suffix ``_equal_n``. Columns as in
    ``compare``; a row without a finding is the mean AUROC over findings, given if all are.
    """
    rows, means = [], []
    for place, real in enumerate(judgements):
        if real.source != REAL:
            continue
        rng = np.random.default_rng([seed, 15, place])
        sizes = _smallest([j.truth for j in judgements if j.finding == real.finding and j.source != REAL])
        drawn = list(_draws(real, sizes, rng))
        numbers = {
            (AUROC, None): (_auroc, sum(sizes)),
            (BRIER, None): (_brier, sum(sizes)),
            (CALLED, 1): (lambda present, absent: (present > 0.5).mean(), sizes[1]),
            (CALLED, 0): (lambda present, absent: (absent > 0.5).mean(), sizes[0]),
        }
        for (metric, present), (statistic, n) in numbers.items():
            values = [statistic(*scores) for scores in drawn]
            rows.append((REAL, real.finding, present, metric + EQUAL_N, *_range(values, n)))
            if metric == AUROC:
                means.append(values)
    if means and all(means):
        n = sum(row[7] for row in rows if row[3] == AUROC + EQUAL_N)
        rows.append((REAL, None, None, AUROC + EQUAL_N, *_range(np.mean(means, axis=0), n)))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def physics_at_equal_n(measurements: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean of each measurement for as few real images as the smallest source has, by cell, as a tidy table.

    Takes the output of ``physics.by_cell``; otherwise as ``condition_at_equal_n``.
    """
    rows, rng = [], np.random.default_rng([seed, 16])
    for (finding, present, metric), part in measurements.groupby(["finding", "present", "metric"], sort=False):
        counts = part["source"].value_counts()
        n = int(counts.drop(REAL, errors="ignore").min()) if len(counts) > 1 else 0
        values = np.sort(part.loc[part["source"] == REAL, "value"].to_numpy())
        means = rng.choice(values, (DRAWS, n)).mean(axis=1) if n and len(values) else []
        rows.append((REAL, finding, present, metric + EQUAL_N, *_range(means, n)))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})


def with_equal_n(metrics: pd.DataFrame) -> pd.DataFrame:
    """The metrics table with the rows at equal n in place of those of all real images, under the same names."""
    equal = metrics["metric"].str.endswith(EQUAL_N)
    replaced = metrics[equal].assign(metric=metrics["metric"].str.removesuffix(EQUAL_N))
    gone = (metrics["source"] == REAL) & metrics["metric"].isin(set(replaced["metric"]))
    return pd.concat([replaced, metrics[~equal & ~gone]], ignore_index=True)


def _smallest(truths: list[np.ndarray]) -> tuple[int, int]:
    """Smallest numbers of absent and present images of any source."""
    return tuple(min((int((truth == state).sum()) for truth in truths), default=0) for state in (0, 1))


def _draws(real: Judged, sizes: tuple[int, int], rng) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Repeated draws of the scores of present and of absent images; nothing if there are none to draw."""
    absent, present = (np.sort(real.score[real.truth == state]) for state in (0, 1))  # so their order does not matter
    if not all((*sizes, len(absent), len(present))):
        return
    for _ in range(DRAWS):
        yield rng.choice(present, sizes[1]), rng.choice(absent, sizes[0])


def _auroc(present: np.ndarray, absent: np.ndarray) -> float:
    return float(placements(absent, present).mean())


def _brier(present: np.ndarray, absent: np.ndarray) -> float:
    return float((((present - 1) ** 2).mean() + (absent**2).mean()) / 2)


def _range(values: list | np.ndarray, n: int) -> tuple:
    """Value, low, high, n and method."""
    if not len(values):
        return np.nan, np.nan, np.nan, n, "not given: no real images, or none of a source"
    low, value, high = np.percentile(values, [2.5, 50, 97.5])
    return value, low, high, n, f"median and 95 % range of {len(values)} draws of as few real images"
