"""Forest plots show what the table says."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.legend import Legend

from helpers.figures.forest import forest, row_title
from helpers.figures.style import use_findings
from helpers.findings import ORIGINAL, Findings
from helpers.stats.crossed import LIKE, THESE


@pytest.fixture
def table() -> pd.DataFrame:
    lines = [("gan", THESE, 0.6, 0.5, 0.7), ("gan", LIKE, 0.6, 0.2, 0.9)]
    lines += [("diffusion", THESE, 0.7, 0.6, 0.8), ("diffusion", LIKE, 0.7, np.nan, np.nan)]
    return pd.DataFrame(lines, columns=["source", "conclusion", "value", "low", "high"])


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_every_estimate_has_a_row_with_its_numbers(table):
    figure = forest(table, ["source"], "Right", note="3 readers")
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["GAN", "Diffusion"]
    assert texts(right) == ["0.60   (0.50 to 0.70)", "0.20 to 0.90", "0.70   (0.60 to 0.80)", "–"]
    assert [text.get_text() for text in figure.texts] == ["3 readers"]
    plt.close(figure)


def test_intervals_are_drawn_where_they_lie(table):
    figure = forest(table, ["source"], "Right")
    drawn = {tuple(np.round(line.get_xdata(), 3)) for line in figure.axes[0].lines}
    assert {(0.5, 0.7), (0.2, 0.9), (0.6, 0.8)} <= drawn
    plt.close(figure)


def test_the_legend_is_whole_where_no_title_stands_above(table):
    figure = forest(table, ["source"], "Sensitivity", null=None)
    figure.canvas.draw()
    trimmed = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    legends = [artist for artist in figure.axes[1].get_children() if isinstance(artist, Legend)]
    assert len(legends) == 2
    assert all(legend.get_window_extent().y1 <= trimmed.y1 for legend in legends)
    plt.close(figure)


def test_negative_numbers_have_a_true_minus_sign():
    lines = [("gan", "x", THESE, -0.1, -0.2, 0.0)]
    table = pd.DataFrame(lines, columns=["first", "second", "conclusion", "value", "low", "high"])
    figure = forest(table, ["first", "second"], "Difference", null=0.0, limits=None)
    assert texts(figure.axes[1])[0].startswith("\N{MINUS SIGN}0.10")
    plt.close(figure)


def test_zero_has_no_sign(table):
    figure = forest(table.assign(high=-0.001), ["source"], "Difference", limits=None)
    assert "to 0.00" in texts(figure.axes[1])[0]
    plt.close(figure)


@pytest.mark.parametrize(
    ("row", "title"),
    [
        ({"finding": "lung_opacity", "truth": 1, "source": "gan"}, "Lung opacity present, GAN"),
        ({"first": "gan", "second": "vendor-x"}, "GAN minus vendor-x"),
        ({"reader": "reader-1", "source": "diffusion"}, "reader-1, Diffusion"),
    ],
)
def test_labels_are_words(row, title):
    assert row_title(pd.Series(row), list(row)) == title


def test_subgroups_of_findings_have_the_titles_of_the_study():
    use_findings(Findings.from_section([{"name": "edema", "title": "Wet lung (ILD)", "code": "WL"}]))
    row = pd.Series({"moderator": "Finding", "level": "edema", "source": "gan"})
    assert row_title(row, ["moderator", "level", "source"]) == "Finding, Wet lung (ILD), GAN"
    use_findings(ORIGINAL)
