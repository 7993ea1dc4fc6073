"""The readings table: what is analysed, how it is scored, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError, TableError
from helpers.stats.mrmc import all_auc_differences
from helpers.stats.proportions import all_differences
from helpers.stats.readings import analysed, counts, grouped, load, repeated, score, source_order, with_labels
from helpers.tables import write_table


def changed(readings: pd.DataFrame, row: int, **values) -> pd.DataFrame:
    table = readings.copy()
    for column, value in values.items():
        table.loc[row, column] = value
    return table


def test_a_csv_file_comes_back_as_it_was_written(readings, tmp_path):
    write_table(readings, tmp_path / "readings.csv")
    pd.testing.assert_frame_equal(load(tmp_path / "readings.csv"), readings, check_dtype=False)


def test_names_of_other_tools_are_taken_as_they_are(simulate, tmp_path):
    other = simulate(sources=("my generator", "vendor-x"), cases_per_cell=2)
    other["finding"] = other["finding"].replace("atelectasis", "pneumothorax")
    write_table(other, tmp_path / "other.csv")
    assert set(load(tmp_path / "other.csv")["source"]) == {"real", "my generator", "vendor-x"}


@pytest.mark.parametrize("task", ["realism_pair", "conditionality"])
def test_correct_that_contradicts_the_rating_is_refused_with_its_row(readings, tmp_path, task):
    row = readings.index[(readings["task"] == task) & (readings["correct"] == 1)][0]
    write_table(changed(readings, row, correct=0), tmp_path / "readings.csv")
    with pytest.raises(TableError, match=f"readings.csv: column 'correct', row {row + 2}: value 0"):
        load(tmp_path / "readings.csv")


def test_an_undetermined_answer_cannot_be_correct(readings, tmp_path):
    row = readings.index[readings["rating"] == 0][0]
    write_table(changed(readings, row, correct=1), tmp_path / "readings.csv")
    with pytest.raises(TableError, match="blank is for an undetermined answer only"):
        load(tmp_path / "readings.csv")


def test_a_pair_without_its_side_keeps_the_correctness_given(readings, tmp_path):
    row = readings.index[(readings["task"] == "realism_pair") & (readings["correct"] == 1)][0]
    write_table(changed(readings, row, side=None), tmp_path / "readings.csv")
    assert load(tmp_path / "readings.csv")["correct"].iloc[row] == 1


def test_practice_and_repeats_are_not_analysed(readings):
    rows = analysed(readings, "realism_pair")
    assert len(rows) == 3 * 2 * 48
    assert not rows["is_practice"].any() and rows["repeat_of"].isna().all()


def test_rows_come_in_one_order_whatever_the_order_of_the_file(readings):
    shuffled = readings.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(analysed(shuffled, "conditionality"), analysed(readings, "conditionality"))


def test_nothing_left_to_analyse_says_which_tasks_there_are(readings):
    with pytest.raises(StatisticsError, match="'realism_single'.*conditionality, realism_pair"):
        analysed(readings, "realism_single")
    with pytest.raises(StatisticsError, match="practice and repeats do not count"):
        analysed(readings.assign(is_practice=True), "realism_pair")


def test_a_case_answered_twice_without_repeat_of_is_refused(readings):
    row = readings.index[readings["repeat_of"].notna()][0]
    with pytest.raises(StatisticsError, match="more than once.*set repeat_of"):
        analysed(changed(readings, row, repeat_of=None), readings["task"][row])


def test_repeats_stand_beside_their_first_reading(readings):
    pairs = repeated(readings, "realism_pair")
    assert len(pairs) == 18
    pair, by_trial = pairs.iloc[0], readings.set_index("trial_id")
    again = readings[(readings["reader"] == pair.reader) & (readings["case"] == pair.case)]
    assert pair.second == again[again["repeat_of"].notna()]["rating"].iloc[0]
    assert pair["first"] == by_trial.loc[again["repeat_of"].dropna().iloc[0], "rating"]


def test_a_repeat_of_nothing_is_refused(readings):
    row = readings.index[readings["repeat_of"].notna()][0]
    with pytest.raises(StatisticsError, match="repeats 'lost'"):
        repeated(changed(readings, row, repeat_of="lost"), readings["task"][row])


@pytest.mark.parametrize(("rule", "value"), [("half", 0.5), ("wrong", 0.0), ("excluded", np.nan)])
def test_each_rule_for_undetermined_answers(readings, rule, value):
    scores = score(readings, rule)
    undecided = readings["rating"] == 0
    np.testing.assert_equal(scores[undecided].to_numpy(), np.full(undecided.sum(), value))
    np.testing.assert_equal(scores[~undecided].to_numpy(), readings["correct"][~undecided].to_numpy(dtype=float))


def test_an_unknown_rule_is_refused(readings):
    with pytest.raises(StatisticsError, match="undetermined = 'maybe': choose one of half, excluded, wrong"):
        score(readings, "maybe")


def test_sources_findings_and_states_have_a_fixed_order(simulate):
    rows = analysed(simulate(sources=("b", "diffusion", "a", "gan"), cases_per_cell=1), "conditionality")
    assert source_order(rows["source"]) == ["real", "gan", "diffusion", "a", "b"]
    keys = [key for key, _ in grouped(rows, ["finding", "truth"])]
    assert keys[:3] == [("atelectasis", 1), ("atelectasis", 0), ("lung_opacity", 1)]


def test_labels_and_ratings_of_any_type_are_names_and_numbers(readings):
    pairs = analysed(readings, "realism_pair")
    numbered = pairs.assign(source=pairs["source"].map({"gan": 1, "diffusion": 2}))
    joined = pd.concat([numbered[numbered["source"] == name] for name in (1, 2)])
    joined.index = [*range(len(joined) // 2)] * 2
    expected = all_differences(pairs)
    found = all_differences(joined)
    assert found["first"].tolist() == ["1", "1"] and found["value"].tolist() == pytest.approx(
        expected["value"].tolist()
    )
    graded = analysed(readings, "conditionality").astype({"source": "category"})
    graded["rating"] = pd.Categorical(graded["rating"], ordered=True)
    plain = all_auc_differences(analysed(readings, "conditionality"))
    pd.testing.assert_frame_equal(all_auc_differences(graded), plain, check_dtype=False)
    with pytest.raises(StatisticsError, match="categories that are no numbers"):
        with_labels(pd.DataFrame({"rating": pd.Categorical(["low", "high"])}))


def test_without_a_cut_off_an_answer_has_no_score(readings):
    rated = readings[readings["task"] == "conditionality"].assign(correct=pd.NA, scale="unknown")
    assert score(rated).isna().all() and (counts(rated)["undetermined"] == 0).all()


def test_counts_split_every_reading_into_one_kind(readings):
    table = counts(readings)
    assert table[["analysed", "repeats", "practice"]].to_numpy().sum() == len(readings)
    assert (table["undetermined"] < table["analysed"]).all()


def test_an_algorithm_is_kept_out_of_the_readers_unless_asked_for(readings):
    kinds = np.where(readings["reader"] == "reader-1", "algorithm", "human")
    mixed = readings.assign(reader_kind=kinds)
    assert set(analysed(mixed, "conditionality")["reader"]) == {"reader-2", "reader-3"}
    assert set(analysed(mixed, "conditionality", with_algorithms=True)["reader"]) == set(readings["reader"])
    alone = analysed(mixed[mixed["reader"] == "reader-1"], "conditionality")
    assert set(alone["reader"]) == {"reader-1"}
