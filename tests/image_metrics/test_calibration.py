"""Probabilities at equal odds, Brier's score and curves against known truths, confusion against counts."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.findings import ORIGINAL
from helpers.image_metrics.calibration import (
    at_equal_odds,
    calibration_table,
    called_table,
    confusion_table,
    proportion,
    reliability_curves,
)
from helpers.image_metrics.condition import Judged

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells


def _judged(n, seed, sharpness=1.0, source="real", groups=None):
    """Scores that are calibrated where ``sharpness`` is 1: present with just that probability."""
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    truth = (rng.random(n) < score).astype(int)
    odds = (score / (1 - score)) ** sharpness
    return Judged(source, "atelectasis", truth, odds / (1 + odds), np.arange(n) if groups is None else groups)


def test_at_equal_odds_the_share_in_training_is_taken_out():
    labels = np.tile(np.repeat([1, 0], [100, 300])[:, None], (1, 4)).astype(np.int8)
    found = at_equal_odds(np.full((1, 4), 0.25), labels)
    np.testing.assert_allclose(found, 0.5, atol=2e-3)
    assert (at_equal_odds(np.array([[0.0, 0.4, 0.6, 1.0]]), labels)[0] <= 1).all()


def test_unknown_labels_weigh_nothing():
    labels = np.tile(np.repeat([1, 0, -1], [100, 300, 500])[:, None], (1, 4)).astype(np.int8)
    np.testing.assert_allclose(at_equal_odds(np.full((1, 4), 0.25), labels), 0.5, atol=2e-3)


def test_brier_is_the_squared_error_with_both_states_weighing_the_same():
    truth, score = np.repeat([1, 0], [10, 90]), np.repeat([0.6, 0.2], [10, 90])
    row = calibration_table([Judged("gan", "atelectasis", truth, score, np.arange(100))]).iloc[0]
    assert row["value"] == pytest.approx((0.4**2 + 0.2**2) / 2)
    always = calibration_table([Judged("gan", "atelectasis", truth, np.full(100, 0.5), np.arange(100))]).iloc[0]
    assert always["value"] == always["low"] == always["high"] == 0.25


def test_the_interval_of_brier_covers_its_expectation():
    expectation = 1 / 6  # of p (1 - p) for p uniform; states weigh the same as they are equally common
    covered = 0
    for seed in range(200):
        row = calibration_table([_judged(120, seed)]).iloc[0]
        covered += row["low"] <= expectation <= row["high"]
    assert 0.9 <= covered / 200 <= 0.99


def test_a_patient_seen_twice_counts_as_one():
    once = _judged(100, 1)
    twice = Judged("real", "atelectasis", *(np.tile(x, 2) for x in (once.truth, once.score, once.groups)))
    wide, narrow = (calibration_table([j]).iloc[0] for j in (twice, _judged(200, 2)))
    assert wide["high"] - wide["low"] > 1.2 * (narrow["high"] - narrow["low"])


def test_calibrated_scores_lie_on_the_diagonal_and_timid_ones_do_not():
    calm, timid = (reliability_curves([_judged(20000, 3, sharpness)]) for sharpness in (1.0, 0.4))
    assert (abs(calm["share"] - calm["predicted"]) < 0.05).all()
    assert (timid["low"] < timid["share"]).all() and (timid["share"] < timid["high"]).all()
    assert timid["share"].iloc[0] < timid["predicted"].iloc[0] - 0.1


def test_a_bin_of_a_few_images_has_no_point():
    score = np.repeat([0.1, 0.9, 0.5], [20, 20, 4])
    truth = np.tile([0, 1], 22)
    curve = reliability_curves([Judged("gan", "atelectasis", truth, score, np.arange(44))])
    assert curve["n"].tolist() == [20, 20]


@pytest.fixture
def study():
    """Real images that have their own label; a source that shows effusion whatever it is asked for."""
    rng = np.random.default_rng(0)
    held = pd.DataFrame({name: pd.array(rng.integers(0, 2, 200), dtype="Int64") for name in NAMES})
    held["patient_id"] = [f"p{i}" for i in range(200)]
    real = held[list(NAMES)].to_numpy(dtype=float) * 0.8 + 0.1
    rows = [("gan", c.finding, c.present) for c in CELLS for _ in range(20)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"])
    made = np.full((len(samples), 4), 0.1)
    made[:, NAMES.index("pleural_effusion")] = 0.9
    return held, real, samples, made


def test_the_confusion_shows_a_finding_that_nobody_asked_for(study):
    table = confusion_table(*study, ORIGINAL).set_index(["source", "finding", "present", "seen"]).sort_index()
    for cell in CELLS:
        assert table.loc[("gan", *cell, "pleural_effusion"), "value"] == 1.0
        assert table.loc[("gan", *cell, "atelectasis"), "value"] == 0.0
        assert table.loc[("real", *cell, cell.finding), "value"] == cell.present
    assert (table.loc["gan", "n"] == 20).all()


def test_the_diagonal_goes_to_the_metrics_table(study):
    diagonal = called_table(confusion_table(*study, ORIGINAL))
    assert len(diagonal) == 16 and set(diagonal["metric"]) == {"called_present"}
    chosen = (diagonal["source"] == "gan") & (diagonal["finding"] == "pleural_effusion")
    assert diagonal[chosen].set_index("present")["value"].to_dict() == {1: 1.0, 0: 1.0}


def test_a_share_has_wilsons_interval_widened_where_patients_repeat():
    hits = np.repeat([True, False], [7, 23])
    assert proportion(hits, np.arange(30))[1:] == pytest.approx(proportion_confint(7, 30, method="wilson"), abs=2e-3)
    low, high = proportion(np.repeat(hits, 4), np.repeat(np.arange(30), 4))[1:]
    assert (low, high) == pytest.approx(proportion_confint(7, 30, method="wilson"), abs=0.01)
    assert np.isnan(proportion(np.zeros(0, dtype=bool), np.zeros(0))).all()
