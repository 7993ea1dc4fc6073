"""Influence of each case on the area under a reader's ROC curve.

The area is the Wilcoxon statistic, ties counting one half. The structural components of DeLong, DeLong and
Clarke-Pearson (1988, Biometrics 44:837, equations 3 to 6) are the share of absent cases rated below a present one (V10)
and of present cases rated above an absent one (V01); their deviations from the area are the contributions of the cases.
"""

import numpy as np

from helpers.placements import placements
from helpers.stats.mrmc.panel import Panel


def area(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Area under the ROC curve of one reader, or of several, and the structural components of each case.

    ``positive`` (..., m) and ``negative`` (..., n) ratings; returns areas (...), V10 (..., m), V01 (..., n), in 0..1.

    >>> value, v10, v01 = area(np.array([2, 3, 3]), np.array([1, 2, 3]))
    >>> value.round(3).item(), v10.round(2).tolist(), v01.round(2).tolist()  # 6.5 of 9 pairs are in order
    (0.722, [0.5, 0.83, 0.83], [1.0, 0.83, 0.33])
    """
    v10 = placements(negative, positive)
    return v10.mean(axis=-1), v10, 1.0 - placements(positive, negative)


def areas(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Area of every reader on every treatment (T, R), mean over findings, with the contribution of each unit.

    Also returns the deviations V - area (T, R, U) within the unit's own finding, 0 where unread, and the number of
    cases of the unit's own finding and truth that the reader read (T, R, U). The area is NaN for a reader who is not
    ``able``.
    """
    treatments, readers, units = panel.ratings.shape
    deviation, count = np.zeros((treatments, readers, units)), np.zeros((treatments, readers, units))
    read, able = panel.read, panel.able()
    value = np.where(able, 0.0, np.nan)
    for t in range(treatments):
        findings = panel.findings_of(t)
        for f in findings:
            sides = [np.flatnonzero((panel.finding == f) & (panel.truth == side)) for side in (1, 0)]
            for group in _who_read_the_same(read[t][:, np.concatenate(sides)], np.flatnonzero(able[t])):
                own = [side[read[t, group[0], side]] for side in sides]
                estimate, *components = area(*(panel.ratings[t][np.ix_(group, side)] for side in own))
                value[t, group] += estimate / len(findings)
                for side, component in zip(own, components, strict=True):
                    deviation[t][np.ix_(group, side)] = component - estimate[:, None]
                    count[t][np.ix_(group, side)] = len(side)
    return value, deviation, count


def _who_read_the_same(read: np.ndarray, readers: np.ndarray) -> list[np.ndarray]:
    """Groups of ``readers`` (numbers) who read the same units; ``read`` (R, U) bool."""
    groups: dict[bytes, list[int]] = {}
    for reader in readers:
        groups.setdefault(read[reader].tobytes(), []).append(reader)
    return [np.array(group) for group in groups.values()]


def influence(panel: Panel, method: str = "delong") -> tuple[np.ndarray, np.ndarray]:
    """Areas (T, R) and the influence of each case on them (T, R, cases), whose cross products are covariances.

    ``method``: "delong", the structural components with the n - 1 correction; or "jackknife", leaving out one case at a
    time, which needs no refitting, as an area without a case follows from its structural component:
    area_(c) = area + (area - V_c) / (n - 1), n being the number of cases with the truth of c. NaN if a reader read a
    single present or absent case.
    """
    value, deviation, count = areas(panel)
    findings = np.array([len(panel.findings_of(t)) for t in range(len(value))])[:, None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        if method == "delong":
            scale = np.sqrt(1.0 / (count * (count - 1.0)))
        else:
            every = panel.read.sum(axis=-1, keepdims=True)
            scale = np.sqrt((every - 1.0) / every) / (count - 1.0)
        by_unit = np.where(count > 0, deviation * scale / findings, 0.0)
    by_case = np.zeros((*value.shape, panel.case.max() + 1))
    np.add.at(by_case, (slice(None), slice(None), panel.case), by_unit)
    return value, by_case
