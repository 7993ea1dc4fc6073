"""Figures of the conditionality task: how the scale was used."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note, source_colours, source_title
from helpers.stats.readings import grouped, source_order
from helpers.stats.scales import MOST_GRADES, OWN, levels, scale_of

STEPS = ("definitely\nnot", "probably\nnot", "cannot\nsay", "probably\nyes", "definitely\nyes")
CLASSES = 10  # for ratings on a scale without grades


def rating_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of each rating by source and truth: source, truth, rating, share, readings (n of the group), label.

    Ratings are the grades of their scale; a scale without grades is divided into ``CLASSES`` classes of equal width,
    and the rating is the middle of the class.
    """
    rating, grades, labels = rows["rating"].astype(float), levels(rows), []
    if len(grades) > MOST_GRADES:
        edges = np.linspace(min(grades), max(grades), CLASSES + 1)
        place = np.clip(np.searchsorted(edges, rating, side="right") - 1, 0, CLASSES - 1)
        grades = (edges[:-1] + edges[1:]) / 2
        rating = pd.Series(grades[place], index=rows.index)
    labels = STEPS if scale_of(rows) == OWN else tuple(f"{grade:.3g}" for grade in grades)
    lines = []
    for (source, truth), group in grouped(rows, ["source", "truth"]):
        shares = rating[group.index].value_counts(normalize=True)
        for grade, label in zip(grades, labels, strict=True):
            line = {"source": source, "truth": truth, "rating": float(grade), "share": float(shares.get(grade, 0.0))}
            lines.append(line | {"readings": len(group), "label": label})
    return pd.DataFrame(lines)


def rating_bars(table: pd.DataFrame, note: str = "") -> Figure:
    """Histograms of ``rating_table``: one panel for each source, present and absent cases side by side."""
    sources = source_order(table["source"])
    figure, axes = plt.subplots(1, len(sources), figsize=(3.4 * len(sources) + 0.4, 3.1), sharey=True, squeeze=False)
    colours = source_colours(sources)
    grades = table.drop_duplicates("rating")
    width = 0.4 * (float(grades["rating"].diff().min()) if len(grades) > 1 else 1.0)
    for panel, source in zip(axes[0], sources, strict=True):
        for truth, shift, hatch in ((0, -width / 2, "////"), (1, width / 2, None)):
            side = table[(table["source"] == source) & (table["truth"] == truth)]
            if side.empty:
                continue
            name = f"{'present' if truth else 'absent'} (n = {side['readings'].iloc[0]})"
            fill = colours[source] if truth else "white"
            panel.bar(
                side["rating"] + shift, 100 * side["share"], width, label=name, color=fill,
                edgecolor=colours[source], hatch=hatch,
            )  # fmt: skip
        panel.set(title=source_title(source))
        panel.set_xticks(grades["rating"], grades["label"])
        panel.tick_params(axis="x", labelsize=7)
        panel.legend(fontsize=8, frameon=False)
    axes[0][0].set_ylabel("Share of answers (%)")
    return add_note(figure, note)
