"""The table of hard settings: what is called to hold does, and what does not is named."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats import coverage, coverage_limits
from helpers.stats.coverage import COVERAGE
from helpers.stats.coverage_limits import EQUIVALENCE, HOLDS, KEY, NON_INFERIORITY
from helpers.stats.crossed import LIKE


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return coverage.load(coverage_limits.COMMITTED)


def test_every_setting_has_its_coverage_and_both_tests(known):
    assert not known.duplicated(KEY).any()
    per_setting = known.groupby(["measure", "design", "value", "readers", "cases", "spread", "conclusion"]).size()
    assert len(per_setting) == 4 * len(coverage_limits.settings()) and (per_setting == 4).all()
    assert set(known["what"]) == {COVERAGE, EQUIVALENCE, NON_INFERIORITY} and (known["sets"] == 10_000).all()
    for what, (least, most) in HOLDS.items():
        own = known[known["what"] == what]
        assert (own["holds"] == own["share"].between(least, most)).all()
    assert "seed 1" in coverage.origin(coverage_limits.COMMITTED)


def test_what_does_not_hold_is_one_source_read_by_three_readers_who_differ(known):
    fails = known[~known["holds"]]
    assert set(fails["what"]) == {COVERAGE} and set(fails["design"]) == {"three readers"}
    assert set(fails["conclusion"]) == {"readers like these"} and set(fails["spread"]) == {"readers differ"}
    assert fails["share"].min() > 0.92


def test_two_readers_are_never_too_sure_of_others(known):
    two = known[(known["readers"] == 2) & (known["what"] == COVERAGE) & (known["conclusion"] == LIKE)]
    assert set(two["cases"]) == {25, 100, 105} and (two["share"] > 0.96).all()


def test_equivalence_near_one_is_claimed_no_more_often_than_promised(known):
    near = known.query("measure == 'accuracy' and readers == 3 and cases == 20 and what == @EQUIVALENCE")
    assert set(near["value"]) == {0.98, 0.99} and (near["share"] <= 0.05).all()


def test_a_setting_can_be_simulated_again(known):
    again = coverage_limits.table(sets=100, seed=3)
    both = known.merge(again, on=KEY, suffixes=("", "_again"), validate="one_to_one")
    assert len(both) == len(known)
    pooled = ((both["share"] + 0.01 * both["share_again"]) / 1.01).clip(0.005, 0.995)
    z = (both["share_again"] - both["share"]) / np.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 10_000))
    assert z.abs().max() < 5
