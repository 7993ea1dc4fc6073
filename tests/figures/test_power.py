"""Figures of power."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.power import design_power, difference_power
from helpers.stats.crossed import LIKE, THESE


def curve(**fixed) -> pd.DataFrame:
    lines = [(c, x, p, p - 0.1, p + 0.1) for c in (THESE, LIKE) for x, p in ((20, 0.3), (40, 0.6))]
    table = pd.DataFrame(lines, columns=["conclusion", "cases", "power", "low", "high"])
    return table.assign(difference=table["cases"] / 100, **fixed)


def test_one_panel_for_each_conclusion_and_one_line_for_each_number_of_readers():
    figure = design_power(pd.concat([curve(readers=3), curve(readers=5)]), note="500 studies")
    assert [axes.get_title() for axes in figure.axes] == ["For these readers", "For readers like these"]
    legend = figure.axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["3 readers", "5 readers"]
    assert figure.axes[0].lines[0].get_ydata().tolist() == [30, 60]
    assert len(figure.axes[0].collections) == 2  # Monte Carlo bands
    plt.close(figure)


def test_one_reader_leaves_the_second_panel_empty_and_says_why():
    table = curve(question="A minus B")
    table.loc[table["conclusion"] == LIKE, ["power", "low", "high"]] = np.nan
    figure = difference_power(table)
    assert figure.axes[1].texts[0].get_text() == "Not estimable with one reader"
    plt.close(figure)
