"""Figures of words: what the images drawn for them show."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.metric_marks import spread
from helpers.figures.style import (
    add_note,
    finding_code,
    finding_title,
    source_colours,
    source_title,
)
from helpers.image_metrics.sentences import AND, BOTH, DEGREE, MEASURES, PLAIN, STATE

TITLES = {
    "fluid": "Fluid, area / thorax area",
    "fluid_left": "Share of the fluid on the left",
    "opacity": "Opacity, area / thorax area",
    "opacity_left": "Share of the opacity on the left",
    "opacity_depth": "Height of the opacity\n(0 top, 1 bottom of the thorax)",
    "ctr": "Cardiothoracic ratio",
}
SENTENCES = 34  # letters of a sentence per line
MOST = 60  # percentage points shown in the deepest colour


def doses(effects: pd.DataFrame, note: str) -> Figure:
    """What is measured for each word: a panel for each finding and kind of word, levels from left to right.

    Takes ``effects``; means with the 95 % interval of their difference from images of the same seeds without words,
    whose mean is the dashed line. Without a ruler, the classifier judges degrees.
    """
    asked = effects[~effects["factor"].isin([STATE, BOTH])].dropna(subset=["finding"])
    panels = [
        (finding, factor, MEASURES.get((finding, factor), f"seen_{finding}" if factor == DEGREE else None))
        for finding, factor in asked[["finding", "factor"]].drop_duplicates().itertuples(index=False)
    ]
    known = set(effects["measure"])
    panels = [(f, factor, m if m in known else f"seen_{f}") for f, factor, m in panels]
    across = min(len(panels), 4)
    down = -(-len(panels) // across)
    figure, grid = plt.subplots(down, across, figsize=(3.2 * across, 2.9 * down), squeeze=False)
    axes = grid.ravel()
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    colours = source_colours(effects["source"].unique())
    for axis, (finding, factor, measure) in zip(axes, panels, strict=False):
        rows = asked[(asked["finding"] == finding) & (asked["factor"] == factor) & (asked["measure"] == measure)]
        levels = rows.sort_values("rank")["level"].unique()
        sources = list(rows["source"].unique())
        for source, part in rows.groupby("source", sort=False):
            place = [spread(rank, len(sources))[sources.index(source)] for rank in part["rank"]]
            spans = np.abs(part[["low", "high"]].to_numpy() - part[["difference"]].to_numpy()).T
            axis.errorbar(place, part["value"], yerr=spans, fmt="o-", color=colours[source], markersize=5, capsize=2)
            without = effects[(effects["source"] == source) & (effects["sentence"] == "")]
            axis.axhline(without.set_index("measure").loc[measure, "value"], color=colours[source], ls="--", lw=1)
        axis.set_xticks(range(len(levels)), levels)
        axis.margins(x=0.12, y=0.1)
        axis.set_title(finding_title(finding), fontsize=10)
        axis.set_ylabel(TITLES.get(measure, "Probability of the classifier"), fontsize=9)
    handles = [
        plt.Line2D([], [], color=colours[s], marker="o", label=source_title(s)) for s in effects["source"].unique()
    ]
    handles.append(plt.Line2D([], [], color="#666666", ls="--", lw=1, label="Without words"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
    return add_note(figure, note)


def brought_along(effects: pd.DataFrame, findings: Sequence[str], note: str) -> Figure:
    """Asked against shown: how much more or less of each finding the classifier sees than without words.

    A panel for each source; rows are the plain sentences for a finding's presence and absence and those for two
    findings, columns what is seen. Differences are in percentage points, bold if their interval excludes 0; what was
    asked for is framed.
    """
    seen = [f"seen_{name}" for name in findings]
    plain = (effects["factor"] == STATE) & (effects["wording"] == PLAIN)
    rows = effects[(plain | (effects["factor"] == BOTH)) & effects["measure"].isin(seen)]
    sources, asked = list(rows["source"].unique()), list(rows["sentence"].unique())
    size = (2.6 + max(2.8, 0.75 * len(findings)) * len(sources), 1.4 + 0.42 * len(asked))
    figure, panels = plt.subplots(1, len(sources), figsize=size, sharey=True, squeeze=False)
    for axis, source in zip(panels[0], sources, strict=True):
        found = rows[rows["source"] == source].set_index(["sentence", "measure"])
        share = np.array([[100 * found.loc[(text, name), "difference"] for name in seen] for text in asked])
        axis.imshow(share, cmap="RdBu_r", vmin=-MOST, vmax=MOST, aspect="auto")
        for line, text in enumerate(asked):
            for column, name in enumerate(seen):
                row = found.loc[(text, name)]
                clear = row["low"] > 0 or row["high"] < 0
                dark = abs(share[line, column]) > 0.6 * MOST
                axis.text(column, line, f"{share[line, column]:+.0f}", ha="center", va="center", fontsize=9,
                          weight="bold" if clear else "normal", color="white" if dark else "black")  # fmt: skip
                if name.removeprefix("seen_") in row["finding"].split(AND):
                    axis.add_patch(
                        plt.Rectangle((column - 0.5, line - 0.5), 1, 1, fill=False, lw=1.6, edgecolor="black")
                    )
        axis.set_xticks(range(len(findings)), [finding_code(name) for name in findings])
        axis.set_yticks(range(len(asked)), asked)
        axis.set_title(source_title(source), fontsize=10)
    return add_note(figure, note)


def wordings(areas: pd.DataFrame, note: str) -> Figure:
    """How well asked-for presence and absence are told apart: a panel for each finding, a line for each wording.

    Takes the table of ``obedience.wordings``; areas under the ROC curve with their 95 % intervals, chance dashed.
    """
    findings, ways = list(areas["finding"].unique()), list(areas["wording"].unique())
    across = min(len(findings), 4)
    down = -(-len(findings) // across)
    size = (1.6 + 2.3 * across, 0.9 + (0.5 + 0.3 * len(ways)) * down)
    figure, grid = plt.subplots(down, across, figsize=size, sharex=True, sharey=True, squeeze=False)
    for axis in grid.ravel()[len(findings) :]:
        axis.set_visible(False)
    sources = list(areas["source"].unique())
    colours = source_colours(sources)
    for axis, finding in zip(grid.ravel(), findings, strict=False):
        for (source, wording), row in areas[areas["finding"] == finding].set_index(["source", "wording"]).iterrows():
            place = spread(ways.index(wording), len(sources))[sources.index(source)]
            reach = [[row["auroc"] - row["low"]], [row["high"] - row["auroc"]]]
            axis.errorbar(row["auroc"], place, xerr=reach, fmt="o", color=colours[source], markersize=5, capsize=2)
        axis.axvline(0.5, color="#666666", ls="--", lw=1)
        axis.set_title(finding_title(finding), fontsize=10)
        axis.set(xlim=(0, 1.03), yticks=range(len(ways)), yticklabels=ways)
    grid[0, 0].invert_yaxis()
    figure.supxlabel("Area under the ROC curve, present against absent", fontsize=9)
    handles = [plt.Line2D([], [], color=colours[name], marker="o", ls="", label=source_title(name)) for name in sources]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)
    return add_note(figure, note)


def sheet(images: Mapping[str, np.ndarray], note: str) -> Figure:
    """Images uint8 (n, size, size) by sentence: one row each, with the same seed down each column."""
    across = min(len(made) for made in images.values())
    figure, panels = plt.subplots(len(images), across, figsize=(1.15 * across + 2.2, 1.2 * len(images)), squeeze=False)
    for line, (sentence, made) in zip(panels, images.items(), strict=True):
        for axis, image in zip(line, made, strict=False):
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(fill(sentence or "(no words)", SENTENCES), rotation=0, ha="right", va="center", fontsize=8)
    return add_note(figure, note)
