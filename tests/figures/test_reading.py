"""The owner's view draws every reader, those who have not begun included."""

import matplotlib.pyplot as plt
import pandas as pd

from helpers.figures.reading import owners_view

PROGRESS = pd.DataFrame(
    [("guest", 0, 5, "not begun"), ("reader-1", 3, 5, "reading")], columns=["reader", "answered", "total", "state"]
)
ANSWERS = pd.DataFrame(
    [("reader-1", "realism_pair", -2, 3.0), ("reader-1", "realism_pair", 1, 5.0), ("reader-1", "conditionality", 0, 9)],
    columns=["reader", "task", "rating", "active_seconds"],
)


def test_one_panel_for_progress_each_task_and_times():
    figure = owners_view(PROGRESS, ANSWERS, "n = 3")
    assert [axis.get_title() for axis in figure.axes] == [
        "Progress",
        "Realism (pair)",
        "Conditionality",
        "Time per answer",
    ]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["guest", "reader-1"]
    texts = [text.get_text() for text in figure.axes[1].texts]
    assert texts == ["none yet", "n = 2"]
    plt.close(figure)


def test_shares_of_a_reader_add_up_to_a_hundred():
    figure = owners_view(PROGRESS, ANSWERS)
    bars = [bar for bar in figure.axes[1].patches if abs(bar.get_y() + bar.get_height() / 2 - 1) < 1e-9]
    assert sum(bar.get_width() for bar in bars) == 100
    plt.close(figure)


def test_a_study_that_nobody_has_begun_can_be_drawn():
    figure = owners_view(PROGRESS.assign(answered=0), ANSWERS.iloc[:0])
    assert [axis.get_title() for axis in figure.axes] == ["Progress", "Time per answer"]
    plt.close(figure)
