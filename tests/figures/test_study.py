"""Figures of the plan show what the plan table holds."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.study import (
    answer_places,
    display_figure,
    gate_figure,
    main_trials,
    order_figure,
    sides_figure,
    trials_figure,
)
from helpers.figures.style import cell_title
from helpers.files import write_png
from helpers.findings import DESCRIBED, ORIGINAL, Cell
from helpers.tables import PLAN, validate

CELLS = ORIGINAL.cells


@pytest.fixture
def trials():
    rows = []
    for reader in ("ada", "ben"):
        position = 0
        for task in ("realism_pair", "conditionality"):
            for cell in CELLS:
                for source in ("gan", "diffusion") if task == "realism_pair" else ("real", "gan", "diffusion"):
                    position += 1
                    pair, name = task == "realism_pair", f"{source}-{cell.label}"
                    side = ("left", "right")[position % 2] if pair else None
                    images = (name, f"real-{cell.label}") if side == "left" else (f"real-{cell.label}", name)
                    rows.append(
                        {
                            "reader": reader,
                            "position": position,
                            "trial_id": f"{reader}{position}",
                            "task": task,
                            "images": "|".join(images) if pair else name,
                            "case": name,
                            "finding": cell.finding,
                            "present": cell.present,
                            "source": source,
                            "side": side,
                            "is_practice": position == 1,
                            "repeat_of": f"{reader}2" if position == 16 else None,
                        }
                    )
    return validate(pd.DataFrame(rows), PLAN)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def widths(axes):
    return sum(abs(patch.get_width()) for patch in axes.patches)


def test_bars_add_up_to_one_readers_main_trials(trials):
    panels = trials_figure(trials).axes
    assert [panel.get_title() for panel in panels] == ["Realism (pair), n = 14", "Conditionality, n = 24"]
    assert [widths(panel) for panel in panels] == [14, 24]
    assert [label.get_text() for label in panels[0].get_yticklabels()] == [cell_title(cell) for cell in CELLS]


def test_sides_show_every_pair_of_every_reader_once(trials):
    panels = sides_figure(trials).axes
    assert [panel.get_title() for panel in panels] == ["ada", "ben"]
    assert [widths(panel) for panel in panels] == [14, 14]


def test_the_order_has_a_stripe_for_every_trial(trials):
    axes = order_figure(trials, "Phantoms.").axes[0]
    assert len(axes.patches) == len(trials)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ada", "ben"]


def test_the_colour_of_a_trial_follows_the_question(trials):
    pairs = trials.task == "realism_pair"
    places = np.array(answer_places(trials))
    assert (places[pairs] == (trials.side[pairs] == "right")).all()
    assert (places[~pairs] == trials.present[~pairs]).all()
    assert answer_places(trials[~pairs].assign(task="realism_single")) == list(trials.source[~pairs] != "real")
    labels = [text.get_text() for text in order_figure(trials).axes[0].get_legend().get_texts()]
    assert labels == ["left / absent", "right / present", "repeat", "practice"]


def test_tasks_with_more_places_have_a_row_and_colours_of_their_own(trials):
    pairs = trials[trials.task == "realism_pair"]
    sides = [str(1 + number % 3) for number in range(len(pairs))]
    choices = pairs.assign(task="realism_choice_3", side=sides, images=pairs.images + "|x")
    both = pd.concat([trials, choices], ignore_index=True)
    panels = sides_figure(both).axes
    assert [panel.get_ylabel() for panel in panels] == ["Realism (pair), n = 14", "", "Realism (1 of 3), n = 14", ""]
    assert [text.get_text() for text in panels[2].get_xticklabels()] == ["1", "2", "3"]
    assert widths(panels[3]) == 14
    labels = [text.get_text() for text in order_figure(both).axes[0].get_legend().get_texts()]
    assert labels[:3] == ["left / absent / image 1", "right / present / image 2", "image 3"]


def test_the_display_shows_each_source_and_cell(trials, tmp_path):
    names = trials.images.str.split("|").explode().unique()
    for name in names:
        write_png(tmp_path / f"{name}.png", np.zeros((8, 8)))
    figure = display_figure(main_trials(trials), {name: tmp_path / f"{name}.png" for name in names})
    assert sum(len(axes.images) for axes in figure.axes) == 3 * len(CELLS)
    assert [figure.axes[row * len(CELLS)].get_ylabel() for row in range(3)] == ["Real", "GAN", "Diffusion"]


def test_the_display_of_many_findings_has_eight_cells_in_a_row(trials, tmp_path):
    ratings = trials[trials.task == "conditionality"]
    many = pd.concat([ratings.assign(finding=name) for name in tuple(DESCRIBED)[:6]])
    write_png(tmp_path / "image.png", np.zeros((8, 8)))
    figure = display_figure(many, dict.fromkeys(many.images, tmp_path / "image.png"))
    rows = figure.axes[0].get_gridspec().nrows
    assert (rows, len(figure.axes)) == (2 * 3, 2 * 3 * 8)
    assert sum(len(axes.images) for axes in figure.axes) == 3 * 6 * 2
    assert [figure.axes[8 * row].get_ylabel() for row in range(rows)] == ["Real", "GAN", "Diffusion"] * 2
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [cell_title(Cell(name, present)) for name in tuple(DESCRIBED)[:6] for present in (1, 0)]


def test_the_gate_draws_each_fact_with_its_interval():
    rows = [("all", 0.7, 0.6, 0.8, 90), ("border_step", 0.5, 0.5, 0.5, 90)]
    gate = pd.DataFrame(rows, columns=["facts", "auc", "low", "high", "n"])
    axes = gate_figure(gate).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["All facts together", "Step at the border"]
    assert len(axes.containers) == 2
