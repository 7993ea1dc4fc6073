"""Cases that two sides share are paired with themselves."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.crossed import mean_influence, spread
from helpers.stats.shared_cases import paired_difference


def side(scores: np.ndarray, cases) -> tuple:
    """Influence and cases of complete scores (readers, cases)."""
    readers = [f"r{r}" for r in range(len(scores))]
    rows = pd.DataFrame({"reader": np.repeat(readers, scores.shape[1]), "case": list(cases) * len(scores)})
    return mean_influence(rows, scores.ravel(), readers), rows["case"]


def difference(first: tuple, second: tuple):
    return spread(paired_difference([first[0], second[0]], [first[1], second[1]]))


def test_one_reader_of_the_same_cases_has_the_paired_t_test():
    scores = np.random.default_rng(1).random((2, 12))
    cases = [f"c{c}" for c in range(12)]
    found = difference(side(scores[:1], cases), side(scores[1:], cases))
    own = scores[0] - scores[1]
    assert found.these_variance == pytest.approx(own.var(ddof=1) / 12) and found.these_degrees == pytest.approx(11)


def test_readers_of_the_same_cases_have_the_mean_of_their_paired_differences():
    scores = np.random.default_rng(2).random((2, 4, 15))
    cases = [f"c{c:02d}" for c in range(15)]
    found = difference(side(scores[0], cases), side(scores[1], cases[::-1]))
    mean = scores[0].mean(axis=0) - scores[1].mean(axis=0)[::-1]
    assert found.these_variance == pytest.approx(mean.var(ddof=1) / 15)


def test_sides_without_a_common_case_are_independent():
    scores = np.random.default_rng(3).random((2, 3, 10))
    parts = [side(own, [f"{name}{c}" for c in range(10)]) for name, own in zip("ab", scores, strict=True)]
    found, singles = difference(*parts), [spread(part[0]) for part in parts]
    assert found.these_variance == pytest.approx(sum(single.these_variance for single in singles))
    plain = spread(parts[0][0] - parts[1][0])
    assert found.these_degrees == pytest.approx(plain.these_degrees)
    assert found.like_variance == pytest.approx(plain.like_variance)


@pytest.mark.parametrize("common", [1, 4, 9])
def test_some_common_cases_leave_a_variance(common):
    scores = np.random.default_rng(4).random((2, 3, 10))
    cases = [[f"{'s' if c < common else name}{c}" for c in range(10)] for name in "ab"]
    found = difference(side(scores[0], cases[0]), side(scores[1], cases[1]))
    assert np.isfinite(found.these_variance) and found.these_degrees > 0
