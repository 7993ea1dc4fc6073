import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers.cohort import summary
from helpers.figures import cohort as figures
from helpers.findings import ORIGINAL
from helpers.tables import SPLITS

NAMES = ORIGINAL.names


@pytest.fixture
def table(tmp_path):
    """Twelve images in the folder, in all three splits; no image shows an effusion."""
    dice = np.random.default_rng(0)
    rows = []
    for number in range(12):
        path = tmp_path / f"{number}.png"
        Image.fromarray(dice.integers(0, 256, (16, 16), dtype=np.uint8)).save(path)
        labels = {name: 0 if name == "pleural_effusion" else number % 2 for name in NAMES}
        rows.append({"image_id": str(number), "path": path.name, "patient_id": str(number // 2)} | labels)
    table = pd.DataFrame(rows).assign(split=list(SPLITS) * 4, view="PA", sex=["F", "M"] * 6, age=np.arange(30.0, 42))
    return table.astype({name: "Int64" for name in NAMES})


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(figure):
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [text.get_text() for text in axes.texts] + [axes.get_xlabel(), axes.get_ylabel()]
        found += [label.get_text() for label in axes.get_yticklabels() + axes.get_xticklabels()]
        found += [text.get_text() for text in axes.get_legend().get_texts()] if axes.get_legend() else []
    return " | ".join(found)


def test_prevalence_shows_every_split_with_its_interval_and_n(table):
    figure = figures.prevalence_figure(summary.prevalence(table, ORIGINAL), note="Phantoms.")
    shown = texts(figure)
    assert "Train (n = 4)" in shown and "All (n = 12)" in shown
    assert "(%)" in shown and "Phantoms." in shown
    assert len(figure.axes[0].containers) == 4


def test_co_occurrence_says_where_there_is_nothing_to_count(table):
    shown = texts(figures.co_occurrence_figure(summary.co_occurrence(table, ORIGINAL)))
    assert "no image" in shown
    assert "100 %\nn = 6" in shown


def test_people_says_what_is_not_given(table):
    assert "12 images of 6 patients; 12 with an age" in texts(figures.people_figure(table))
    shown = texts(figures.people_figure(table.assign(age=np.nan, sex=None, view=None)))
    assert "Ages are not given" in shown
    assert "Not given" in shown


def test_small_cells_are_marked(table):
    shown = texts(figures.cell_counts_figure(summary.cell_counts(table, ORIGINAL), few=3))
    assert shown.count("too few") == 3 + 2 * 9  # effusion present; and the others, two of four images each
    assert "fewer than 3" in shown


def test_examples_show_images_of_the_cell_only(table, tmp_path):
    figure = figures.examples_figure(table, ORIGINAL, tmp_path, seed=1, columns=3)
    (axes,) = figure.axes
    picture = np.rint(axes.images[0].get_array() * 255)
    candidates = [np.asarray(Image.open(tmp_path / path)) for path in table.loc[table["atelectasis"] == 1, "path"]]
    size = len(candidates[0])
    assert any(np.array_equal(picture[:size, :size], candidate) for candidate in candidates)
    rows = picture.reshape(8, -1, picture.shape[1])
    assert [(row < 255).any() for row in rows] == [True] * 4 + [False] + [True] * 3
    assert [label.get_text().split("\n")[-1] for label in axes.get_yticklabels()][4] == "(0)"
