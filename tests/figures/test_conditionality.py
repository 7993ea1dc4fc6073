import numpy as np
import pytest

from helpers.figures.conditionality import rating_bars, rating_table
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "conditionality")


def test_the_shares_of_the_ratings_of_a_group_add_up_to_one(rows):
    totals = rating_table(rows).groupby(["source", "truth"])["share"].sum()
    assert totals.tolist() == pytest.approx([1.0] * len(totals))


def test_one_panel_for_each_source_and_one_bar_for_each_rating_and_truth(rows):
    figure = rating_bars(rating_table(rows), "Simulated readers")
    assert [panel.get_title() for panel in figure.axes] == ["Real", "GAN", "Diffusion"]
    assert all(len(panel.patches) == 10 for panel in figure.axes)


@pytest.mark.parametrize(
    ("change", "scale", "labels"),
    [
        (lambda r: r + 3, "1..5, positive from 4", ["1", "2", "3", "4", "5"]),
        (lambda r: (r > 0).astype(int), "0..1", ["0", "1"]),
        (lambda r: r * 1.0, "unknown", ["-2", "-1", "0", "1", "2"]),
    ],
)
def test_bars_stand_for_the_grades_of_the_scale(rows, change, scale, labels):
    figure = rating_bars(rating_table(rows.assign(rating=change(rows["rating"]), scale=scale)))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == labels
    assert all(len(panel.patches) == 2 * len(labels) for panel in figure.axes)


def test_ratings_without_grades_are_shown_in_ten_classes_that_hold_all_of_them(rows):
    scores = rows["rating"] + np.random.default_rng(1).uniform(0, 0.9, len(rows))
    table = rating_table(rows.assign(rating=scores, scale="unknown"))
    assert table["rating"].nunique() == 10
    assert table.groupby(["source", "truth"])["share"].sum().tolist() == pytest.approx([1.0] * 6)
