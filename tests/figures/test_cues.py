import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.cues import cue_dots, mark_maps
from helpers.stats import cues
from helpers.stats.marks import mark_density
from helpers.stats.readings import analysed


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "realism_pair")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_right_and_wrong_calls_stand_side_by_side_with_their_number_of_answers(rows):
    shares = pd.concat([cues.cue_shares(rows, ["source"], call) for call in (cues.RIGHT, cues.WRONG)])
    figure = cue_dots(shares.astype({"readings": float}), "readers like these")  # as they are where one is missing
    right = int(((rows["correct"] == 1) & (rows["source"] == "gan")).sum())
    assert "Call was right" in figure.axes[0].get_title() and f"GAN {right}, " in figure.axes[0].get_title()
    assert "Call was wrong" in figure.axes[1].get_title()


def test_findings_have_a_panel_for_each_call(rows):
    tables = [cues.cue_shares(rows, ["finding", "source"], call) for call in (cues.RIGHT, cues.WRONG)]
    figure = cue_dots(pd.concat(tables), "these readers", "finding")
    titles = [axis.get_title() for axis in figure.axes]
    assert len(titles) == 8 and titles[0].startswith("Call was right, Atelectasis")
    assert titles[1].startswith("Call was wrong, Atelectasis")
    assert titles[7].startswith("Call was wrong, Enlarged cardiac silhouette")


def test_a_share_without_an_interval_is_explained(rows):
    shares = cues.cue_shares(rows, ["source"], cues.RIGHT)
    assert not [text for text in cue_dots(shares, "these readers").texts if "No line" in text.get_text()]
    (said,) = cue_dots(shares.assign(low=np.nan, high=np.nan), "these readers", note="3 readers").texts
    assert said.get_text() == "No line: an interval cannot be estimated. 3 readers"


def test_a_finding_without_wrong_calls_keeps_its_empty_panel(rows):
    kept = rows[(rows["finding"] != "lung_opacity") | (rows["correct"] != 0)]
    tables = [cues.cue_shares(kept, ["finding", "source"], call) for call in (cues.RIGHT, cues.WRONG)]
    figure = cue_dots(pd.concat(tables), "these readers", "finding")
    assert len(figure.axes) == 8
    assert figure.axes[3].get_title() == "Call was wrong, Lung opacity\n(answers: GAN 0, Diffusion 0)"


def test_maps_of_marks_show_where_they_are_and_say_where_there_are_none(rows):
    right = (rows["correct"] == 1).fillna(False)
    marked = rows.assign(mark_x=np.where(right, 0.75, np.nan), mark_y=np.where(right, 0.25, np.nan))
    figure = mark_maps(mark_density(marked, ["source", "call"], size=16))
    gan_right, gan_wrong = figure.axes[:2]
    grid = gan_right.images[0].get_array()
    assert np.unravel_index(grid.argmax(), grid.shape)[0] < 8 < np.unravel_index(grid.argmax(), grid.shape)[1]
    count = int((right & (rows["source"] == "gan")).sum())
    assert f"{count} marks of 3 readers" in gan_right.get_title()
    assert [text.get_text() for text in gan_wrong.texts] == ["no marks"]
