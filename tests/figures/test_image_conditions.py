"""Condition figures show every source beside real images, what was asked for, intervals, and what is missing."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from helpers.figures import image_conditions as figures
from helpers.findings import DESCRIBED, MOST, ORIGINAL

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
SOURCES = ("real", "gan", "mine")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def _texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def test_the_auroc_figure_marks_chance_and_the_ceiling():
    rows = [(s, n, None, "condition_auroc", 0.8, 0.7, 0.9, 80, "DeLong") for s in SOURCES for n in NAMES]
    columns = ["source", "finding", "present", "metric", "value", "low", "high", "n", "method"]
    rows += [("real", NAMES[0], None, "condition_auroc_equal_n", 0.8, 0.6, 0.95, 20, "draws")]
    figure = figures.condition_auroc(pd.DataFrame(rows, columns=columns), "weights 0123")
    band = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(band) == 1 and (band[0].get_y(), band[0].get_height()) == (0.6, pytest.approx(0.35))
    texts = _texts(figure)
    assert all(text in texts for text in ("chance", "Real (label)", "mine", "weights 0123"))


def _confusion(names=NAMES):
    cells = [(name, present) for name in names for present in (1, 0)]
    rows = [(s, *cell, seen, 0.25, 0.1, 0.4, 40) for s in SOURCES for cell in cells for seen in names]
    return pd.DataFrame(rows, columns=["source", "finding", "present", "seen", "value", "low", "high", "n"])


def test_the_confusion_has_a_panel_per_source_and_frames_what_was_asked_for():
    figure = figures.confusion(_confusion(), "phantoms")
    assert len(figure.axes) == 3
    for axes in figure.axes:
        assert sum(isinstance(patch, Rectangle) for patch in axes.patches) == len(CELLS)
    texts = _texts(figure)
    assert texts.count("25 %") == texts.count("10–40") == 3 * 8 * 4
    assert "ECS absent" in texts and "Real (label)" in texts


def test_of_fourteen_findings_no_figure_is_wider_than_a_page_can_show():
    names = tuple(DESCRIBED)[:MOST]
    rows = [(source, name, None, "condition_auroc", 0.8, 0.7, 0.9, 80) for source in SOURCES for name in names]
    columns = ["source", "finding", "present", "metric", "value", "low", "high", "n"]
    areas = figures.condition_auroc(pd.DataFrame(rows, columns=columns), "")
    seen = figures.confusion(_confusion(names), "")
    assert max(figure.get_size_inches()[0] for figure in (areas, seen)) < 13
    assert [axes.get_title() for axes in seen.axes] == ["Real (label)", "GAN", "mine"]
    assert all(len(axes.get_yticklabels()) == 2 * MOST for axes in seen.axes)


def test_a_cell_without_images_says_so():
    table = _confusion()
    chosen = (table["source"] == "mine") & (table["finding"] == NAMES[0]) & (table["present"] == 1)
    table.loc[chosen, ["value", "low", "high"]] = np.nan
    assert _texts(figures.confusion(table, "")).count("no image") == 4


def test_reliability_has_a_panel_per_finding_with_the_diagonal():
    rows = [(s, n, p, p + 0.02, p - 0.05, p + 0.1, 30) for s in SOURCES for n in NAMES for p in (0.2, 0.8)]
    curves = pd.DataFrame(rows, columns=["source", "finding", "predicted", "share", "low", "high", "n"])
    figure = figures.reliability(curves, "")
    assert len(figure.axes) == 4
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[0, 0], [1, 1]]


def test_measurements_show_each_image_and_the_limit_of_a_normal_heart():
    pairs = (("ctr", NAMES[3]), ("effusion_area", NAMES[2]))
    rows = [(s, f, p, m, 0.5, str(i)) for s in SOURCES for m, f in pairs for p in (0, 1) for i in range(5)]
    values = pd.DataFrame(rows, columns=["source", "finding", "present", "metric", "value", "group"])
    table = values.groupby(["source", "finding", "present", "metric"], as_index=False).agg(value=("value", "mean"))
    figure = figures.measurements(values, table.assign(low=0.4, high=0.6), "rank correlation 0.86")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "."]
    assert len(dots) == 6 and all(len(line.get_xdata()) == 5 for line in dots)
    assert 0.5 in [line.get_ydata()[0] for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert "Cardiothoracic ratio" in _texts(figure) and "rank correlation 0.86" in _texts(figure)
