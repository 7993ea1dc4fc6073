"""Power with prompts as a random effect, against simulation and closed forms."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from helpers.errors import StatisticsError
from helpers.stats.prompt_effect import Components
from helpers.stats.prompt_power import power, simulated_power, templates_needed

SPREAD = Components(reader=0.4, template=0.5, reader_template=0.2, case=0.6, rest=1.0)


@pytest.mark.parametrize(
    ("readers", "templates", "images", "effect"), [(8, 10, 4, 1.0), (12, 6, 8, 1.2), (6, 20, 2, 0)]
)
def test_power_is_that_of_simulated_studies(readers, templates, images, effect):
    found = power(SPREAD, effect, readers, templates, images)
    assert simulated_power(SPREAD, effect, readers, templates, images, sets=10_000) == pytest.approx(found, abs=0.025)


def test_without_effects_of_templates_and_cases_power_is_that_of_a_t_test_over_readers():
    spread = Components(reader=1.0, template=0.0, reader_template=0.0, case=0.0, rest=0.0)
    expected = TTestPower().power(effect_size=0.9, nobs=9, alpha=0.05)
    assert power(spread, 0.9, readers=9, templates=5, images=3) == pytest.approx(expected, abs=1e-6)


def test_power_rises_to_one_with_templates_and_effect():
    spread = Components(reader=0.0002, template=-0.0003, reader_template=0.0016, case=0.05, rest=0.21)
    found = [power(spread, 0.1, readers=3, templates=count, images=20) for count in range(2, 200)]
    assert (np.diff(found) > -1e-3).all() and found[0] < 0.2 and found[-1] > 0.99
    assert power(spread, 5.0, readers=3, templates=5, images=20) == pytest.approx(1.0)


def test_more_readers_or_images_never_need_more_templates_however_sure_the_result_is():
    """scipy's noncentral distribution function is NaN for some large effects, which once counted as too little."""
    nearly_all_right = Components(reader=-2e-4, template=0.0, reader_template=1.9e-4, case=1.2e-3, rest=2.2e-2)
    table = templates_needed(nearly_all_right, 0.1, readers=[3, 5, 10, 20], images=[1, 5, 20])
    templates = table.pivot(index="readers", columns="images", values="templates").astype(int)
    assert (templates.diff().dropna() <= 0).all(axis=None) and (templates.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


def test_more_images_do_not_stand_in_for_more_templates():
    few, many = (power(SPREAD, 0.7, readers=20, templates=4, images=n) for n in (10, 1000))
    assert many < 0.5 and power(SPREAD, 0.7, readers=20, templates=20, images=10) > 0.75 > many > few


def test_the_fewest_templates_reach_the_power_and_one_fewer_does_not():
    table = templates_needed(SPREAD, 1.0, readers=[4, 12], images=[1, 10])
    assert table["templates"].isna().tolist() == [True, True, False, False]
    assert table["note"][0].endswith("take more readers") and table["note"][3] == ""
    for row in table.dropna(subset="templates").itertuples():
        assert row.power == power(SPREAD, 1.0, row.readers, row.templates, row.images) >= 0.8
        assert power(SPREAD, 1.0, row.readers, row.templates - 1, row.images) < 0.8


@pytest.mark.parametrize(
    ("readers", "templates", "effect", "low", "high"),
    [(8, 10, 0.15, -0.01, 0.02), (20, 3, 0.25, -0.045, 0.0), (4, 4, 0.2, 0.03, 0.07), (8, 2, 0.3, -0.18, -0.1)],
)
def test_few_readers_or_templates_move_it_from_the_simulation_by_as_much_as_is_said(
    readers, templates, effect, low, high
):
    of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    gap = power(of, effect, readers, templates, 4) - simulated_power(of, effect, readers, templates, 4, sets=10_000)
    assert low < gap < high


def test_one_template_is_too_few():
    with pytest.raises(StatisticsError, match="need at least 2, 2 and 1"):
        power(SPREAD, 1.0, readers=5, templates=1, images=9)
