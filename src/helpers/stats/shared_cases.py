"""Differences of means over cases that two sides may share: a case with one name on both sides is one case."""

import numpy as np
import pandas as pd

from helpers.stats.crossed import Influence


def paired_difference(parts: list[Influence], cases: list[pd.Series]) -> Influence:
    """Influence of each case on the difference of two sides, the first less the second, by the same readers.

    ``parts``: ``mean_influence`` of each side; ``cases``: the case of each of its readings. Strata are the cases of the
    first side only, of the second only, and of both; where one has a single case, from which nothing can be learned
    of its spread, all cases are one stratum.
    """
    names = pd.Index(sorted(set().union(*cases)))
    shown = np.array([names.isin(own) for own in cases])
    stratum = np.unique(shown, axis=1, return_inverse=True)[1].ravel()
    if np.bincount(stratum).min() < 2:
        stratum = np.zeros(len(names), dtype=int)
    difference = np.zeros((*parts[0].cases.shape[:-1], len(names)))
    for sign, part, own in zip((1.0, -1.0), parts, shown, strict=True):
        difference[..., own] += sign * part.cases
    return Influence(parts[0].value - parts[1].value, difference, stratum)
