"""Figures of words show every sentence, its interval, the same seeds without words, and what was asked for."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from helpers.figures import words as figures
from helpers.findings import ORIGINAL
from helpers.image_metrics.obedience import RULERS
from helpers.image_metrics.sentences import asked_of

SEEN = [f"seen_{name}" for name in ORIGINAL.names]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def effects_of(measures, ruled):
    rows = [
        row._asdict() | {"source": source, "measure": measure, "value": 0.3, "difference": 0.2, "low": 0.1, "high": 0.3}
        for source in ("diffusion", "mine")
        for row in asked_of(ORIGINAL, ruled, {}).itertuples(index=False)
        for measure in measures
    ]
    return pd.DataFrame(rows).assign(n=20)


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def test_words_of_degree_side_and_height_have_a_panel_each_and_rise_from_left_to_right():
    figure = figures.doses(effects_of([*SEEN, *RULERS], ruled=True), "simulated note")
    shown = [axis for axis in figure.axes if axis.get_visible()]
    levels = [[label.get_text() for label in axis.get_xticklabels()] for axis in shown]
    assert ["small", "moderate", "large"] in levels and ["right", "left"] in levels
    assert ["upper", "mid", "lower"] in levels and len(shown) == 4 + 2 + 1
    assert "Without words" in figure.legends[0].get_texts()[-1].get_text() and "simulated note" in texts(figure)


def test_without_a_ruler_the_classifier_judges_degrees():
    figure = figures.doses(effects_of(SEEN, ruled=False), "")
    assert {axis.get_ylabel() for axis in figure.axes if axis.get_visible()} == {"Probability of the classifier"}


def test_the_matrix_frames_what_was_asked_for_and_prints_what_is_clear_in_bold():
    effects = effects_of(SEEN, ruled=False)
    unclear = effects["sentence"].str.startswith("No ")
    effects.loc[unclear, "low"] = -0.1
    figure = figures.brought_along(effects, ORIGINAL.names, "")
    axis = figure.axes[0]
    assert sum(isinstance(patch, Rectangle) for patch in axis.patches) == 2 * len(ORIGINAL) + 2 * len(ORIGINAL)
    weights = [text.get_weight() for text in axis.texts]
    assert weights.count("normal") == len(ORIGINAL) ** 2 and weights.count("bold") == 2 * len(ORIGINAL) ** 2


def test_every_wording_has_a_line_in_the_panel_of_each_finding():
    areas = pd.DataFrame(
        [
            (source, finding, wording, 0.9, 0.8, 0.95, 40)
            for source in ("diffusion", "mine")
            for finding in ORIGINAL.names
            for wording in ("plain", "reordered", "original")
        ],
        columns=["source", "finding", "wording", "auroc", "low", "high", "n"],
    )
    figure = figures.wordings(areas, "simulated note")
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert len(shown) == 4 and [label.get_text() for label in shown[0].get_yticklabels()] == [
        "plain", "reordered", "original"
    ]  # fmt: skip
    assert all(len(axis.containers) == 6 for axis in shown) and "simulated note" in texts(figure)


def test_the_sheet_has_a_line_for_each_sentence():
    images = {"": np.zeros((3, 8, 8), np.uint8), "Effusion.": np.full((3, 8, 8), 200, np.uint8)}
    figure = figures.sheet(images, "note")
    assert len(figure.axes) == 6 and "(no words)" in texts(figure)
