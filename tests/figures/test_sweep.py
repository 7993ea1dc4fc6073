import pandas as pd
import pytest

from helpers.figures.sweep import sweep_figure


@pytest.fixture
def table():
    rows = [
        {"run": f"{template}-{guidance}", "04.template": template, "04.guidance": str(guidance), "name": name,
         "value": guidance * factor, "low": guidance * factor - 0.1, "high": guidance * factor + 0.1, "n": 40}
        for template, factor in (("original", 1), ("negated", 2)) for guidance in (1, 3, 5) for name in ("a", "b")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_one_panel_for_each_number_a_line_for_each_level_of_the_other_axis(table):
    figure = sweep_figure(table, ["04.template", "04.guidance"], ["b", "a"])
    panels = [panel for panel in figure.axes if panel.get_visible()]
    assert [panel.get_title() for panel in panels] == ["b", "a"]
    assert [line.get_label() for line in panels[0].lines] == ["original", "negated"]
    assert panels[0].lines[1].get_ydata().tolist() == [2, 6, 10]
    assert panels[0].get_xlabel() == "guidance"
    assert [text.get_text() for text in panels[0].get_xticklabels()] == ["1", "3", "5"]


def test_the_note_tells_how_many_runs_and_what_lines_are(table):
    figure = sweep_figure(table, ["04.template", "04.guidance"], ["a"], "Phantoms. ")
    assert figure.texts[-1].get_text().startswith("Phantoms. 6 runs; n = 40; lines are 95 % intervals")


def test_one_axis_alone_has_no_legend(table):
    figure = sweep_figure(table[table["04.template"] == "original"], ["04.guidance"], ["a"])
    assert not figure.legends and len(figure.axes[0].lines) == 1
