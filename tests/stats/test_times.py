"""Reading times on the log scale: geometric means, ratios, learning."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mixed.glmm import fit
from helpers.stats.times import (
    accuracy_by_speed,
    by_position,
    coefficient_influence,
    geometric_means,
    learning,
    source_ratios,
    speed_accuracy,
    timed,
    variance_components,
)


def test_the_mean_is_geometric_and_in_seconds(rows):
    table = geometric_means(rows, ["source"])
    own = rows[rows["source"] == "gan"]["active_ms"] / 1000
    assert table["seconds"][0] == pytest.approx(stats.gmean(own))
    assert (table["low"] < table["seconds"]).all() and (table["seconds"] < table["high"]).all()


def test_one_reader_is_students_interval_of_log_times(rows):
    one = rows[(rows["reader"] == "reader-1") & (rows["source"] == "gan")]
    table = geometric_means(one).set_index("conclusion")
    low, high = stats.ttest_1samp(np.log(one["active_ms"] / 1000), 0).confidence_interval()
    assert table.loc[THESE, ["low", "high"]].tolist() == pytest.approx([np.exp(low), np.exp(high)])
    assert np.isnan(table.loc[LIKE, "low"])


def test_doubling_the_times_of_one_source_doubles_its_ratio(rows):
    before = source_ratios(rows)
    slower = rows.assign(active_ms=rows["active_ms"] * np.where(rows["source"] == "gan", 2.0, 1.0))
    after = source_ratios(slower)
    np.testing.assert_allclose(after[["ratio", "low", "high"]], 2 * before[["ratio", "low", "high"]])


def test_estimates_are_those_of_a_mixed_model_with_crossed_readers_and_cases(rows):
    model = fit("log_seconds ~ source + (1 | reader) + (1 | case)", timed(rows), family="gaussian", reml=True)
    diffusion, gan = model.fixed["estimate"]  # diffusion is the reference
    table = source_ratios(rows).iloc[0]
    assert (table["first"], table["second"]) == ("gan", "diffusion")
    assert np.log(table["ratio"]) == pytest.approx(gan, abs=1e-6)
    means = geometric_means(rows, ["source"]).drop_duplicates("source").set_index("source")["seconds"]
    assert np.log(means["diffusion"]) == pytest.approx(diffusion, abs=1e-6)


def test_a_steady_fall_of_times_is_found_exactly(rows):
    table = learning(rows.assign(active_ms=8000 * np.exp(-0.002 * rows["position"].astype(float))), per_trials=100)
    np.testing.assert_allclose(table[["ratio", "low", "high"]], np.exp(-0.2), rtol=1e-6)


def test_learning_of_one_reader_is_ordinary_least_squares(rows):
    one = rows[rows["reader"] == "reader-2"]
    expected = stats.linregress(one["position"].astype(float), np.log(one["active_ms"]))
    found = learning(one, per_trials=1).set_index("conclusion")
    assert np.log(found.loc[THESE, "ratio"]) == pytest.approx(expected.slope)
    half_width = np.log(found.loc[THESE, "high"] / found.loc[THESE, "ratio"])
    assert half_width == pytest.approx(2 * expected.stderr, rel=0.25)  # case-robust beside the classical error


def test_readings_without_times_are_left_out_and_none_at_all_is_an_error(rows):
    blank = rows.assign(active_ms=rows["active_ms"].where(rows["source"] == "gan", 0.0))
    assert set(timed(blank)["source"]) == {"gan"} and source_ratios(blank).empty
    for function in (geometric_means, source_ratios, learning, by_position, speed_accuracy, variance_components):
        with pytest.raises(StatisticsError, match="no active times"):
            function(rows.assign(active_ms=np.nan))


def test_learning_needs_three_positions(rows):
    with pytest.raises(StatisticsError, match="three timed readings"):
        learning(rows.groupby("reader").head(2))


def test_the_session_is_cut_into_equal_parts(rows):
    parts = by_position(rows)
    assert parts.groupby("reader").size().tolist() == [8, 8, 8]
    assert parts.groupby("reader")["position"].apply(lambda p: p.is_monotonic_increasing).all()


def with_times(rows, log_seconds):
    return rows.assign(active_ms=1000 * np.exp(log_seconds))


def effects(rows, seed=3):
    """Log seconds of 2 + 0.3 for wrong, + 0.5 for undetermined answers, + 0.4 for GAN, falling over the session."""
    answer = rows["correct"].map({1: 0.0, 0: 0.3}).fillna(0.5).astype("float64")
    other = 0.4 * (rows["source"] == "gan") - 0.002 * rows["position"].astype("float64")
    return 2 + answer + other + 0.2 * np.random.default_rng(seed).normal(size=len(rows))


def test_a_coefficient_is_the_one_of_ordinary_least_squares(rows):
    one = timed(rows[rows["reader"] == "reader-1"])
    design = pd.DataFrame({"position": one["position"].astype(float), "gan": (one["source"] == "gan").astype(float)})
    readers, found = coefficient_influence(one, design, "position")
    fitted = sm.OLS(one["log_seconds"], sm.add_constant(design)).fit(cov_type="HC3")
    assert readers == ["reader-1"] and found.value == pytest.approx([fitted.params["position"]])
    assert np.sqrt((found.cases**2).sum()) == pytest.approx(fitted.bse["position"], rel=1e-9)


def test_wrong_and_undetermined_answers_that_take_longer_are_found_like_for_like(rows):
    table = speed_accuracy(with_times(rows, effects(rows)))
    found = table[table["conclusion"] == THESE].set_index("answer")
    for answer, effect in (("wrong", 0.3), ("undetermined", 0.5)):
        assert found.loc[answer, "low"] < np.exp(effect) < found.loc[answer, "high"]
        assert found.loc[answer, "p_value"] < 0.001 and found.loc[answer, "readers"] == 3


def test_the_interval_of_the_answer_covers_as_often_as_it_says(rows):
    """Reader, case and rest vary; wrong answers take 1.35 times as long. 95 % intervals, 120 sets."""
    truth, covered = np.exp(0.3), []
    case = pd.factorize(rows["case"])[0]
    for seed in range(120):
        shift = 0.3 * np.random.default_rng([seed, 1]).normal(size=case.max() + 1)[case]
        table = speed_accuracy(with_times(rows, effects(rows, seed) + shift)).iloc[0]
        covered.append(table["low"] < truth < table["high"])
    assert 0.89 < np.mean(covered) < 1


def test_a_reader_without_wrong_answers_is_left_out_and_it_is_said(rows):
    right = rows[(rows["reader"] != "reader-1") | (rows["correct"] == 1).fillna(False)]
    wrong = speed_accuracy(right).query("answer == 'wrong'")
    assert (wrong["readers"] == 2).all() and wrong["note"].str.endswith("left out: 1").all()
    none = speed_accuracy(rows[(rows["correct"] == 1).fillna(False)], ["source"])
    assert none["ratio"].isna().all() and none["note"].str.startswith("not estimable").all()


def test_readings_without_a_decided_answer_have_no_ratio_and_it_is_said(rows):
    undecided = rows.assign(rating=0, correct=pd.array([pd.NA] * len(rows), dtype="Int64"))
    table = speed_accuracy(undecided)
    assert table["ratio"].isna().all() and table["note"].str.contains("not estimable").all()


def test_accuracy_by_speed_cuts_each_readers_answers_into_parts_of_equal_number(rows):
    table = accuracy_by_speed(rows, ["source"])
    assert table["part"].unique().tolist() == [1, 2, 3, 4, 5]
    these = table[table["conclusion"] == THESE].set_index(["source", "part"])
    assert these["readings"].groupby("source").sum().tolist() == [144, 144]
    assert these["readings"].max() - these["readings"].min() <= 3
    assert these["seconds"].groupby("source").apply(lambda s: s.is_monotonic_increasing).all()
    fast_is_right = with_times(rows, rows["correct"].map({1: 1.0, 0: 3.0}).fillna(2.0).astype("float64"))
    values = accuracy_by_speed(fast_is_right).query("conclusion == @THESE")["value"].tolist()
    assert values == sorted(values, reverse=True) and values[0] == 1.0


def test_variance_components_are_those_that_made_the_times():
    generator = np.random.default_rng(5)
    reader, case = (0.5 * generator.normal(size=40), 0.3 * generator.normal(size=400))
    log_seconds = 2 + reader[:, None] + case + 0.4 * generator.normal(size=(40, 400))
    base = {"reader": np.repeat(np.arange(40), 400).astype(str), "case": np.tile(np.arange(400), 40).astype(str)}
    rows = pd.DataFrame(base | {"active_ms": 1000 * np.exp(log_seconds.ravel()), "source": "gan"})
    found = variance_components(rows).iloc[0]
    assert found["reader"] == pytest.approx(np.std(reader, ddof=1), rel=0.05)
    assert found["case"] == pytest.approx(np.std(case, ddof=1), rel=0.05)
    assert found["rest"] == pytest.approx(0.4, rel=0.02)
    one = variance_components(rows[rows["reader"] == "0"]).iloc[0]
    assert np.isnan(one["reader"])
