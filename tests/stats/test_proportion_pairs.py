"""Two proportions side by side: by the readers who read both, else by different ones."""

import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.proportion_pairs import pair_of, sides_of
from helpers.stats.reasons import INDEPENDENT


def readings(readers: dict[str, str]) -> pd.DataFrame:
    lines = [(r, s, f"{s}{c}", float(c % 3 > 0)) for s, names in readers.items() for r in names for c in range(6)]
    return pd.DataFrame(lines, columns=["reader", "source", "case", "score"])


def test_readers_of_one_side_only_are_left_out_and_counted():
    sides, seen = sides_of(readings({"film": "abc", "screen": "bcd"}), "source", ("film", "screen"))
    assert seen == 4 and [set(side["reader"]) for side in sides] == [{"b", "c"}] * 2
    pair = pair_of(sides)
    assert pair.same and pair.readers == 2 and pair.cases == 12 and INDEPENDENT not in pair.notes("these readers")


def test_where_nobody_read_both_everybody_counts_and_the_note_says_so():
    sides, seen = sides_of(readings({"film": "ab", "screen": "cd"}), "source", ("film", "screen"))
    pair = pair_of(sides)
    assert seen == pair.readers == 4 and not pair.same and INDEPENDENT in pair.notes("these readers")


def test_a_side_without_readings_is_named():
    with pytest.raises(StatisticsError, match="no readings with source 'screen'; there is: film"):
        sides_of(readings({"film": "ab"}), "source", ("film", "screen"))
