"""The table of coverage: it speaks of the analyses that the notebooks make, and can be made again."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats import coverage
from helpers.stats.coverage import ALIKE, COVERAGE, DIFFERENT, KEY, TYPE_ONE
from helpers.stats.crossed import LIKE, THESE, t_interval, t_p_value
from helpers.stats.latent import Latent
from helpers.stats.mrmc import auc, auc_difference
from helpers.stats.power import SPREADS, size_of
from helpers.stats.proportions import accuracy, difference
from helpers.stats.roe_metz import ACCURACY, AREA, draw, grades, influence, means
from helpers.stats.wilson import wilson


@pytest.fixture(scope="module")
def small():
    return coverage.table(sets=40, seed=5)


@pytest.fixture(scope="module")
def again():
    """Every setting simulated anew, in fewer studies and with another seed."""
    return coverage.table(sets=400, seed=7)


def as_rows(answers: np.ndarray, measure: str) -> pd.DataFrame:
    """Grades of one study (sources, truths, readers, cases) as a table of readings."""
    places = np.indices(answers.shape).reshape(4, -1)
    rows = pd.DataFrame(places.T, columns=["source", "truth", "reader", "case"])
    rows["case"] = rows["source"].astype(str) + "-" + rows["truth"].astype(str) + "-" + rows["case"].astype(str)
    rows = rows.assign(source=rows["source"].map({0: "gan", 1: "diffusion"}), reader=rows["reader"].astype(str))
    rows = rows.assign(finding="effusion", rating=answers.ravel() - 2)
    if measure == ACCURACY:
        rows["correct"] = pd.array(np.array([0, None, 1], dtype=object)[answers.ravel()], dtype="Int64")
    return rows


@pytest.mark.parametrize(("measure", "thresholds"), [(ACCURACY, (-0.3, 0.3)), (AREA, (-1.2, -0.3, 0.3, 1.2))])
def test_simulated_studies_are_analysed_as_tables_of_readings_are(measure, thresholds):
    latent = Latent(0.1, 0.05, 0.2, thresholds)
    evidence = draw(latent, means(measure, latent, [0.8, 0.7]), 4, 60, 1, np.random.default_rng(6))
    answers = grades(evidence.cases + evidence.readers, thresholds)[0]
    parts = [influence(answers[source], len(thresholds)) for source in range(2)]
    rows = as_rows(answers, measure)
    one = (accuracy if measure == ACCURACY else auc)(rows, ["source"]).query("source == 'gan'")
    both = (difference if measure == ACCURACY else auc_difference)(rows, "gan", "diffusion")
    for table, own in ((one, SPREADS[measure](parts[0])), (both, SPREADS[measure](parts[0] - parts[1]))):
        for conclusion, line in table.set_index("conclusion").iterrows():
            variance, degrees = own.of(conclusion)
            assert (line["value"], line["standard_error"]) == pytest.approx((float(own.value), float(variance) ** 0.5))
            if table is one:
                bounds = wilson(own.value, variance, degrees, size_of(measure, 60, 4), own.between(conclusion))
            else:
                bounds = t_interval(own.value, variance, degrees)
                assert line["p_value"] == pytest.approx(float(t_p_value(own.value, variance, degrees)), rel=0.05)
            assert (line["low"], line["high"]) == pytest.approx(tuple(map(float, bounds)), abs=2e-3)


def test_the_table_has_one_line_for_each_setting(small):
    assert not small.duplicated(KEY).any()
    assert small["share"].between(0, 1).all() and (small["low"] <= small["share"]).all()
    assert small.groupby("measure").size().to_dict() == {"accuracy": 96, "auc": 96, "icc": 6}
    assert small["width"].notna().equals(small["what"] == COVERAGE)
    assert set(small["spread"]) == {ALIKE, DIFFERENT} and set(small["conclusion"]) == {THESE, LIKE}


def test_the_same_seed_gives_the_same_table(small):
    pd.testing.assert_frame_equal(small, coverage.table(sets=40, seed=5))
    assert not small["share"].equals(coverage.table(sets=40, seed=6)["share"])


def test_the_committed_table_is_what_simulation_gives_again(again):
    """A z value beyond 4.5 would be found in one of a thousand runs of 150 settings."""
    both = coverage.compared(coverage.load(), again)
    assert len(both) == len(coverage.load())
    worst = both.loc[both["z"].abs().idxmax()]
    assert abs(worst["z"]) < 4.5, worst.to_dict()
    assert both["z"].std() < 1.3
    assert "seed" in coverage.origin() and "numpy" in coverage.origin()


def test_the_promises_that_are_made_of_the_intervals():
    """Where accuracies and areas are moderate; near 1, and where ratings are few, see the table."""
    table = coverage.load()
    moderate = table[(table["value"] < 0.85) & (table["interval"] != "mover")]
    covered = moderate[moderate["what"] == COVERAGE]
    assert covered["share"].between(0.925, 0.975).all()
    found = moderate[(moderate["what"] == TYPE_ONE) & (moderate["conclusion"] == THESE)]
    assert found["share"].between(0.04, 0.06).all()
    found = moderate[(moderate["what"] == TYPE_ONE) & (moderate["conclusion"] == LIKE)]
    assert found["share"].between(0.025, 0.07).all()


def test_mover_intervals_contain_the_true_value_near_the_limits_where_others_do_not():
    """Of a difference, for readers like these who differ."""
    table = coverage.load().query("difference == 0.1 and spread == @DIFFERENT and conclusion == @LIKE and value > 0.85")
    share = table.set_index(["interval", "measure", "readers"])["share"].unstack(0)
    assert share["mover"].between(0.93, 0.975).all()
    assert share["student"].min() < 0.91


def test_intervals_that_cover_six_points_less_would_be_noticed(again):
    worse = again.assign(share=again["share"] - 0.06 * (again["what"] == COVERAGE))
    assert coverage.compared(coverage.load(), worse)["z"].abs().max() > 4.5
