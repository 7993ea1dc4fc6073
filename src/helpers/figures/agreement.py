"""Figure of agreement: between readers by source, and of each reader with themselves."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import TASK_TITLES, add_note, source_colours, source_title

MEASURE_TITLES = {
    "weighted_kappa": "Weighted kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
    "icc": "ICC(A,1)",
    "same_answer": "Same answer",
}


def agreement_dots(table: pd.DataFrame, by: str, note: str = "") -> Figure:
    """Agreement with intervals: one panel for each task, one row for each measure and ``by`` (source or reader)."""
    tasks = list(dict.fromkeys(table["task"]))
    rows = len(table.drop_duplicates(["measure", by]))
    figure, axes = plt.subplots(1, len(tasks), figsize=(4.6 * len(tasks) + 1.6, 1.4 + 0.3 * rows), squeeze=False)
    colours = source_colours(table[by]) if by == "source" else {}
    for panel, task in zip(axes[0], tasks, strict=True):
        side = table[table["task"] == task].reset_index(drop=True)
        heights = np.arange(len(side))[::-1]
        for height, (_, row) in zip(heights, side.iterrows(), strict=True):
            colour = colours.get(row[by], "#333333") if row[by] != "all" else "#777777"
            if np.isfinite(row["low"]):
                panel.hlines(height, row["low"], row["high"], color=colour, linewidth=2.5, alpha=0.6)
            if np.isfinite(row["value"]):
                panel.plot(row["value"], height, "o", color=colour)
        names = [("All sources" if name == "all" else source_title(name)) for name in side[by]]
        titles = [
            f"{MEASURE_TITLES[m]}, {n} ({c})" for m, n, c in zip(side["measure"], names, side["cases"], strict=True)
        ]
        panel.set_yticks(heights, titles, fontsize=8)
        panel.axvline(0, color="#888888", linewidth=1, linestyle="--", zorder=0)
        low = min(-0.3, float(np.nanmin(side["low"].fillna(0))) - 0.05)
        panel.set(title=TASK_TITLES[task], xlabel="Agreement (0 chance, 1 complete)", xlim=(low, 1.05))
    return add_note(figure, note)
