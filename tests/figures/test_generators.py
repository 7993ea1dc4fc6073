import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers.figures.generators import loss_curves, sample_grid, source_grid, strips
from helpers.findings import ORIGINAL

CELLS = ORIGINAL.cells


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def log(models=("joint",)):
    steps = np.arange(1, 31)
    rows = {"images": steps * 16, "loss": 1 / steps, "never": np.nan}
    return pd.concat([pd.DataFrame(rows).assign(model=model) for model in models])


def test_each_panel_is_named_and_has_a_thin_and_a_thick_line_per_column():
    figure = loss_curves(log(), {"Loss": {"loss": "Generator"}, "Nothing": {"never": "Penalty"}})
    first, second = figure.axes
    assert (first.get_ylabel(), first.get_xlabel()) == ("Loss", "Training images seen")
    assert len(first.lines) == 2
    assert len(second.lines) == 0


def test_thick_line_is_a_mean_of_the_thin_one():
    thin, thick = loss_curves(log(), {"Loss": {"loss": "Generator"}}).axes[0].lines
    assert thick.get_linewidth() > thin.get_linewidth()
    assert np.ptp(thick.get_ydata()) <= np.ptp(thin.get_ydata())


def test_the_axis_of_a_frechet_distance_begins_at_zero_and_that_of_a_loss_does_not():
    table = log().assign(frechet=20.0 + np.linspace(0, 0.5, 30), loss=lambda rows: rows["loss"] + 1)
    first, second = loss_curves(table, {"Distance": {"frechet": "GAN"}, "Loss": {"loss": "GAN"}}).axes
    assert first.get_ylim()[0] == 0 < second.get_ylim()[0]


def test_several_models_are_told_apart_in_the_legend():
    figure = loss_curves(log(("atelectasis", "lung_opacity")), {"Loss": {"loss": "Generator"}})
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words == ["AT: generator", "LO: generator"]


def test_grid_has_absent_left_and_present_right_with_every_image():
    images = {cell: np.full((3, 8, 8), index / 8, dtype=np.float32) for index, cell in enumerate(CELLS)}
    figure = sample_grid(images, note="phantom")
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:2] == ["Atelectasis: absent", "Atelectasis: present"]
    assert len(titles) == len(CELLS)
    left, right = (axis.images[0].get_array() for axis in figure.axes[:2])
    assert left.shape == (8, 24)
    present, absent = images[CELLS[0]], images[CELLS[1]]
    assert (left.max(), right.max()) == (absent.max(), present.max())


def test_sources_stand_side_by_side_and_a_cell_that_one_lacks_stays_black():
    images = {"real": {CELLS[0]: np.full((1, 8, 8), 0.5)}, "gan": {cell: np.full((2, 8, 8), 0.7) for cell in CELLS[:2]}}
    axes = source_grid(images, note="phantom").axes
    assert [axis.get_title() for axis in axes] == ["Real", "GAN"]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["AT\npresent", "AT\nabsent"]
    real, gan = (axis.images[0].get_array() for axis in axes)
    assert real.shape == gan.shape == (2 * 9, 16)
    assert np.all(real[:8, :8] == 0.5) and real[:8, 8:].max() == 0 and real[9:17].max() == 0
    assert np.all(gan[:8] == 0.7) and np.all(gan[9:17] == 0.7)


def test_strips_have_a_panel_per_source_and_a_label_per_row():
    panels = {"gan": {"truncation 0": np.zeros((3, 8, 8)), "truncation 1": np.ones((3, 8, 8))}}
    panels["diffusion"] = {"guidance 2": np.full((2, 8, 8), 0.5)}
    first, second = strips(panels, ["0", "1", "2"], "Seed").axes
    assert (first.get_title(), second.get_title()) == ("GAN", "Diffusion")
    assert [label.get_text() for label in first.get_yticklabels()] == ["truncation 0", "truncation 1"]
    assert first.get_xlabel() == "Seed"
    picture = first.images[0].get_array()
    assert picture.shape == (16, 24) and picture[:8].max() == 0 and picture[8:].min() == 1
