"""Figure of sharpness: the power of each source by spatial frequency, relative to that of real images."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.metric_marks import QUIET, legend
from helpers.figures.style import add_note, source_colours
from helpers.image_metrics.sharpness import BANDS, EDGES, metric_of
from helpers.tables import REAL

SHOWN = {1 / 64: "1/64", 1 / 16: "1/16", 1 / 4: "1/4", 1 / 2: "1/2", 1: "1", 2: "2", 4: "4", 16: "16", 64: "64"}
APART = 0.05  # fraction of the band's width between the marks of two sources


def sharpness(table: pd.DataFrame, note: str) -> Figure:
    """Power relative to real images by frequency band, a line per source; real against real as a gray band.

    Takes the rows of ``sharpness_table``; a band without a number is left out.
    """
    sources = list(table["source"].unique())
    colours, middles = source_colours(sources), np.array([np.sqrt(low * high) for low, high in BANDS])
    figure, axes = plt.subplots(figsize=(7.5, 3.6))
    for number, source in enumerate(sources):
        own = table[table["source"] == source].set_index("metric").loc[[metric_of(band) for band in BANDS]]
        value, low, high = (own[name].to_numpy() for name in ("value", "low", "high"))
        if source == REAL:
            axes.fill_between(middles, low, high, color="#E4E4E4", linewidth=0)
            axes.plot(middles, value, color=colours[source], linewidth=1.6)
            continue
        places = middles * (1 + APART * (number - (len(sources) - 1) / 2))
        axes.errorbar(places, value, [value - low, high - value], color=colours[source], marker="o", linewidth=1.6)
    for level in (0.5, 2):
        axes.axhline(level, color=QUIET, linewidth=0.8, linestyle=":")
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="Spatial frequency (cycles per pixel): coarse to fine", ylabel="Power against real images")
    axes.set_xticks(EDGES, [f"{edge:g}" for edge in EDGES])
    axes.set_yticks(list(SHOWN), SHOWN.values())
    axes.minorticks_off()
    reached = table[["low", "high"]].to_numpy()
    bottom, top = (np.nanmin(reached), np.nanmax(reached)) if np.isfinite(reached).any() else (1, 1)
    axes.set_ylim(min(0.4, bottom / 1.2), max(2.5, top * 1.2))
    axes.set_xlim(EDGES[0], EDGES[-1])
    axes.tick_params(axis="x", labelsize=8)
    legend(figure, sources, colours)
    return add_note(figure, note)
