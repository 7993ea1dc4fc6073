"""The table of hard settings: what is called to hold does, and what does not is named."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats import coverage, coverage_limits
from helpers.stats.coverage import COVERAGE
from helpers.stats.coverage_limits import EQUIVALENCE, HOLDS, KEY, NON_INFERIORITY


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


def test_what_does_not_hold_is_of_readers_like_these_who_differ(known):
    """Two readers, or five who differ near 1; never far off."""
    fails = known[~known["holds"]]
    assert (fails["conclusion"] == "readers like these").all() and (fails["spread"] == "readers differ").all()
    assert set(fails["design"]) <= {"two readers", "two readers, unequal classes", "near 1"}
    assert fails.loc[fails["what"] == COVERAGE, "share"].min() > 0.89
    assert fails.loc[fails["what"] != COVERAGE, "share"].max() < 0.085


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
