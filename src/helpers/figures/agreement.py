"""Figure of agreement: between readers and within each reader, by source or finding."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.readable import MEASURE_TITLES, WORDS
from helpers.figures.style import add_note, explained, source_colours
from helpers.stats.agreement import ALL
from helpers.stats.readings import source_order

_READER_COLOURS, _ALL_COLOUR = "viridis", "#777777"


def agreement_dots(table: pd.DataFrame, by: str, rows: str | None = None, note: str = "") -> Figure:
    """Agreement with intervals, one panel for each task, or for each task (column) and value of ``rows`` (finding).

    ``table``: ``agreement.between_readers`` or ``within_readers`` with column task. Within a panel each measure has one
    line for each value of ``by`` (source, finding or reader); what cannot be estimated has none, and a value without
    an interval is a dot alone, as the note then explains. Panel titles give the number of cases.
    """
    tasks = list(dict.fromkeys(table["task"]))
    panels = [(task, name) for name in dict.fromkeys(table[rows] if rows else [None]) for task in tasks]
    down, across = len(panels) // len(tasks), len(tasks)
    names, measures = _ordered(table[by], by), [m for m in MEASURE_TITLES if m in set(table["measure"])]
    height = 0.9 + len(measures) * (0.16 + 0.11 * len(names))
    size = (2.2 + 3.4 * across, 0.5 + height * down)
    figure, axes = plt.subplots(down, across, figsize=size, sharey=True, sharex=True, squeeze=False)
    colours = _colours(by, names)
    for axis, (task, name) in zip(axes.ravel(), panels, strict=True):
        own = table[(table["task"] == task) & ((table[rows] == name) if rows else True)]
        _draw(axis, own, by, names, measures, colours)
        title = [WORDS["task"](task), *([WORDS[rows](name)] if rows else [])]
        axis.set_title(f"{', '.join(title)}\n({_sizes(own['cases'])} cases)", fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("Agreement (1 complete; of coefficients 0 is chance)")
    axes[0][0].set_yticks(np.arange(len(measures))[::-1], [MEASURE_TITLES[measure] for measure in measures])
    low = np.nanmin([-0.3, *table["low"].to_numpy(dtype="float64")])
    axes[0][0].set(xlim=(low - 0.05, 1.05), ylim=(-0.6, len(measures) - 0.4))
    if len(names) <= 12:
        handles = [plt.Line2D([], [], color=colours[name], marker="o", linewidth=2.5) for name in names]
        titles = [f"All {by}s" if name == ALL else WORDS.get(by, str)(name) for name in names]
        figure.legend(handles, titles, loc="outside right center", frameon=False, fontsize=8)
    return add_note(figure, explained(note, table))


def _draw(axis, own: pd.DataFrame, by: str, names: list, measures: list[str], colours: dict) -> None:
    offsets = np.linspace(0.34, -0.34, len(names)) if len(names) > 1 else [0.0]
    for place, measure in enumerate(measures[::-1]):
        axis.axhspan(place - 0.5, place + 0.5, color="#F3F3F3" if place % 2 else "white", linewidth=0, zorder=-1)
        for offset, name in zip(offsets, names, strict=True):
            for row in own[(own["measure"] == measure) & (own[by] == name)].itertuples():
                axis.hlines(place + offset, row.low, row.high, color=colours[name], linewidth=2.2, alpha=0.6)
                if np.isfinite(row.value):
                    axis.plot(row.value, place + offset, "o", color=colours[name], markersize=4)
    axis.axvline(0, color="#888888", linewidth=1, linestyle="--", zorder=0)


def _ordered(names: pd.Series, by: str) -> list:
    """The pooled entry first, then sources in their fixed order, others in order of appearance."""
    own = list(dict.fromkeys(name for name in names if name != ALL))
    own = source_order(own) if by == "source" else own
    return [ALL, *own] if ALL in set(names) else own


def _colours(by: str, names: list) -> dict:
    """The usual colours for sources; readers and findings from one scale; the pooled entry in gray."""
    if by == "source":
        colours = source_colours([name for name in names if name != ALL])
    else:
        scale = plt.get_cmap(_READER_COLOURS)(np.linspace(0.05, 0.85, len(names)))
        colours = dict(zip(names, scale, strict=True))
    return colours | {ALL: _ALL_COLOUR}


def _sizes(cases: pd.Series) -> str:
    if cases.empty:
        return "no"
    low, high = cases.min(), cases.max()
    return f"{low}" if low == high else f"{low} to {high}"
