"""Figures of cues: which one was named, by source and finding, for right and wrong calls; and where it was marked."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import CUE_TITLES, add_note, explained, finding_title, source_colours, source_title
from helpers.stats.readings import source_order

_CALL_TITLES = {"right": "Call was right", "wrong": "Call was wrong", "either": "All decided calls"}


def cue_dots(table: pd.DataFrame, conclusion: str, rows: str | None = None, note: str = "") -> Figure:
    """Shares of ``cues.cue_shares`` by source with intervals: one panel for each call, or call and finding.

    ``conclusion`` chooses whose intervals are drawn: "these readers" or "readers like these". ``rows`` "finding": one
    row of panels for each finding, one panel for each call. A share whose interval cannot be estimated has none, as
    the note then explains.
    """
    table = table[table["conclusion"] == conclusion]
    calls = list(dict.fromkeys(table["call"]))
    panels = [(call, name) for name in dict.fromkeys(table[rows] if rows else [None]) for call in calls]
    down, across = len(panels) // len(calls), len(calls)
    sources, cues = source_order(table["source"]), [cue for cue in CUE_TITLES if cue in set(table["cue"])]
    size = (4.4 * across + 1.6, (2.6 if rows else 3.2) * down)
    figure, axes = plt.subplots(down, across, figsize=size, sharex=True, sharey=True, squeeze=False)
    colours = source_colours(sources)
    for axis, (call, name) in zip(axes.ravel(), panels, strict=True):
        own = table[(table["call"] == call) & ((table[rows] == name) if rows else True)]
        _draw_shares(axis, own, sources, cues, colours)
        title = [_CALL_TITLES[call], *([finding_title(name)] if rows else [])]
        answers = own.groupby("source")["readings"].max()
        counts = ", ".join(f"{source_title(source)} {answers.get(source, 0):.0f}" for source in sources)
        axis.set_title(f"{', '.join(title)}\n(answers: {counts})", fontsize=9)
    for axis in axes[-1]:
        axis.set(xlabel="Share of decided answers (%)", xlim=(-2, 102))
    axes[0][0].set_yticks(np.arange(len(cues))[::-1], [CUE_TITLES[cue] for cue in cues])
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    return add_note(figure, explained(note, table))


def mark_maps(density: pd.DataFrame, note: str = "") -> Figure:
    """Heat maps of ``marks.mark_density`` by source and call: one row for each source, right and wrong side by side.

    One colour scale for all: 1 is the density of evenly spread marks. A group without marks is labelled as such.
    """
    sources = source_order(density["source"])
    figure, axes = plt.subplots(len(sources), 2, figsize=(6.2, 2.9 * len(sources)), squeeze=False)
    highest = max(float(density["density"].max()), 2.0)
    for line, source in zip(axes, sources, strict=True):
        for axis, call in zip(line, ("right", "wrong"), strict=True):
            own = density[(density["source"] == source) & (density["call"] == call)]
            axis.set(xticks=[], yticks=[], aspect="equal")
            if own.empty:
                axis.text(0.5, 0.5, "no marks", ha="center", va="center", color="#666666", transform=axis.transAxes)
                axis.set_title(f"{source_title(source)}: {_CALL_TITLES[call].lower()}", fontsize=9)
                continue
            grid = own.pivot(index="y", columns="x", values="density").to_numpy(dtype="float64")
            image = axis.imshow(grid, cmap="magma", vmin=0, vmax=highest, extent=(0, 1, 1, 0))
            count = f"{own['marks'].iloc[0]} marks of {own['readers'].iloc[0]} readers"
            axis.set_title(f"{source_title(source)}: {_CALL_TITLES[call].lower()}\n({count})", fontsize=9)
    figure.colorbar(image, ax=axes, shrink=0.6, label="Density of marks (1: evenly spread)")
    return add_note(figure, note)


def _draw_shares(axis, own: pd.DataFrame, sources: list[str], cues: list[str], colours: dict) -> None:
    offsets = np.linspace(0.18, -0.18, len(sources)) if len(sources) > 1 else [0.0]
    for offset, source in zip(offsets, sources, strict=True):
        line = own[own["source"] == source].set_index("cue").reindex(cues)
        heights = np.arange(len(cues))[::-1] + offset
        axis.hlines(heights, 100 * line["low"], 100 * line["high"], color=colours[source], linewidth=2, alpha=0.6)
        axis.plot(100 * line["value"], heights, "o", color=colours[source], label=source_title(source))
    axis.grid(axis="x", color="#EEEEEE")
