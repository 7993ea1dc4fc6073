import pytest

from helpers.figures.conditionality import rating_bars, rating_table, roc_curves
from helpers.stats import mrmc
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


def test_curves_name_their_area_and_the_figure_says_what_is_simulated(rows):
    by = ["finding", "source"]
    areas = mrmc.auc(rows, by)
    figure = roc_curves(mrmc.roc_points(rows, by), areas, "Simulated readers")
    line = areas.query("finding == 'atelectasis' and source == 'gan'").iloc[0]
    assert f"GAN {line['value']:.2f}" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert figure.texts[0].get_text() == "Simulated readers"
