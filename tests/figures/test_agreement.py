import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.figures.agreement import agreement_dots
from helpers.stats.agreement import MEASURES, between_readers, within_readers
from helpers.stats.orientation import with_orientation
from helpers.stats.readings import analysed, repeated


@pytest.fixture(scope="module")
def rows(readings):
    return analysed(readings, "conditionality")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_what_cannot_be_estimated_has_no_dot(rows):
    whole = between_readers(rows, ["source"], seed=1, resamples=10).assign(task="conditionality")
    one = rows[rows["reader"] == "reader-1"]
    alone = between_readers(one, ["source"], seed=1, resamples=10).assign(task="conditionality")
    dots = [len(agreement_dots(table, "source").axes[0].lines) for table in (whole, alone)]
    assert dots == [len(whole) + 1, 1]  # the line of chance is the one that is always there


def test_a_value_without_an_interval_is_a_dot_and_the_note_says_so(rows):
    table = between_readers(rows, ["source"], seed=1, resamples=10).assign(task="conditionality")
    assert not agreement_dots(table, "source").texts
    figure = agreement_dots(table.assign(low=float("nan"), high=float("nan")), "source", note="3 readers")
    assert [text.get_text() for text in figure.texts] == ["No line: an interval cannot be estimated. 3 readers"]
    assert len(figure.axes[0].lines) == len(table) + 1


def test_every_finding_has_its_row_and_sources_keep_their_colours(rows):
    table = between_readers(rows, ["finding", "source"], seed=1, resamples=10).assign(task="conditionality")
    figure = agreement_dots(table, "source", "finding", "3 readers")
    assert figure.axes[0].get_gridspec().get_geometry() == (4, 1)
    assert figure.axes[0].get_title().startswith("Conditionality, Atelectasis\n(12 to 36 cases)")
    legend = figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["All sources", "Real", "GAN", "Diffusion"]
    assert [line.get_color() for line in legend.get_lines()] == ["#777777", "#000000", "#D55E00", "#0072B2"]
    assert len(figure.axes[0].get_yticklabels()) == len(MEASURES)


def test_readers_are_told_apart_and_all_of_them_come_first(readings):
    tasks = ("realism_pair", "conditionality")
    turned = with_orientation(readings)
    table = pd.concat([within_readers(repeated(turned, task), task, [], 1, 10) for task in tasks])
    figure = agreement_dots(table, "reader")
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["All readers", "reader-1", "reader-2", "reader-3"] and len(figure.axes) == 2
