"""Reading times on the log scale: geometric means, ratios, learning."""

import numpy as np
import pytest
from scipy import stats

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.readings import analysed
from helpers.stats.times import by_position, geometric_means, learning, source_ratios, timed


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "realism_pair")


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
    for function in (geometric_means, source_ratios, learning, by_position):
        with pytest.raises(StatisticsError, match="no active times"):
            function(rows.assign(active_ms=np.nan))


def test_learning_needs_three_positions(rows):
    with pytest.raises(StatisticsError, match="three timed readings"):
        learning(rows.groupby("reader").head(2))


def test_the_session_is_cut_into_equal_parts(rows):
    parts = by_position(rows, parts=4)
    assert parts.groupby("reader").size().tolist() == [4, 4, 4]
    assert parts.groupby("reader")["position"].apply(lambda p: p.is_monotonic_increasing).all()
