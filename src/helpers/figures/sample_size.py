"""Map of power over readers and cases."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note
from helpers.stats.mrmc.comparison import SAMPLING

LEVELS = np.arange(0, 101, 10)


def power_over_readers_and_cases(table: pd.DataFrame, target: float = 0.8, note: str = "") -> Figure:
    """Shaded power with a line where it reaches ``target``, one panel for each conclusion.

    ``table``: ``mrmc.sample_size.power_map`` of at least two numbers of readers and of cases; conclusions that cannot
    be estimated are left out.
    """
    known = table[table["power"].notna()]
    conclusions = list(dict.fromkeys(known["conclusion"]))
    figure, panels = plt.subplots(
        1, max(len(conclusions), 1), figsize=(3.6 * max(len(conclusions), 1) + 1, 3.7), sharey=True, squeeze=False
    )
    shades = None
    for panel, conclusion in zip(panels[0], conclusions, strict=False):
        grid = 100 * known[known["conclusion"] == conclusion].pivot(index="readers", columns="cases", values="power")
        shades = panel.contourf(grid.columns, grid.index, grid, levels=LEVELS, cmap="cividis")
        if np.nanmin(grid) < 100 * target < np.nanmax(grid):
            panel.contour(grid.columns, grid.index, grid, levels=[100 * target], colors="black", linewidths=1.8)
        panel.set(title=f"{conclusion.capitalize()}\n({SAMPLING[conclusion]})", xlabel="Cases of each treatment")
        panel.title.set_fontsize(10)
    panels[0][0].set_ylabel("Readers of each treatment")
    if shades is None:
        panels[0][0].text(0.5, 0.5, "Not estimable", ha="center", transform=panels[0][0].transAxes)
    else:
        bar = figure.colorbar(shades, ax=panels[0].tolist(), label="Power (%)")
        bar.ax.axhline(100 * target, color="black", linewidth=1.8)
    return add_note(figure, note)
