"""What the parameters of a sweep change: one panel for each number."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from helpers.figures.style import OTHER_COLOURS, SOURCE_COLOURS, add_note

COLOURS = ("#0072B2", "#D55E00", *OTHER_COLOURS, SOURCE_COLOURS["real"])
MARKS = "osD^v"


def sweep_figure(table: pd.DataFrame, axes: list[str], shown: list[str], note: str = "") -> Figure:
    """Values with intervals along the axis with the most levels; one colour for each combination of the other axes.

    ``table``: columns name, value, low, high, n and ``axes``, whose levels are text; ``shown``: the names in order;
    ``note`` says what the images and readers are.
    """
    along = max(axes, key=lambda axis: table[axis].nunique()) if shown else axes[0]
    others = [axis for axis in axes if axis != along]
    levels = list(dict.fromkeys(table[along]))
    columns = min(max(len(shown), 1), 3)
    rows = max(-(-len(shown) // columns), 1)
    figure, panels = plt.subplots(rows, columns, figsize=(4.2 * columns, 3.2 * rows + 0.6), squeeze=False)
    for left_over in panels.ravel()[len(shown) :]:
        left_over.set_visible(False)
    for panel, name in zip(panels.ravel(), shown, strict=False):
        _lines(panel, table[table["name"] == name], along, others, levels)
        panel.set(title=name, xlabel=_title(along))
        panel.title.set_fontsize(9)
    handles, labels = panels.ravel()[0].get_legend_handles_labels()
    if others and handles:
        title = ", ".join(map(_title, others))
        figure.legend(handles, labels, title=title, loc="outside right upper", frameon=False)
    counts = sorted({int(n) for n in table["n"]})
    size = f"n = {counts[0]:,} to {counts[-1]:,}" if len(counts) > 1 else "".join(f"n = {n:,}" for n in counts)
    return add_note(
        figure, f"{note}{table['run'].nunique()} runs; {size}; lines are 95 % intervals where there are any."
    )


def _lines(panel, rows: pd.DataFrame, along: str, others: list[str], levels: list[str]) -> None:
    """The values of one number: a mark for each run, and a line for each combination of the other axes."""
    groups = list(rows.groupby(others, sort=False)) if others else [((), rows)]
    shift = min(0.12, 0.6 / len(groups))
    for place, (key, group) in enumerate(groups):
        colour, mark = COLOURS[place % len(COLOURS)], MARKS[(place // len(COLOURS)) % len(MARKS)]
        at = np.array([levels.index(level) for level in group[along]]) + (place - (len(groups) - 1) / 2) * shift
        panel.plot(at, group["value"], mark + "-", color=colour, linewidth=0.8, markersize=5, label=", ".join(key))
        panel.vlines(at, group["low"].astype(float), group["high"].astype(float), color=colour, linewidth=1.6)
    panel.set_xticks(range(len(levels)), levels, rotation=30 if max(map(len, levels)) > 8 else 0)
    panel.set_xlim(-0.5, len(levels) - 0.5)


def _title(axis: str) -> str:
    return axis.rpartition(".")[2].replace("_", " ")
