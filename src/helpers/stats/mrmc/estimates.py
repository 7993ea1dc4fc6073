"""Figures of merit of readers on treatments, with the covariances due to shared cases.

Obuchowski and Rockette's analysis needs the same for every figure of merit: its value for each reader on each
treatment, and the covariances of these values over samples of cases.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mrmc.covariance import covariances
from helpers.stats.mrmc.panel import Panel, panel


@dataclass(frozen=True)
class Estimates:
    """``values`` (T, R) of treatments and readers, with their ``covariance`` (T, R, T, R).

    ``cases``: total number; ``cases_of``: mean number that a reader read of each treatment (T,); ``limits``: the range
    of possible values; ``note``: what was left out.
    """

    treatments: tuple[str, ...]
    readers: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    cases: int
    cases_of: tuple[float, ...]
    limits: tuple[float, float] = (0.0, 1.0)
    note: str = ""

    def minus(self, reader: str) -> "Estimates":
        """The other readers' values minus those of ``reader`` on the same treatment, in -width..width."""
        index = self.readers.index(reader)
        others = np.delete(np.arange(len(self.readers)), index)
        along, across = self.covariance[:, others], self.covariance[:, [index]]
        covariance = (along - across)[:, :, :, others] - (along - across)[:, :, :, [index]]
        width = self.limits[1] - self.limits[0]
        return replace(
            self,
            readers=tuple(self.readers[i] for i in others),
            values=self.values[:, others] - self.values[:, [index]],
            covariance=covariance,
            limits=(-width, width),
        )


def area_estimates(rows: pd.DataFrame, treatment: str = "source", covariance: str = "delong") -> Estimates:
    """Areas under the ROC curve of the readers who have one on every treatment; the note counts the others.

    ``rows`` and ``covariance`` as in ``obuchowski_rockette``. Raises StatisticsError for an unknown estimator, if no
    reader can be used, and for rows that ``panel`` rejects.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "case": list("1234") * 2, "source": "film", "finding": "mass",
    ...                      "truth": [0, 0, 1, 1] * 2, "rating": [1, 2, 2, 3, 1, 3, 2, 4]})
    >>> found = area_estimates(rows)
    >>> found.readers, found.values.tolist()
    (('a', 'b'), [[0.875, 0.75]])
    """
    whole = panel(rows, treatment)
    able = whole.able().all(axis=0)
    if not able.any():
        raise StatisticsError(f"no reader read present and absent cases of every {treatment}; compare fewer of them")
    used = whole.keep(able)
    note = f"readers without both truths in every {treatment}, left out: {(~able).sum()}" if not able.all() else ""
    values, together = covariances(used, covariance)
    cases = len(np.unique(used.case[used.read.any(axis=(0, 1))]))
    return Estimates(used.treatments, used.readers, values, together, cases, _cases_of(used), note=note)


def _cases_of(used: Panel) -> tuple[float, ...]:
    """Mean number of cases that a reader read of each treatment."""
    counts = [[len(np.unique(used.case[units])) for units in own] for own in used.read]
    return tuple(float(np.mean(own)) for own in counts)
