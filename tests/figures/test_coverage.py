"""The figure of coverage."""

import matplotlib.pyplot as plt
import pandas as pd

from helpers.figures.coverage import coverage, coverage_table
from helpers.stats.coverage import COVERAGE, TYPE_ONE, load
from helpers.stats.coverage_published import COMMITTED

OF_PUBLISHED = [f"AUC difference,\nObuchowski-Rockette,\n{sources} sources" for sources in ("two", "three")]


def everything() -> pd.DataFrame:
    return pd.concat([load(), load(COMMITTED)], ignore_index=True)


def test_every_setting_of_the_table_is_a_point_with_its_monte_carlo_bar():
    table = everything()
    figure = coverage(table, note="10,000 studies")
    assert sum(len(panel.lines) - 1 for panel in figure.axes) == 2 * len(table)
    assert [panel.get_title() for panel in figure.axes[:2]] == ["For these readers", "For readers like these"]
    rows = [[label.get_text() for label in figure.axes[place].get_yticklabels()] for place in (0, 2)]
    assert rows == [
        ["Accuracy", "Accuracy difference", "Accuracy difference,\nMOVER",
         "AUC", "AUC difference", "AUC difference,\nMOVER", "ICC", *OF_PUBLISHED],
        ["Accuracy difference", "AUC difference", *OF_PUBLISHED]
    ]  # fmt: skip
    plt.close(figure)


def test_a_part_of_the_table_can_be_drawn():
    part = load().query("measure == 'accuracy' and readers == 3 and spread == 'readers alike'")
    figure = coverage(part)
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["3 readers x 50 cases", "Readers alike", "Readers differ"]
    assert set(part["what"]) == {COVERAGE, TYPE_ONE}
    plt.close(figure)


def test_every_share_of_the_table_can_be_read():
    shown = coverage_table(everything())
    assert (shown != "–").sum().sum() == len(everything())
    row = load().query("measure == 'auc' and difference == 0 and value == 0.8 and readers == 3").iloc[0]
    cell = shown.loc[(TYPE_ONE, "AUC difference", 0.8), (row["conclusion"], row["spread"], "3 x 50")]
    assert cell == f"{100 * row['share']:.1f} %"
