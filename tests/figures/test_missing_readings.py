"""The figure of shifts: a panel for each comparison, both intervals, and a line where a conclusion turns."""

import matplotlib.pyplot as plt
import pandas as pd

from helpers.figures.missing_readings import shift_curves
from helpers.stats.crossed import LIKE, THESE


def table(turned: list[bool]) -> pd.DataFrame:
    rows = [
        {"compared": name, "delta": delta, "conclusion": conclusion, "value": 0.6 + delta / 10}
        | {"low": 0.55, "high": 0.7, "turned": turn and conclusion == LIKE}
        for name in ("gan", "gan minus diffusion")
        for delta, turn in zip((-0.5, 0.0, 0.5), turned, strict=True)
        for conclusion in (THESE, LIKE)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_each_comparison_has_a_panel_with_its_null_and_a_line_where_it_turns():
    figure = shift_curves(table([True, False, False]), "n = 3")
    assert [panel.get_title() for panel in figure.axes] == ["GAN", "GAN minus Diffusion"]
    assert [panel.get_ylabel() for panel in figure.axes] == ["Proportion of right answers", "Difference"]
    for panel, null in zip(figure.axes, (0.5, 0.0), strict=True):
        dashed, dotted = [line for line in panel.lines if line.get_linestyle() in ("--", ":")]
        assert dashed.get_ydata()[0] == null and dotted.get_xdata()[0] == -0.5
        assert [band.get_label() for band in panel.collections] == [LIKE, THESE]
    plt.close(figure)


def test_no_line_where_nothing_turns():
    figure = shift_curves(table([False, False, False]))
    assert not [line for panel in figure.axes for line in panel.lines if line.get_linestyle() == ":"]
    plt.close(figure)
