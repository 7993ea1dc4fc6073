"""The figure shows every source by frequency, and leaves out what is not known."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.figures.image_sharpness import sharpness
from helpers.image_metrics.comparison import COLUMNS
from helpers.image_metrics.sharpness import BANDS, metric_of


def rows(value=1.0):
    return pd.DataFrame(
        [
            (source, None, None, metric_of(band), value * scale, 0.9 * value * scale, 1.1 * value * scale, 40, "")
            for band in BANDS
            for source, scale in (("real", 1.0), ("gan", 0.3), ("mine", 3.0))
        ],
        columns=COLUMNS,
    )


def test_every_source_has_a_line_with_intervals_beside_the_band_of_real_images():
    figure = sharpness(rows(), "40 images a set")
    (axes,) = figure.axes
    assert len(axes.containers) == 2 and len(axes.collections) >= 1
    low, high = axes.get_ylim()
    assert low < 0.27 and high > 3.3
    said = " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    assert all(title in said for title in ("Real against real", "GAN", "mine", "40 images a set", "cycles per pixel"))
    plt.close(figure)


def test_bands_without_a_number_are_left_out():
    plt.close(sharpness(rows(np.nan), ""))
