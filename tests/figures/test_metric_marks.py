"""A mark shows value and interval, a missing one its reason, and the baseline is named."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.metric_marks import band, legend, point, spread, title_of

ROW = {"value": 2.0, "low": 1.0, "high": 4.0, "method": "m"}


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.mark.parametrize("horizontal", [True, False])
def test_a_mark_has_its_value_and_interval(axes, horizontal):
    point(axes, pd.Series(ROW), 3.0, "black", horizontal)
    line, dot = (np.array(mark.get_xydata()) for mark in axes.lines)
    assert (line if horizontal else line[:, ::-1]).tolist() == [[1, 3], [4, 3]]
    assert (dot if horizontal else dot[:, ::-1]).tolist() == [[2, 3]]


def test_a_missing_value_is_named_with_its_reason(axes):
    point(axes, pd.Series(ROW | {"value": np.nan, "method": "not given: too few"}), 0, "black", True)
    assert axes.texts[0].get_text() == "not given: too few" and not axes.lines


def test_the_band_is_that_of_real_images(axes):
    band(axes, pd.DataFrame([ROW, ROW | {"low": 7.0}], index=["real", "gan"]))
    assert len(axes.patches) == 1 and axes.patches[0].get_x() == 1.0


def test_marks_of_any_number_of_sources_stay_around_their_tick():
    for count in (1, 3, 12):
        places = spread(5, count)
        assert len(places) == count and abs(places - 5).max() < 0.5 and places.mean() == pytest.approx(5)


def test_the_legend_names_the_baseline(axes):
    legend(axes.figure, ["real", "gan"], {"real": "black", "gan": "red"}, baseline="Real (label)")
    assert [text.get_text() for text in axes.figure.legends[0].texts] == ["Real (label)", "GAN"]
    assert title_of("real") == "Real against real"
