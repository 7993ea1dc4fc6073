"""The map of power over readers and cases."""

import matplotlib.pyplot as plt

from helpers.figures.sample_size import power_over_readers_and_cases
from helpers.stats.mrmc.pilot import Pilot
from helpers.stats.mrmc.sample_size import UNPAIRED, UNPAIRED_CASES, Plan, power_map

KNOWN = Pilot(100, error=0.0010, cov1=0.0004, cov2=0.0005, cov3=0.0002, treatment_reader=0.0003, reader=0.0004)


def test_a_panel_for_each_conclusion_with_the_line_of_the_target():
    table = power_map(KNOWN, 0.08, [3, 5, 10, 20], [20, 50, 100, 200])
    figure = power_over_readers_and_cases(table, note="difference 0.08")
    titles = [axes.get_title() for axes in figure.axes[:3]]
    assert titles[0] == "Readers like these\n(random readers, random cases)" and "fixed readers" in titles[1]
    assert len(figure.axes[0].collections) == 2  # shades, and the line
    assert figure.axes[3].lines[0].get_ydata()[0] == 80
    assert figure.axes[3].get_ylabel() == "Power (%)" and figure.texts[0].get_text() == "difference 0.08"
    plt.close(figure)


def test_what_cannot_be_estimated_has_no_panel():
    table = power_map(KNOWN, 0.05, [3, 5], [20, 50], Plan(UNPAIRED_CASES))
    figure = power_over_readers_and_cases(table)
    assert len(figure.axes) == 3  # two panels and the scale
    plt.close(figure)
    table = power_map(KNOWN, 0.05, [1], [20], Plan(UNPAIRED))
    figure = power_over_readers_and_cases(table[table["power"].isna()])
    assert figure.axes[0].texts[0].get_text() == "Not estimable"
    plt.close(figure)
