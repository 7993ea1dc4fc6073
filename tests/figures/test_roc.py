"""ROC curves of readers and their mean."""

import matplotlib.pyplot as plt
import pytest

from helpers.figures.roc import roc_curves
from helpers.stats import mrmc
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "conditionality")


@pytest.mark.parametrize("by", [["source"], ["finding", "source"]])
def test_curves_of_readers_and_mean_name_their_area(rows, by):
    areas = mrmc.auc(rows, by)
    figure = roc_curves(mrmc.roc_points(rows, by), mrmc.reader_calls(rows, by), areas, "Simulated readers")
    panel = figure.axes[0 if by == ["finding", "source"] else 1]
    line = areas[areas["source"] == "gan"].iloc[0]
    assert f"GAN {line['value']:.2f}" in [text.get_text() for text in panel.get_legend().get_texts()]
    sources = 3 if len(by) == 2 else 1
    assert len(panel.lines) == 1 + sources * 4  # chance, three readers and their mean
    assert len(panel.collections) == 2 * sources  # the points at which they decide
    assert figure.texts[0].get_text() == "Simulated readers"
    plt.close(figure)
