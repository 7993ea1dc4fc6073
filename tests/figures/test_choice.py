"""The figure of d': a dot and two intervals for each source, an arrow where there is no limit."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.choice import sensitivities
from helpers.stats.crossed import LIKE, THESE


def table(*rows):
    columns = ["source", "conclusion", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns).assign(task="realism_choice_3")


def lines_of(figure):
    return [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]


def test_each_source_has_its_dot_its_number_and_both_intervals():
    figure = sensitivities(
        table(("gan", THESE, 1.4, 1.0, 1.9), ("gan", LIKE, 1.4, 0.2, 2.9), ("diffusion", THESE, 0.1, -0.3, 0.5)),
        "n = 9",
    )
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "GAN, Realism (1 of 3)",
        "Diffusion, Realism (1 of 3)",
    ]
    assert [tuple(line.get_xdata()) for line in lines_of(figure)] == [(1.0, 1.9), (0.2, 2.9), (-0.3, 0.5)]
    assert {text.get_text() for text in axes.texts} == {"1.40", "0.10"}
    assert figure.texts[0].get_text().endswith("n = 9")
    plt.close(figure)


def test_what_has_no_limit_is_an_arrow_and_what_cannot_be_estimated_is_left_out():
    figure = sensitivities(table(("gan", THESE, np.inf, 1.9, np.inf), ("gan", LIKE, np.inf, np.nan, np.nan)))
    axes = figure.axes[0]
    assert len(lines_of(figure)) == 1 and lines_of(figure)[0].get_xdata()[0] == 1.9
    assert [line.get_marker() for line in axes.lines].count(">") == 1 and not axes.texts
    plt.close(figure)
