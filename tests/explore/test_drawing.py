import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.figures import steps_of
from helpers.figures.conditionality import rating_table
from helpers.stats import mrmc, proportions
from helpers.stats.readings import analysed


def marks(drawn: Drawing) -> list:
    """Elements that can be clicked; also shows that the text is well formed."""
    return ElementTree.fromstring(drawn.svg).findall(".//*[@data-pick]")


def test_a_line_of_a_forest_is_what_is_picked(readings):
    table = proportions.accuracy(analysed(readings, "realism_pair"), ["finding", "source"])
    drawn = drawing.forest(table, ["finding", "source"], "Right", lambda row: {"source": row["source"]})
    assert len(marks(drawn)) == len(drawn.picks) == 8
    assert marks(drawn)[0].get("aria-label") == "Atelectasis, GAN"
    assert f"{table['value'].iloc[0]:.2f} ({table['low'].iloc[0]:.2f} to {table['high'].iloc[0]:.2f})" in drawn.svg


def test_what_cannot_be_estimated_is_said_and_does_not_stop_a_forest():
    table = pd.DataFrame({"source": ["gan"], "conclusion": "these readers", "value": np.nan, "low": np.nan})
    assert "not estimable" in drawing.forest(table.assign(high=np.nan), ["source"], "Right", limits=None).svg


def test_names_of_sources_are_no_markup():
    table = pd.DataFrame(
        {"source": ["<script>&"], "conclusion": "these readers", "value": 0.5, "low": 0.4, "high": 0.6}
    )
    drawn = drawing.forest(table, ["source"], "Right", lambda row: {})
    assert "<script>" not in drawn.svg and marks(drawn)[0].get("aria-label") == "<script>&"


def test_a_cell_of_the_matrix_has_its_count_and_every_answer_is_in_one(readings):
    rows = analysed(readings, "conditionality")
    drawn = drawing.matrix(rating_table(rows), lambda row: row.to_dict())
    counts = [int(mark.get("aria-label").split(", ")[-1].split()[0]) for mark in marks(drawn)]
    assert sum(counts) == len(rows) and len(counts) == 3 * 2 * 5


def test_curves_have_a_mark_for_each_step(readings):
    rows = analysed(readings, "conditionality")
    points = mrmc.roc_points(rows, ["finding", "source"])
    steps = steps_of(points, rows)
    found = marks(drawing.roc(points, steps, lambda row: {}))
    assert len(found) == len(steps)
    assert found[0].get("aria-label").endswith("the step of “Definitely yes”")


def test_rising_curves_show_where_the_design_lies():
    x = np.arange(2, 10)
    drawn = drawing.curves({"50 cases": (x, x / 10), "none": (x, x * np.nan)}, ("Readers", "Power"), (5, 0.5), 0.8)
    circle = ElementTree.fromstring(drawn.svg).find(".//{*}circle")
    assert float(circle.get("cx")) == pytest.approx(54 + 420 * 3 / 7, abs=0.1)
    assert float(circle.get("cy")) == pytest.approx(20 + 240 / 2)
