"""Figures of conditioning: what a classifier and a ruler find in images requested to show a finding."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.figures.metric_marks import QUIET, legend, point, spread, title_of
from helpers.figures.style import (
    add_note,
    cell_title,
    finding_code,
    finding_title,
    panels_of,
    source_colours,
    wrapped,
)
from helpers.findings import Cell

LABEL = "Real (label)"
MANY = 7  # findings; with more, labels are rotated or panels stacked, so that a page shows them legibly
MEASURE_TITLES = {
    "ctr": ("Cardiothoracic ratio", "heart width / thorax width"),
    "effusion_area": ("Pleural fluid", "area / thorax area"),
}


def condition_auroc(metrics: pd.DataFrame, note: str) -> Figure:
    """How well a classifier finds what was asked for: AUROC by finding and source, real images as the ceiling.

    Behind the marks is the range for equally few real images, if ``metrics`` has it.
    """
    table = metrics[(metrics["metric"] == "condition_auroc") & metrics["finding"].notna()]
    as_few = metrics[(metrics["metric"] == "condition_auroc_equal_n") & metrics["finding"].notna()].set_index("finding")
    sources, names = list(table["source"].unique()), list(table["finding"].unique())
    colours = source_colours(sources)
    many = len(names) > MANY
    figure, axes = plt.subplots(figsize=(0.9 * len(names), 4.4) if many else (max(8.0, 1.4 * len(names)), 3.4))
    for place, finding in enumerate(names):
        rows = table[table["finding"] == finding].set_index("source")
        if finding in as_few.index and np.isfinite(as_few.loc[finding, "low"]):
            low, high = as_few.loc[finding, ["low", "high"]]
            axes.add_patch(Rectangle((place - 0.4, low), 0.8, high - low, color="#E4E4E4", linewidth=0, zorder=-1))
        for position, source in zip(spread(place, len(sources)), sources, strict=True):
            point(axes, rows.loc[source], position, colours[source], horizontal=False)
    axes.axhline(0.5, color="#888888", linewidth=1, linestyle="--", zorder=0)
    axes.annotate("chance", (1, 0.5), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
                  va="center", fontsize=8, color="#666666")  # fmt: skip
    turned = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if many else {}
    axes.set_xticks(range(len(names)), [wrapped(finding_title(name)) for name in names], **turned)
    low = np.nanmin([0.45, table["low"].min() - 0.02])
    axes.set(ylabel="AUROC of the classifier", ylim=(max(low, 0), 1.02), xlim=(-0.5, len(names) - 0.5))
    legend(figure, sources, colours, baseline=LABEL)
    return add_note(figure, note)


def confusion(table: pd.DataFrame, note: str) -> Figure:
    """Share of each cell's images in which the classifier sees each finding: a panel per source, real ones first.

    Panels stand side by side, or one below the other if there are many findings. Takes ``confusion_table``; each share
    is in percent with its interval below; what was asked for is framed.
    """
    sources = list(table["source"].unique())
    names = list(table["seen"].unique())
    cells = [Cell(*place) for place in dict.fromkeys(zip(table["finding"], table["present"], strict=True))]
    down, across = (len(sources), 1) if len(names) > MANY else (1, len(sources))
    size = (1.6 + max(3.4, 0.7 * len(names)) * across, max(4.4, 1.2 + 0.4 * len(cells)) * down)
    figure, panels = plt.subplots(down, across, figsize=size, sharey=True, squeeze=False)
    for axes, source in zip(panels.flat, sources, strict=True):
        rows = table[table["source"] == source].set_index(["finding", "present", "seen"])
        shares = np.array([[rows.loc[(*cell, seen), "value"] for seen in names] for cell in cells], dtype=float)
        axes.imshow(np.ma.masked_invalid(100 * shares), cmap="Blues", vmin=0, vmax=130, aspect="auto")
        for (row, cell), (column, seen) in ((a, b) for a in enumerate(cells) for b in enumerate(names)):
            found = rows.loc[(*cell, seen)]
            text, colour = "no image", "white" if found["value"] > 0.7 else "black"
            if np.isfinite(found["value"]):
                text = f"{100 * found['low']:.0f}–{100 * found['high']:.0f}"
                axes.text(column, row - 0.13, f"{100 * found['value']:.0f} %", ha="center", va="center", fontsize=9,
                          color=colour)  # fmt: skip
            axes.text(column, row + 0.25, text, ha="center", va="center", fontsize=6.5, color=colour)
            if cell.finding == seen:
                axes.add_patch(Rectangle((column - 0.47, row - 0.46), 0.94, 0.92, fill=False, color="black", lw=1.4))
        axes.set_title(title_of(source, LABEL), fontsize=10)
        axes.set_xticks(range(len(names)), map(finding_code, names))
        axes.set_xlabel("classifier sees")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
    for axes in panels[:, 0]:
        axes.set_yticks(range(len(cells)), map(cell_title, cells))
        axes.set_ylabel("asked for, or label")
    return add_note(figure, note)


def reliability(curves: pd.DataFrame, note: str) -> Figure:
    """Predicted probability against the share that truly has, or was asked to have, the finding: a panel per finding.

    Takes ``reliability_curves``; the diagonal is perfect calibration.
    """
    sources, names = list(curves["source"].unique()), list(curves["finding"].unique())
    colours = source_colours(sources)
    figure, panels = panels_of(len(names), (3.0, 3.4))
    for axes, finding in zip(panels, names, strict=True):
        axes.plot([0, 1], [0, 1], color="#BBBBBB", linewidth=1, zorder=0)
        for shift, source in zip(spread(0, len(sources)) * 0.08, sources, strict=True):
            rows = curves[(curves["source"] == source) & (curves["finding"] == finding)]
            places = rows["predicted"] + shift
            axes.vlines(places, rows["low"], rows["high"], color=colours[source], linewidth=1.4)
            axes.plot(places, rows["share"], "o-", color=colours[source], markersize=5, linewidth=0.9)
        axes.set(title=finding_title(finding), xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        axes.title.set_fontsize(10)
        axes.set_xlabel("probability, classifier")
    panels[0].set_ylabel("share with the finding")
    legend(figure, sources, colours, baseline=LABEL)
    return add_note(figure, note)


def measurements(values: pd.DataFrame, table: pd.DataFrame, note: str) -> Figure:
    """What a ruler finds: each measurement of each image, absent and present side by side, with means and intervals.

    Takes ``by_cell`` and ``physics_table``.
    """
    sources = list(values["source"].unique())
    colours, dice = source_colours(sources), np.random.default_rng(0)
    shown = {metric: titles for metric, titles in MEASURE_TITLES.items() if metric in set(values["metric"])}
    figure, panels = plt.subplots(1, len(shown), figsize=(5 * len(shown), 3.8), squeeze=False)
    for axes, (metric, (title, unit)) in zip(panels[0], shown.items(), strict=True):
        part = values[values["metric"] == metric]
        for place, present in enumerate((0, 1)):
            for position, source in zip(spread(place, len(sources)), sources, strict=True):
                own = part[(part["source"] == source) & (part["present"] == present)]["value"].to_numpy()
                shown = dice.permutation(own)[:150]
                across = position + dice.uniform(-0.07, 0.07, len(shown))
                axes.plot(across, shown, ".", color=colours[source], alpha=0.3, markersize=4, markeredgewidth=0)
                same = (table["metric"] == metric) & (table["source"] == source) & (table["present"] == present)
                if same.any():
                    row = table[same].iloc[0]
                    axes.plot(
                        [position - 0.08, position + 0.08], [row["value"]] * 2, color=colours[source], linewidth=2
                    )
                    axes.plot([position] * 2, [row["low"], row["high"]], color=colours[source], linewidth=4, alpha=0.6)
        axes.set_xticks([0, 1], ["absent", "present"])
        axes.set(xlim=(-0.5, 1.5), ylabel=unit, title=f"{title}: {finding_title(part['finding'].iloc[0]).lower()}")
        axes.title.set_fontsize(10)
        if metric == "ctr":
            axes.axhline(0.5, color=QUIET, linewidth=1, linestyle="--", zorder=0)
    legend(figure, sources, colours, baseline=LABEL)
    return add_note(figure, note)
