"""Equivalence: the interval and the two tests say the same, and no margin is no claim."""

import numpy as np
import pytest
from scipy import stats

from helpers.errors import StatisticsError
from helpers.stats import mrmc, proportions
from helpers.stats.equivalence import of_accuracy, of_accuracy_differences, of_auc_differences
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def pairs(readings):
    return analysed(readings, "realism_pair")


@pytest.fixture(scope="module")
def ratings(readings):
    return analysed(readings, "conditionality")


@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45])
def test_the_verdict_the_interval_and_the_p_value_agree(pairs, ratings, margin):
    tables = [of_accuracy(pairs, margin, ["source"]), of_accuracy_differences(pairs, margin)]
    for table in [*tables, of_auc_differences(ratings, margin)]:
        within = (table["low90"] > table["margin_low"]) & (table["high90"] < table["margin_high"])
        assert (within == table["verdict"].isin(["equivalent", "both"])).all()
        assert (within == (table["p"] < 0.05)).all()
        assert np.allclose(table["p"], table[["p_lower", "p_upper"]].max(axis=1))


def test_p_values_are_the_levels_at_which_the_one_sided_intervals_reach_the_margins(pairs):
    table = of_accuracy_differences(pairs, 0.1)
    for place, line in table.iterrows():
        for name, end, limit in (("p_lower", "low", -0.1), ("p_upper", "high", 0.1)):
            confidence = abs(1 - 2 * line[name])
            interval = proportions.difference(pairs, "gan", "diffusion", confidence=confidence, interval="mover")
            end = end if line[name] < 0.5 else {"low": "high", "high": "low"}[end]
            assert interval[end].iloc[place] == pytest.approx(limit, abs=1e-6)


def test_students_tails_are_those_of_t_tests(pairs):
    known = proportions.difference(pairs, "gan", "diffusion", limits=(-0.1, 0.1)).iloc[0]
    t = stats.t(known["degrees_of_freedom"])
    assert known["p_lower"] == pytest.approx(t.sf((known["value"] + 0.1) / known["standard_error"]))
    assert known["p_upper"] == pytest.approx(t.cdf((known["value"] - 0.1) / known["standard_error"]))


def test_readers_who_guess_are_equivalent_to_guessing_when_there_are_enough_of_them(simulate):
    rows = analysed(simulate(readers=4, cases_per_cell=90, separation=0.0, reader_sd=0.05), "realism_pair")
    table = of_accuracy(rows, 0.1)
    assert table["verdict"].tolist() == ["equivalent", "equivalent"]
    few = of_accuracy(rows[rows["case"].isin(sorted(set(rows["case"]))[::30])], 0.1)
    assert not few["verdict"].isin(["equivalent", "both"]).any()


def test_a_small_sure_difference_is_both_and_a_large_one_different(simulate):
    rows = simulate(readers=3, cases_per_cell=120, separation={"gan": 0.25, "diffusion": 1.3}, reader_sd=0.0)
    table = of_accuracy(analysed(rows, "realism_pair"), 0.3, ["source"]).query("conclusion == 'these readers'")
    assert table.set_index("source")["verdict"].to_dict() == {"gan": "both", "diffusion": "different"}


def test_the_wide_test_of_difference_is_the_one_at_five_percent(ratings):
    table = of_auc_differences(ratings, 0.3)
    known = mrmc.all_auc_differences(ratings)
    assert (table["verdict"].isin(["different", "both"]) == (known["p_value"] < 0.05)).all()


def test_answers_all_alike_are_judged_by_their_interval(pairs):
    right = pairs.assign(correct=1)
    table = of_accuracy_differences(right, 0.2)
    assert (table["p"] < 0.001).all() and table["note"].str.contains("all answers alike").all()
    assert table["verdict"].tolist() == ["equivalent", "equivalent"]
    narrow = of_accuracy_differences(right, 0.01)
    assert narrow["verdict"].tolist() == ["undecided", "undecided"]


def test_one_source_told_every_time_beside_one_that_is_not(pairs):
    always = pairs["source"] == "gan"
    told = pairs.assign(correct=pairs["correct"].mask(always, 1), rating=pairs["rating"].mask(always, 2))
    table = of_accuracy(told, 0.1, ["source"]).set_index(["source", "conclusion"])
    assert table.loc[("gan", "these readers"), "verdict"] == "different"
    assert table["p"].between(0, 1).all()


def test_one_reader_leaves_the_wider_conclusion_undecided_and_says_why(pairs):
    table = of_accuracy(pairs[pairs["reader"] == "reader-1"], 0.1).set_index("conclusion")
    assert table.loc["readers like these", "verdict"] == "undecided"
    assert "one reader" in table.loc["readers like these", "note"]


def test_chosen_pairs_only(ratings):
    table = of_auc_differences(ratings, 0.1, [("gan", "real")])
    assert table[["first", "second"]].drop_duplicates().to_numpy().tolist() == [["gan", "real"]]


@pytest.mark.parametrize("claim", [of_accuracy, of_accuracy_differences, of_auc_differences])
def test_without_a_margin_set_beforehand_there_is_no_claim(ratings, claim):
    with pytest.raises(StatisticsError, match="set before the readings were seen"):
        claim(ratings)
    for margin in (0, -0.1, 1.5, "0.1", True, float("nan")):
        with pytest.raises(StatisticsError, match="give a number between 0 and"):
            claim(ratings, margin)


def test_one_source_has_nothing_to_be_compared_with(ratings):
    with pytest.raises(StatisticsError, match="one source only"):
        of_auc_differences(ratings[ratings["source"] == "gan"], 0.1)
