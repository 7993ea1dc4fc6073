"""Power by simulation: right where theory knows it, the same for any number of processes."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.latent import Latent
from helpers.stats.power import design_grid, detectable, power, sides, simulate
from helpers.stats.roe_metz import ACCURACY, AREA

MODEL = Latent(reader=0.1, reader_by_source=0.05, case=0.2, thresholds=(-0.3, 0.3))
INDEPENDENT = Latent(reader=0.0, reader_by_source=0.0, case=0.0, thresholds=(0.0, 0.0))


RATINGS = Latent(reader=0.1, reader_by_source=0.05, case=0.2, thresholds=(-1.2, -0.3, 0.3, 1.2))


@pytest.mark.parametrize(("measure", "model"), [(ACCURACY, MODEL), (AREA, RATINGS)])
def test_simulated_studies_have_the_values_asked_for(measure, model):
    studies = simulate(model, measure, [0.7, 0.6], 20, 50, 200, np.random.default_rng(1))
    assert studies[LIKE][0].value.shape == (200, 20)
    assert [part.value.mean() for part in studies[LIKE]] == pytest.approx([0.7, 0.6], abs=0.012)


def test_these_readers_average_to_the_accuracy_in_every_study():
    reader_only = Latent(0.3, 0.0, 0.0, (0.0, 0.0))
    studies = simulate(reader_only, ACCURACY, [0.5], 4, 400, 60, np.random.default_rng(2))
    by_study = {conclusion: parts[0].value.mean(axis=1).std() for conclusion, parts in studies.items()}
    assert by_study[THESE] < 0.03 < by_study[LIKE]


def test_one_reader_and_independent_ratings_have_the_power_that_hanley_and_mcneil_give():
    """Hanley and McNeil 1982, Radiology 143:29, for ratings without ties."""
    fine = Latent(0.0, 0.0, 0.0, tuple(np.linspace(-4, 4, 100)))
    found = power(fine, AREA, [0.85, 0.7], 1, 120, sets=1000)

    def variance(area, count=60):
        first, second = area / (2 - area), 2 * area**2 / (1 + area)
        return (area * (1 - area) + (count - 1) * (first + second - 2 * area**2)) / count**2

    distance = 0.15 / np.sqrt(variance(0.85) + variance(0.7))
    assert found[THESE] == pytest.approx(norm.sf(1.96 - distance), abs=0.05)
    assert np.isnan(found[LIKE])


def test_one_reader_and_independent_answers_have_the_power_of_two_proportions():
    found = power(INDEPENDENT, ACCURACY, [0.7, 0.5], 1, 100, sets=2000)
    distance = 0.2 / np.sqrt((0.7 * 0.3 + 0.5 * 0.5) / 100)
    assert found[THESE] == pytest.approx(norm.sf(1.96 - distance), abs=0.035)
    assert np.isnan(found[LIKE])


def test_no_difference_is_found_in_about_five_percent():
    found = power(MODEL, ACCURACY, [0.7, 0.7], 5, 60, sets=2000)
    assert 0.03 < found[THESE] < 0.075 and 0.03 < found[LIKE] < 0.08
    areas = power(RATINGS, AREA, [0.8, 0.8], 5, 60, sets=2000)
    assert 0.03 < areas[THESE] < 0.075 and 0.02 < areas[LIKE] < 0.08
    chance = power(INDEPENDENT, ACCURACY, [0.5], 5, 60, sets=2000)
    assert 0.03 < chance[THESE] < 0.07


def test_power_rises_with_difference_readers_and_cases():
    base = power(MODEL, ACCURACY, [0.65, 0.55], 4, 40, sets=400)
    assert base[LIKE] < power(MODEL, ACCURACY, [0.70, 0.50], 4, 40, sets=400)[LIKE]
    assert base[LIKE] < power(MODEL, ACCURACY, [0.65, 0.55], 12, 40, sets=400)[LIKE]
    assert base[LIKE] < power(MODEL, ACCURACY, [0.65, 0.55], 4, 160, sets=400)[LIKE]
    assert base[LIKE] < base[THESE]


def test_a_design_is_the_same_alone_in_a_grid_and_on_two_cores():
    wide = design_grid(MODEL, ACCURACY, 0.6, [0.1, 0.2], [3, 5], [20, 40], sets=60, jobs=2)
    alone = design_grid(MODEL, ACCURACY, 0.6, [0.2], [5], [40], sets=60, jobs=1)
    same = wide.query("readers == 5 and cases == 40 and difference == 0.2").reset_index(drop=True)
    pd.testing.assert_frame_equal(same, alone)
    assert not wide["power"].equals(
        design_grid(MODEL, ACCURACY, 0.6, [0.1, 0.2], [3, 5], [20, 40], sets=60, seed=2)["power"]
    )


def test_monte_carlo_error_shrinks_with_the_number_of_sets():
    few, many = (design_grid(MODEL, ACCURACY, 0.6, [0.15], [4], [40], sets=n) for n in (50, 800))
    assert ((few["low"] <= few["power"]) & (few["power"] <= few["high"])).all()
    assert ((many["high"] - many["low"]) < 0.4 * (few["high"] - few["low"])).all()


def test_detectable_difference_lies_between_the_ones_tried():
    curve = pd.DataFrame({"difference": [0.0, 0.1, 0.2], "power": [0.05, 0.7, 0.9], "low": [0.04, 0.6, 0.82]})
    curve = curve.assign(high=[0.07, 0.8, 0.95], readers=3, cases=48, conclusion=THESE, sets=100)
    found = detectable(curve, 0.8).iloc[0]
    assert found["difference"] == pytest.approx(0.15) and found["low"] == pytest.approx(0.1)
    assert found["high"] == pytest.approx(0.2 - 0.02 / 0.22 * 0.1)


def test_a_difference_out_of_reach_is_said_to_be():
    curve = design_grid(MODEL, ACCURACY, 0.6, [0.0, 0.02], [2], [10], sets=40)
    table = detectable(curve)
    assert table["difference"].isna().all() and table["note"].str.contains("larger than 0.02").all()


def test_a_single_reader_has_no_power_for_readers_like_them():
    table = detectable(design_grid(MODEL, ACCURACY, 0.6, [0.1, 0.4], [1], [60], sets=40)).set_index("conclusion")
    assert "one reader" in table.loc[LIKE, "note"] and table.loc[THESE, "difference"] > 0


def test_accuracies_stay_inside_zero_and_one():
    assert sides(0.6, 0.1) == pytest.approx([0.65, 0.55])
    assert sides(0.95, 0.2) == pytest.approx([0.99, 0.79])
    assert sides(None, 0.2) == pytest.approx([0.7])
    with pytest.raises(StatisticsError, match="difference 1.5"):
        sides(0.5, 1.5)


def test_designs_too_small_for_a_test_are_refused():
    with pytest.raises(StatisticsError, match="need at least 1, 2 and 1"):
        power(MODEL, ACCURACY, [0.6, 0.5], 3, 1)
    with pytest.raises(StatisticsError, match="need at least 1, 4 and 1"):
        power(RATINGS, AREA, [0.6, 0.5], 3, 3)
