"""The figure of reading times."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.times import speed_accuracy, times
from helpers.stats import times as reading_times
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.readings import analysed


def test_means_and_intervals_of_every_source_and_a_line_for_every_reader():
    seconds = pd.DataFrame({"source": ["gan", "gan", "vendor"], "seconds": [3.0, 5.0, 8.0]})
    lines = [(s, c, 4.0, 3.0, np.nan if c == LIKE else 6.0) for s in ("gan", "vendor") for c in (THESE, LIKE)]
    means = pd.DataFrame(lines, columns=["source", "conclusion", "seconds", "low", "high"])
    positions = pd.DataFrame({"reader": ["a", "a", "b", "b"], "position": [1, 9, 1, 9], "seconds": [5.0, 4, 9, 8]})
    figure = times(seconds, means, positions, "Phantom images")
    left, right = figure.axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["GAN", "vendor"]
    assert (3.0, 6.0) in {tuple(line.get_ydata()) for line in left.lines}
    assert left.get_ylabel().endswith("(s)") and left.get_yscale() == "log"
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["a", "b"]
    plt.close(figure)


def test_speed_and_accuracy_of_every_source_stand_beside_each_other(readings):
    rows = analysed(readings, "realism_pair")
    ratios = reading_times.speed_accuracy(rows, ["source"]).assign(task="realism_pair")
    parts = reading_times.accuracy_by_speed(rows, ["source"]).assign(task="realism_pair")
    left, right = speed_accuracy(ratios, parts).axes
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == ["Undetermined, Diffusion", "Undetermined, GAN", "Wrong, Diffusion", "Wrong, GAN"]
    lines = {line.get_label(): line for line in right.lines}
    expected = parts[(parts["source"] == "gan") & (parts["conclusion"] == THESE)]
    np.testing.assert_allclose(lines["GAN"].get_ydata(), expected["value"])
    np.testing.assert_allclose(lines["GAN"].get_xdata(), expected["seconds"])
    plt.close("all")
