"""Proportions right: intervals that keep their promise, degenerate tables, sources compared."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, complete_influence, spread, t_p_value
from helpers.stats.proportions import (
    accuracy,
    all_differences,
    difference,
    summarise,
    undetermined_rules,
    variance_components,
)
from helpers.stats.readings import analysed
from helpers.stats.reasons import ALIKE, FEW_CASES, NO_READERS
from helpers.stats.wilson import wilson


def answered(rows: pd.DataFrame, right: bool) -> pd.DataFrame:
    """All answers right, or all wrong."""
    rating = np.where((rows["side"] == "right") == right, 2, -2)
    return rows.assign(rating=rating, correct=pd.array([int(right)] * len(rows), dtype="Int64"))


def latent_sets(sets, readers, cases, mean, seed, reader_sd=0.3, band=0.2) -> np.ndarray:
    generator = np.random.default_rng(seed)
    evidence = mean + generator.normal(0, reader_sd, (sets, readers, 1)) + generator.normal(0, 0.6, (sets, 1, cases))
    evidence += generator.normal(0, 0.8, (sets, readers, cases))
    return 0.5 * ((evidence > band).astype(float) + (evidence > -band))


def test_both_conclusions_of_each_group_in_fixed_order(rows):
    table = accuracy(rows, ["source"])
    assert list(zip(table["source"], table["conclusion"], strict=True)) == [
        ("gan", THESE), ("gan", LIKE), ("diffusion", THESE), ("diffusion", LIKE)
    ]  # fmt: skip
    assert table["value"][0] == pytest.approx(rows[rows["source"] == "gan"]["correct"].astype(float).fillna(0.5).mean())
    assert (table["readers"] == 3).all() and (table["cases"] == 48).all() and (table["readings"] == 144).all()


@pytest.mark.parametrize("right", [True, False])
def test_all_answers_alike_keep_an_interval_as_wide_as_the_cases_allow(rows, right):
    table = accuracy(answered(rows, right), ["source"]).set_index("conclusion").loc[[THESE, LIKE]]
    assert (table["value"] == float(right)).all() and (table["note"] == ALIKE).all()
    width = table["high"] - table["low"]
    assert width[THESE].iloc[0] > 0.03 and width[LIKE].iloc[0] == width[THESE].iloc[0]
    assert table["low"].min() >= 0 and table["high"].max() <= 1
    assert (table["p_value"][THESE] < 0.001).all()


def test_all_answers_undetermined_are_chance_and_not_a_certainty(rows):
    undecided = rows.assign(rating=0, correct=pd.array([pd.NA] * len(rows), dtype="Int64"))
    table = accuracy(undecided, ["source"])
    assert (table["value"] == 0.5).all() and (table["high"] - table["low"] > 0.18).all()
    assert table["p_value"].tolist() == [1.0] * 4
    with pytest.raises(StatisticsError, match="no answers are left"):
        accuracy(undecided, ["source"], "excluded")
    assert set(undetermined_rules(undecided)["undetermined"]) == {"half", "wrong"}


def test_one_reader_has_no_interval_for_readers_like_them(rows):
    table = accuracy(rows[rows["reader"] == "reader-1"], ["source"]).set_index("conclusion")
    assert table.loc[THESE, ["low", "high"]].notna().all(axis=None)
    assert table.loc[LIKE, ["low", "high", "p_value"]].isna().all(axis=None)
    assert (table.loc[LIKE, "note"] == NO_READERS).all()
    both = all_differences(rows[rows["reader"] == "reader-1"])
    assert both["low"].notna().tolist() == [True, False]


def test_a_cell_with_one_case_is_not_estimable_and_says_so(rows):
    one = rows[rows["case"] == rows["case"].iloc[0]]
    table = accuracy(one)
    assert table[["low", "high"]].isna().all(axis=None) and (table["note"] == FEW_CASES).all()


def test_a_cell_with_few_cases_is_wide(rows):
    two = rows[rows["case"].isin(sorted(set(rows["case"]))[:2])]
    table = accuracy(two)
    assert (table["high"] - table["low"] > 0.5).all()


def test_sources_with_all_answers_right_differ_by_zero_within_an_interval(rows):
    table = difference(answered(rows, True), "gan", "diffusion")
    assert (table["value"] == 0).all() and (table["note"] == ALIKE).all()
    assert (table["low"] < -0.03).all() and (table["high"] > 0.03).all()


def test_difference_is_the_difference_and_changes_sign_with_its_order(rows):
    forward, back = difference(rows, "gan", "diffusion"), difference(rows, "diffusion", "gan")
    by_source = accuracy(rows, ["source"]).drop_duplicates("source")["value"].to_numpy()
    assert forward["value"][0] == pytest.approx(by_source[0] - by_source[1])
    np.testing.assert_allclose(forward[["low", "high"]], -back[["high", "low"]].to_numpy())
    np.testing.assert_allclose(forward["p_value"], back["p_value"])


def test_only_readers_of_both_sources_compare_them(rows):
    missing = rows[~((rows["reader"] == "reader-3") & (rows["source"] == "gan"))]
    table = difference(missing, "gan", "diffusion")
    assert (table["readers"] == 2).all() and table["note"].str.contains("readers of only one source: 1").all()
    alone = rows[(rows["reader"] == "reader-1") == (rows["source"] == "gan")]
    apart = difference(alone, "gan", "diffusion").set_index("conclusion")
    assert apart["note"].str.contains("no reader read both").all() and (apart["readers"] == 3).all()
    own = [accuracy(alone[alone["source"] == name]).set_index("conclusion") for name in ("gan", "diffusion")]
    errors = [table.loc[THESE, "standard_error"] for table in own]
    assert apart.loc[THESE, "standard_error"] == pytest.approx(np.hypot(*errors))
    assert np.isnan(apart.loc[LIKE, "low"]) and NO_READERS in apart.loc[LIKE, "note"]
    with pytest.raises(StatisticsError, match="'vendor'; there is: diffusion, gan"):
        difference(rows, "gan", "vendor")


def test_every_pair_of_sources_is_compared_and_one_source_has_none(simulate, rows):
    three = analysed(simulate(sources=("x", "gan", "diffusion"), cases_per_cell=2), "realism_pair")
    pairs = all_differences(three).drop_duplicates(["first", "second"])
    assert pairs[["first", "second"]].to_numpy().tolist() == [["gan", "diffusion"], ["gan", "x"], ["diffusion", "x"]]
    assert all_differences(rows[rows["source"] == "gan"]).empty


def test_rules_for_undetermined_answers_bracket_half_credit(rows):
    table = undetermined_rules(rows).query("source == 'gan' and conclusion == @THESE").set_index("undetermined")
    assert table.loc["wrong", "value"] < table.loc["half", "value"] < table.loc["excluded", "value"]
    assert table.loc["excluded", "readings"] < table.loc["half", "readings"]


def test_any_score_can_be_summarised_against_its_own_null(rows):
    answers_right = (rows["rating"] > 0).astype(float).where(rows["rating"] != 0, 0.5)
    table = summarise(rows, answers_right, None, null=0.5)
    assert table["value"][0] == pytest.approx(answers_right.mean())


def test_variance_components_are_given_for_each_source(rows):
    table = variance_components(rows)
    assert table["source"].tolist() == ["gan", "diffusion"]
    assert table["rest"].between(0.02, 0.25).all()


@pytest.mark.parametrize("mean", [0.0, 0.5, 1.4])
def test_intervals_cover_what_they_say(mean):
    """500 sets of 3 readers x 50 cases; the standard error of a coverage of 95 % is 1 %."""
    scores = latent_sets(500, 3, 50, mean, seed=21)
    result, spread_of_all = spread(complete_influence(scores)), np.sqrt(0.3**2 + 1)
    truth = 0.5 * (stats.norm.cdf((mean - 0.2) / spread_of_all) + stats.norm.cdf((mean + 0.2) / spread_of_all))
    low, high = wilson(result.value, *result.of(LIKE), 50)
    assert 0.91 <= ((low <= truth) & (truth <= high)).mean() <= 0.985


def test_intervals_for_these_readers_cover_their_own_accuracy():
    scores = latent_sets(500, 3, 50, 0.5, seed=22, reader_sd=0.0)
    result = spread(complete_influence(scores))
    truth = 0.5 * (stats.norm.cdf(0.3) + stats.norm.cdf(0.7))
    low, high = wilson(result.value, *result.of(THESE), 50)
    assert 0.92 <= ((low <= truth) & (truth <= high)).mean() <= 0.975


def test_equal_sources_are_told_apart_in_about_five_percent_of_studies():
    parts = [complete_influence(latent_sets(600, 5, 60, 0.5, seed=seed)) for seed in (23, 24)]
    result = spread(parts[0] - parts[1])
    found = t_p_value(result.value, *result.of(LIKE)) < 0.05
    assert 0.02 <= found.mean() <= 0.085


def test_a_mover_difference_keeps_estimate_and_test_and_stays_between_the_limits(rows):
    rows = rows.assign(correct=rows["correct"].where(rows["source"] == "gan", 1), rating=rows["rating"].replace(0, 1))
    plain, by_mover = (difference(rows, "diffusion", "gan", interval=name) for name in ("student", "mover"))
    same = ["value", "standard_error", "p_value", "conclusion"]
    pd.testing.assert_frame_equal(plain[same], by_mover[same])
    assert by_mover["low"].min() >= -1 and by_mover["high"].max() <= 1
    with pytest.raises(StatisticsError, match="interval = 'wald'"):
        difference(rows, "diffusion", "gan", interval="wald")
