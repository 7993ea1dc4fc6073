"""Figures of power: against the number of cases and readers, and against the true difference."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note
from helpers.stats.crossed import LIKE, THESE

_COLOURS = plt.get_cmap("viridis")
_TITLES = {THESE: "For these readers", LIKE: "For readers like these"}


def design_power(table: pd.DataFrame, target: float = 0.8, note: str = "") -> Figure:
    """Power against the number of cases of each source, one line per number of readers, one panel per conclusion.

    ``table``: ``stats.power.design_grid`` for one difference. Bands are 95 % Monte Carlo intervals.
    """
    return _panels(table, "cases", "readers", "readers", "Cases of each source", target, note, log=True)


def difference_power(table: pd.DataFrame, target: float = 0.8, note: str = "", axis: str = "True difference") -> Figure:
    """Power against the true difference, one line for each question (column ``question``), one panel per conclusion."""
    return _panels(table, "difference", "question", "", axis, target, note)


def _panels(table, x: str, line: str, unit: str, axis: str, target: float, note: str, log: bool = False) -> Figure:
    figure, panels = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True)
    groups = list(dict.fromkeys(table[line]))
    for panel, conclusion in zip(panels, (THESE, LIKE), strict=True):
        for index, name in enumerate(groups):
            own = table[(table[line] == name) & (table["conclusion"] == conclusion)].sort_values(x)
            colour = _COLOURS(0.85 * index / max(len(groups) - 1, 1))
            panel.plot(
                own[x], 100 * own["power"], marker="o", markersize=4, color=colour, label=f"{name} {unit}".strip()
            )
            panel.fill_between(own[x], 100 * own["low"], 100 * own["high"], color=colour, alpha=0.2, linewidth=0)
        if table.loc[table["conclusion"] == conclusion, "power"].isna().all():
            panel.text(0.5, 0.5, "Not estimable with one reader", ha="center", transform=panel.transAxes)
        panel.axhline(100 * target, color="#888888", linestyle="--", linewidth=1, zorder=0)
        panel.set(title=_TITLES[conclusion], xlabel=axis, ylim=(0, 103))
        if log:
            panel.set_xscale("log")
            panel.set_xticks(sorted(set(table[x])), sorted(set(table[x])))
            panel.minorticks_off()
    panels[0].set_ylabel("Power (%)")
    panels[1].legend(frameon=False, fontsize=8, loc="best")
    return add_note(figure, note)
