"""A pilot: the components of a study, and what cannot be one."""

import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.pilot import pilot, pilot_of_areas
from helpers.stats.mrmc.sample_size import UNPAIRED_CASES, Plan, power, power_map


def test_a_pilot_whose_treatments_share_no_cases_says_so(ratings):
    apart = pilot(area_estimates(ratings(1, readers=5)))
    assert apart.cov1 == 0
    planned = power_map(apart, 0.1, [5], [50]).set_index("conclusion")
    assert "share no cases" in planned.at[LIKE, "note"]
    assert power(apart, 0.1, 5, 50) == pytest.approx(power(apart, 0.1, 5, 50, Plan(UNPAIRED_CASES)))
    assert apart.cases == 27


def test_a_pilot_needs_two_treatments_and_readers(ratings):
    with pytest.raises(StatisticsError, match="two treatments and two readers, not 1 and 4"):
        pilot(area_estimates(ratings(2, sources=("gan",))))
    with pytest.raises(StatisticsError, match="not 2 and 1"):
        pilot(area_estimates(ratings(2, readers=1)))
    rows = ratings(2)
    with pytest.raises(StatisticsError, match="nothing to plan from"):
        pilot(area_estimates(rows.assign(rating=rows["truth"])))


def test_a_pilot_counts_the_cases_that_a_reader_read(ratings):
    rows = ratings(3, crossed=True)
    half = rows["case"].str.split("-").str[1].astype(int) % 2 == 0
    split = rows[half == rows["reader"].isin(["r0", "r1"])]
    assert pilot(area_estimates(split)).cases == pytest.approx(13.5)


def test_a_pilot_needs_ratings():
    with pytest.raises(StatisticsError, match="nobody read the conditionality task"):
        pilot_of_areas(None, ["gan", "real"])
