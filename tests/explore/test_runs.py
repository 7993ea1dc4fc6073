import pandas as pd
import pytest
from made_up_run import make_run

from helpers.errors import StatisticsError
from helpers.explore import side_by_side
from helpers.explore.material import Material
from helpers.explore.runs import joined_readings, side_by_side_of
from helpers.grid import sweep_folder
from helpers.stats import proportions
from helpers.tables import write_table


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
    assert "only first has readings of this task" in made["Between runs: realism (pair)"].note
    assert made["Proportion of right answers: realism (pair)"].note.startswith("1 run, ")


def test_a_run_without_readings_is_named_and_the_others_are_shown(two):
    (two[1].run.stage_folder("07_reading") / "readings.csv").unlink()
    page = side_by_side("first", "second")
    assert page.parts[0].data.startswith("> second: ") and len(page.parts) > 1


def test_runs_that_lack_the_same_are_named_in_one_sentence(two):
    for one in two:
        (one.run.stage_folder("07_reading") / "readings.csv").unlink()
    told = side_by_side("first", "second").parts[0].data
    assert told.startswith("> first, second: ") and told.count("readings.csv") == 1
    with pytest.raises(StatisticsError, match="none of these runs"):
        joined_readings([Material("second")], "realism_pair")


def measured(material: Material, value: float) -> Material:
    """Image metrics of a run, as notebook 05 leaves them."""
    rows = [
        {"source": source, "finding": finding, "present": None, "metric": metric, "value": number, "low": number - 0.1,
         "high": number + 0.1, "n": 40, "method": "known"}
        for source, number in (("real", 0.2), ("gan", value))
        for finding, metric in ((None, "frechet_distance"), (None, "ms_ssim"), ("atelectasis", "frechet_distance"))
    ]  # fmt: skip
    write_table(pd.DataFrame(rows), material.run.stage_folder("05_image_metrics") / "metrics.csv")
    return material


def test_image_metrics_stand_side_by_side_with_those_of_real_images(two):
    measured(two[0], 1.25), measured(two[1], 2.5)
    made = {one.title: one for one in side_by_side_of(two)}
    drawn = made["Fréchet distance"].drawing.svg
    for title in ("GAN, first", "GAN, second", "Real, first", "1.25 (1.15 to 1.35)", "2.50 (2.40 to 2.60)"):
        assert title in drawn, title
    assert drawn.count("GAN, first") == made["Fréchet distance"].drawing.svg.count("GAN, second"), "all cells alone"
    assert "these images" in drawn and "these readers" not in drawn
    assert "real against real" in made["Fréchet distance"].note
    assert "Similarity within a cell (MS-SSIM)" not in made


def test_a_run_that_nobody_read_is_compared_by_its_image_metrics(two):
    for one in two:
        (measured(one, 1.0).run.stage_folder("07_reading") / "readings.csv").unlink()
    made = [one.title for one in side_by_side_of([Material("first"), Material("second")])]
    assert made == ["Fréchet distance"]


def test_the_name_of_a_sweep_stands_for_its_runs(two):
    runs = pd.DataFrame({"run": ["first", "second"], "04_sample.guidance": ["1", "3"]})
    write_table(runs, sweep_folder("wide") / "runs.csv")
    of_sweep, of_runs = side_by_side("wide"), side_by_side("first", "second")
    assert [part.data for part in of_sweep.parts] == [part.data for part in of_runs.parts]


def test_many_runs_are_each_compared_with_the_first(two):
    for name in ("third", "fourth"):
        make_run(name)
    made = {one.title: one for one in side_by_side_of([*two, Material("third"), Material("fourth")])}
    drawn = made["Between runs: realism (pair)"].drawing.svg
    assert "GAN (first) minus GAN (fourth)" in drawn and "GAN (second) minus GAN (third)" not in drawn
