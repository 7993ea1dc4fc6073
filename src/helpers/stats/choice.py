"""Finding the synthetic image among m: the proportion right, and the sensitivity d' that does not depend on m.

The observer of signal detection theory chooses the image with the strongest evidence. Evidence is standard normal for
real images and d' higher on average for the synthetic one, so that the proportion right is

    P = integral of phi(x - d') Phi(x)^(m - 1) dx

(Green and Swets 1966, Signal Detection Theory and Psychophysics; tables of its inverse by Hacker and Ratcliff 1979,
Perception & Psychophysics 26:168). For m = 2, d' = sqrt(2) z(P). Checked against ``dprime.mAFC`` of the R package
psyphy.
"""

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from helpers.stats.proportions import summarise
from helpers.stats.readings import analysed, score
from helpers.tasks import TASKS

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(80)  # means over a standard normal variable
LARGEST = 8.0  # d' beyond which no study can tell the proportion from 0 or 1
WITHOUT_LIMIT = "d' has no limit where every answer is right, or every one wrong"


def proportion_right(sensitivity: float, alternatives: int) -> float:
    """Proportion right of an observer with this d' who chooses one of ``alternatives`` images."""
    return float((_WEIGHTS * ndtr(_NODES + sensitivity) ** (alternatives - 1)).sum() / _WEIGHTS.sum())


def sensitivity(proportion: float, alternatives: int) -> float:
    """d' that gives this proportion right: negative below chance, infinite for 0 and 1, NaN for NaN."""
    if np.isnan(proportion):
        return np.nan
    if proportion <= proportion_right(-LARGEST, alternatives):
        return -np.inf
    if proportion >= proportion_right(LARGEST, alternatives):
        return np.inf
    return brentq(lambda value: proportion_right(value, alternatives) - proportion, -LARGEST, LARGEST)


def choices_in(readings: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The analysed readings of each choice task in a table, by task name; StatisticsError if there are none."""
    choices = [task.name for task in TASKS.values() if not task.ordered]
    found = [name for name in choices if name in set(readings["task"])]
    return {name: analysed(readings, name) for name in found or choices[:1]}


def accuracy(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Proportion right in each group of ``by``, with p value against chance (1 / m), as in ``proportions.accuracy``.

    ``rows``: analysed readings of one choice task. Rows with a blank in ``by`` are left out.
    """
    known = rows.dropna(subset=by)
    return summarise(known, score(known), by, TASKS[rows["task"].iloc[0]].chance)


def sensitivities(proportions: pd.DataFrame, task: str) -> pd.DataFrame:
    """d' for each row of ``accuracy`` of a task, in the same columns: the proportion and its interval, transformed.
    The p value is unchanged: d' is 0 exactly when the proportion equals chance."""
    alternatives = len(TASKS[task].places)
    found = proportions.drop(columns=["standard_error", "degrees_of_freedom"])
    for name in ("value", "low", "high"):
        found[name] = [sensitivity(proportion, alternatives) for proportion in proportions[name]]
    endless = np.isinf(found["value"])
    found["note"] = found["note"].mask(endless, found["note"] + "; " + WITHOUT_LIMIT)
    return found


def accuracy_by_part(rows: pd.DataFrame) -> pd.DataFrame:
    """``accuracy`` by finding and by the cue named for the choice, for each source: columns by ("finding" or
    "cue"), part, source, then as in ``accuracy``; cues that nobody named are absent."""
    parts = [name for name in ("finding", "cue") if rows[name].notna().any()]
    tables = [accuracy(rows, [name, "source"]).rename(columns={name: "part"}).assign(by=name) for name in parts]
    found = pd.concat(tables, ignore_index=True)
    return found[["by", *found.columns.drop("by")]]
