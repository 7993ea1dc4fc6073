"""The figure of metrics against readers names every score, task and source, and draws a colleague as the yardstick."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.metric_readers import metric_readers


@pytest.fixture
def relation():
    rows = []
    for task, scores in (("realism_pair", ("distance", "density")), ("conditionality", ("probability",))):
        for score in (*scores, "another reader"):
            rows += [(task, score, source, 0.4, 0.1, 0.7, 48, 3) for source in ("all", "gan", "diffusion")]
    return pd.DataFrame(rows, columns=["task", "score", "source", "value", "low", "high", "cases", "readers"])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_scores_tasks_sources_and_the_number_of_cases_are_named(relation):
    figure = metric_readers(relation, "Simulated readers")
    texts = " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))
    for text in ("Distance to real images", "Another reader", "Finding classifier", "All sources", "Diffusion",
                 "Realism (pair): 48 cases", "Simulated readers"):  # fmt: skip
        assert text in texts
    assert [len(axes.patches) for axes in figure.axes] == [1, 1]


def test_a_single_reader_has_no_yardstick(relation):
    relation.loc[relation["score"] == "another reader", ["value", "low", "high"]] = np.nan
    assert [len(axes.patches) for axes in metric_readers(relation, "").axes] == [0, 0]
