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
