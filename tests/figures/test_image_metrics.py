"""Each figure shows every source, its interval and n, and says where a number is missing."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures import image_metrics as figures
from helpers.findings import ORIGINAL

CELLS = ORIGINAL.cells

SOURCES = ("real", "gan", "diffusion", "mine")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def metrics():
    rows = []
    for i, source in enumerate(SOURCES):
        for metric in ("frechet_distance", "kid", "recall"):
            rows.append((source, None, None, metric, i + 1.0, i + 0.5, i + 1.5, 160, "ranges"))
            rows += [(source, c.finding, c.present, metric, i + 1.0, i + 0.5, i + 1.5, 20, "ranges") for c in CELLS]
    columns = ["source", "finding", "present", "metric", "value", "low", "high", "n", "method"]
    return pd.DataFrame(rows, columns=columns)


def _texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(matplotlib.text.Text))


def test_the_overview_names_every_source_metric_and_the_baseline(metrics):
    figure = figures.overview(metrics, "100 halvings")
    assert all(
        title in _texts(figure) for title in ("Real against real", "GAN", "Diffusion", "mine", "Recall", "100 halvings")
    )


def test_a_number_that_is_not_given_says_why(metrics):
    chosen = metrics["finding"].isna() & (metrics["source"] == "mine")
    metrics.loc[chosen, ["value", "low", "high"]] = np.nan
    metrics.loc[chosen, "method"] = "not given: some cells have too few"
    assert "not given: some cells" in _texts(figures.overview(metrics, ""))


def test_cells_have_a_panel_per_finding_with_n(metrics):
    figure = figures.by_cell(metrics, "kid", "phantoms")
    assert len(figure.axes) == 4
    assert "n 20" in _texts(figure) and "phantoms" in _texts(figure)


def test_a_cell_with_too_few_images_says_so(metrics):
    chosen = (metrics["finding"] == CELLS[0].finding) & (metrics["present"] == 1)
    metrics.loc[chosen, ["value", "low", "high"]] = np.nan
    assert "too few" in _texts(figures.by_cell(metrics, "kid", ""))


def test_similarity_has_its_own_axis_and_no_word_of_distance(metrics):
    metrics["metric"] = metrics["metric"].replace("recall", "ms_ssim")
    texts = _texts(figures.by_cell(metrics, "ms_ssim", ""))
    assert "Similarity within a cell" in texts and "to real images of the cell" not in texts


def test_the_overview_says_which_direction_is_good(metrics):
    texts = _texts(figures.overview(metrics, ""))
    assert "less is better" in texts and "more is better" in texts


def test_second_opinions_have_a_line_of_panels_per_extractor_with_its_digest(metrics):
    overall = metrics[metrics["finding"].isna()]
    figure = figures.second_opinions({"finding classifier 0123": overall, "random network 4567": overall}, "")
    assert len(figure.axes) == 8
    assert all(text in _texts(figure) for text in ("0123", "4567", "Kernel distance"))


def test_the_training_figure_marks_the_kept_epoch():
    log = pd.DataFrame({"epoch": [1, 2, 3], "training_loss": [3.0, 2, 1], "selection_loss": [3.0, 1, 2]})
    log["best"] = [False, True, False]
    figure = figures.classifier_training(log, "n = 5")
    kept = figure.axes[0].lines[-1]
    assert (kept.get_xdata()[0], kept.get_ydata()[0]) == (2, 1.0)


def test_the_gallery_shows_the_nearest_pairs_and_marks_suspects():
    pairs = pd.DataFrame(
        {
            "image_id": ["a", "b"],
            "source": "gan",
            "space": "pixels",
            "training_image_id": ["t", "t"],
            "distance": [0.25, 1.0],
            "held_out_distance": [0.75, 1.0],
            "suspect": [True, False],
        }
    )
    pictures = {name: np.full((8, 8), 90, dtype=np.uint8) for name in "abt"}
    figure = figures.nearest_gallery(pairs, pictures, "phantoms", count=3)
    assert sum(len(axes.images) for axes in figure.axes) == 4
    assert all(text in _texts(figure) for text in ("GAN, suspect", "distance 0.25\nheld out 0.75", "phantoms"))
