"""Figures of the conditionality task: how the scale was used."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note, source_colours, source_title
from helpers.stats.readings import grouped, source_order


def rating_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of each rating by source and truth: source, truth, rating, share, readings (n of the group)."""
    lines = []
    for (source, truth), group in grouped(rows, ["source", "truth"]):
        shares = group["rating"].value_counts(normalize=True)
        for rating in (-2, -1, 0, 1, 2):
            line = {"source": source, "truth": truth, "rating": rating, "share": float(shares.get(rating, 0.0))}
            lines.append(line | {"readings": len(group)})
    return pd.DataFrame(lines)


def rating_bars(table: pd.DataFrame, note: str = "") -> Figure:
    """Histograms of ``rating_table``: one panel for each source, present and absent cases side by side."""
    sources = source_order(table["source"])
    figure, axes = plt.subplots(1, len(sources), figsize=(3.4 * len(sources) + 0.4, 3.1), sharey=True, squeeze=False)
    colours = source_colours(sources)
    for panel, source in zip(axes[0], sources, strict=True):
        for truth, shift, hatch in ((0, -0.2, "////"), (1, 0.2, None)):
            side = table[(table["source"] == source) & (table["truth"] == truth)]
            if side.empty:
                continue
            name = f"{'present' if truth else 'absent'} (n = {side['readings'].iloc[0]})"
            fill = colours[source] if truth else "white"
            panel.bar(
                side["rating"] + shift, 100 * side["share"], 0.4, label=name, color=fill,
                edgecolor=colours[source], hatch=hatch,
            )  # fmt: skip
        panel.set(title=source_title(source), xticks=[-2, -1, 0, 1, 2])
        panel.set_xticklabels(["definitely\nnot", "probably\nnot", "cannot\nsay", "probably\nyes", "definitely\nyes"])
        panel.tick_params(axis="x", labelsize=7)
        panel.legend(fontsize=8, frameon=False)
    axes[0][0].set_ylabel("Share of answers (%)")
    return add_note(figure, note)
