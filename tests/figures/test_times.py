"""The figure of reading times."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.times import times
from helpers.stats.crossed import LIKE, THESE


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
