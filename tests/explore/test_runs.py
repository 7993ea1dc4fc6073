import pandas as pd
import pytest
from made_up_run import make_run

from helpers.errors import StatisticsError
from helpers.explore import side_by_side
from helpers.explore.material import Material
from helpers.explore.runs import joined_readings, side_by_side_of
from helpers.stats import proportions


@pytest.fixture
def two(workspace) -> list[Material]:
    """Two runs; the readers of the second are wrong wherever those of the first are right."""
    make_run("first")
    file = make_run("second").stage_folder("07_reading") / "readings.csv"
    table = pd.read_csv(file)
    pair = table["task"] == "realism_pair"
    table.loc[pair, "rating"], table.loc[pair, "correct"] = -table["rating"], 1 - table["correct"]
    table.to_csv(file, index=False)
    return [Material("first"), Material("second")]


def test_the_same_names_in_two_runs_are_different_readers_and_cases(two):
    rows = joined_readings(two, "realism_pair")
    assert rows["reader"].nunique() == 6 and set(rows["source"]) >= {"GAN (first)", "GAN (second)"}
    assert not set(rows.loc[rows["run"] == "first", "case"]) & set(rows.loc[rows["run"] == "second", "case"])


def test_both_stand_on_one_axis_and_their_difference_is_that_of_the_statistics(two):
    made = {one.title: one for one in side_by_side_of(two)}
    assert list(made)[:2] == ["Proportion of right answers: realism (pair)", "Between runs: realism (pair)"]
    levels = made["Proportion of right answers: realism (pair)"].drawing.svg
    assert "GAN (first)" in levels and "Diffusion (second)" in levels
    rows = joined_readings(two, "realism_pair")
    value = proportions.difference(rows, "GAN (first)", "GAN (second)")["value"].iloc[0]
    assert value > 0 and f"{value:.2f} (" in made["Between runs: realism (pair)"].drawing.svg


def test_one_run_has_no_difference_and_says_so(two):
    made = {one.title: one for one in side_by_side_of(two[:1])}
    assert "no source is in two of these runs" in made["Between runs: realism (pair)"].note


def test_a_run_without_readings_is_named_and_the_others_are_shown(two):
    (two[1].run.stage_folder("07_reading") / "readings.csv").unlink()
    page = side_by_side("first", "second")
    assert page.parts[0].data.startswith("> second: ") and len(page.parts) > 1
    with pytest.raises(StatisticsError, match="none of these runs"):
        joined_readings([Material("second")], "realism_pair")
