"""Figures of the realism task: confidence of the answers, and preference for a side."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note, source_title
from helpers.stats.readings import source_order
from helpers.stats.scales import scale_of

# From surely wrong to surely right; brown and green differ in lightness too, for any colour vision.
CONFIDENCE = {
    "definitely, wrong": "#8C510A",
    "probably, wrong": "#D8B365",
    "cannot determine": "#DDDDDD",
    "probably, right": "#80CDC1",
    "definitely, right": "#01665E",
}


def confidence_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of answers by source and confidence: one row per source, columns as in ``CONFIDENCE``, and readings (n).

    On scales other than -2 to 2, an answer in the outer half of its side is definite.
    """
    direction = rows["correct"].map({1: 1, 0: -1}).fillna(0).astype(int)
    scale = scale_of(rows)
    reach = float(rows["rating"].abs().max()) if scale is None else scale.highest
    signed = direction * np.where(rows["rating"].abs().astype(float) > reach / 2, 2, 1)
    names = dict(zip((-2, -1, 0, 1, 2), CONFIDENCE, strict=True))
    counts = pd.crosstab(rows["source"], signed.map(names)).reindex(columns=list(CONFIDENCE), fill_value=0)
    counts = counts.loc[source_order(rows["source"])]
    shares = counts.div(counts.sum(axis=1), axis=0).assign(readings=counts.sum(axis=1))
    return shares.rename_axis(columns=None).reset_index()


def confidence_bars(table: pd.DataFrame, note: str = "") -> Figure:
    """Stacked bars of ``confidence_table``; each source is one bar of 100 %."""
    figure, axes = plt.subplots(figsize=(8.5, 1.3 + 0.5 * len(table)))
    titles = [f"{source_title(s)} (n = {n})" for s, n in zip(table["source"], table["readings"], strict=True)]
    start = pd.Series(0.0, index=table.index)
    for name, colour in CONFIDENCE.items():
        axes.barh(titles, 100 * table[name], left=100 * start, color=colour, label=name, edgecolor="white")
        for height, (width, left) in enumerate(zip(table[name], start, strict=True)):
            if width >= 0.05:
                text = "white" if name.startswith("definitely") else "black"
                axes.text(100 * (left + width / 2), height, f"{100 * width:.0f}", ha="center", va="center",
                          fontsize=9, color=text)  # fmt: skip
        start = start + table[name]
    axes.invert_yaxis()
    axes.set(xlabel="Share of answers (%)", xlim=(0, 100))
    figure.legend(loc="outside upper center", ncols=5, frameon=False, fontsize=8, handlelength=1)
    return add_note(figure, note)
