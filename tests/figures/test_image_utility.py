"""The utility figure shows every way by finding, real images as the ceiling, nothing gained as a line."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.figures.image_utility import reference_text, utility_figure
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def table():
    rows = [("real", "alone", f, "utility_auroc", 0.7, 0.65, 0.75) for f in ("all", *NAMES)]
    for finding in ("all", *NAMES):
        for source, way in (("real", "added 1"), ("gan", "alone"), ("gan", "added 1"), ("gan", "before real")):
            rows.append((source, way, finding, "utility_gain", 0.05, 0.01, 0.09))
    return pd.DataFrame(rows, columns=["source", "way", "finding", "metric", "value", "low", "high"])


def test_every_finding_and_way_is_shown_in_words(table):
    figure = utility_figure(table, "5 seeds")
    texts = " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    assert len(figure.axes) == 5
    for text in ("Mean of the findings", "instead of real", "real + 1 ×", "before real", "More real images", "5 seeds"):
        assert text in texts


def test_the_reference_is_said_in_words(table):
    assert reference_text(table) == "Real images alone: AUROC 0.70 (0.65 to 0.75)"
