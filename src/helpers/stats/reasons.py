"""Notes on why a proportion, an area or a difference of two has no interval, or a special kind of interval."""

import numpy as np

from helpers.stats.crossed import LIKE, Spread

NO_READERS = "not estimable: one reader"
TWO_READERS = "two readers say little of others: the interval is wide even where they agree"
FEW_CASES = "not estimable: fewer than two cases for a reader"
ALIKE = "all answers alike: interval as if two readers' answers to a case had a correlation of 1/4"
SAME_ANSWERS = "no interval: the two were answered alike, case by case"
INDEPENDENT = "no reader read both: difference of the means of different readers"
NO_SPREAD = "readers differ no more than by chance: interval as if they were alike"


def note_of(result: Spread, readers: int, conclusion: str) -> str:
    """The note on an estimate from this many ``readers``; empty if there is none.

    >>> note_of(Spread(0.5, 0.01, 9.0, 0.02, 1.0), 1, LIKE)
    'not estimable: one reader'
    """
    variance = result.of(conclusion)[0]
    if conclusion == LIKE and readers == 1:
        return NO_READERS
    if np.isnan(variance) or variance == 0:
        return FEW_CASES if np.isnan(variance) else ALIKE
    notes = [NO_SPREAD] if conclusion == LIKE and variance == result.these_variance else []
    notes += [TWO_READERS] if conclusion == LIKE and readers == 2 else []
    return "; ".join(notes)
