"""Confidence of the realism answers."""

import matplotlib.pyplot as plt
import pandas as pd

from helpers.figures.realism import CONFIDENCE, confidence_bars, confidence_table

ROWS = pd.DataFrame(
    {
        "source": ["gan", "gan", "gan", "gan", "diffusion"],
        "rating": [2, -2, 0, -1, 1],
        "correct": pd.array([1, 0, None, 1, 0], dtype="Int64"),
    }
)


def test_shares_are_of_each_source_and_by_direction_of_the_truth():
    table = confidence_table(ROWS).set_index("source")
    assert table.loc["gan", list(CONFIDENCE)].tolist() == [0.25, 0.0, 0.25, 0.25, 0.25]
    assert table.loc["diffusion", "probably, wrong"] == 1.0
    assert table["readings"].to_dict() == {"gan": 4, "diffusion": 1}


def test_each_bar_adds_up_to_all_answers_and_names_n():
    figure = confidence_bars(confidence_table(ROWS), "Simulated readers")
    axes = figure.axes[0]
    assert sum(bar.get_width() for bar in axes.patches) == 200
    assert [label.get_text() for label in axes.get_yticklabels()] == ["GAN (n = 4)", "Diffusion (n = 1)"]
    assert figure.texts[0].get_text() == "Simulated readers"
    plt.close(figure)


def test_on_other_scales_the_outer_half_of_a_side_is_definite():
    rows = ROWS.assign(rating=[1.5, -1.5, 0.5, -0.5, 0.5], scale="-1.5..1.5, positive from 0.5")
    table = confidence_table(rows).set_index("source")
    assert table.loc["gan", list(CONFIDENCE)].tolist() == [0.25, 0.0, 0.25, 0.25, 0.25]
