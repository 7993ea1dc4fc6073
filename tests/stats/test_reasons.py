"""The notes of estimates: every one that has no interval, or an unusual one, says why."""

import numpy as np
import pytest

from helpers.stats.crossed import LIKE, THESE, Spread
from helpers.stats.reasons import ALIKE, FEW_CASES, NO_READERS, NO_SPREAD, TWO_READERS, note_of


@pytest.mark.parametrize(
    ("these", "like", "readers", "conclusion", "words"),
    [
        (0.01, 0.02, 3, LIKE, []), (0.01, 0.01, 3, LIKE, [NO_SPREAD]), (0.01, 0.01, 2, LIKE, [NO_SPREAD, TWO_READERS]),
        (0.01, np.nan, 1, LIKE, [NO_READERS]), (np.nan, np.nan, 3, THESE, [FEW_CASES]), (0.0, 0.0, 3, THESE, [ALIKE]),
        (0.01, 0.01, 2, THESE, []),
    ],
)  # fmt: skip
def test_an_estimate_says_why_its_interval_is_as_it_is(these, like, readers, conclusion, words):
    assert note_of(Spread(0.5, these, 9.0, like, 1.0), readers, conclusion) == "; ".join(words)
