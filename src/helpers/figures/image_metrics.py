"""Figures of the image metrics: always the synthetic source beside real against real at equal n."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from helpers.figures.style import add_note, finding_title, source_colours, source_title
from helpers.findings import NAMES
from helpers.tables import REAL

METRIC_TITLES = {
    "frechet_distance": "Fréchet distance",
    "frechet_infinity": "Fréchet distance, endless images",
    "kid": "Kernel distance (KID)",
    "feature_variance": "Variance of features",
    "precision": "Precision",
    "recall": "Recall",
    "density": "Density",
    "coverage": "Coverage",
    "authenticity_features": "Authentic, by features",
    "copying_z_features": "Nearness to training (z), features",
    "authenticity_pixels": "Authentic, by pixels",
    "copying_z_pixels": "Nearness to training (z), pixels",
}
BASELINE = "Real against real"


def classifier_training(log: pd.DataFrame, note: str) -> Figure:
    """Loss curves of the classifier; table with epoch, training_loss, selection_loss, best."""
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.plot(log["epoch"], log["training_loss"], color="#888888", label="training images")
    axes.plot(log["epoch"], log["selection_loss"], color="#000000", label="patients set aside to choose")
    best = log[log["best"]].iloc[0]
    axes.plot(best["epoch"], best["selection_loss"], "o", color="#000000", markersize=8, label="kept")
    axes.set(xlabel="Pass over the training images", ylabel="Loss per label (nats)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return add_note(figure, note)


def overview(metrics: pd.DataFrame, note: str) -> Figure:
    """Every metric over all cells on one page: a panel per metric, a row per source; real against real as a band.

    Takes the tidy metrics table; draws value and interval; a missing value is named with the reason.
    """
    table = metrics[metrics["finding"].isna() & metrics["metric"].isin(METRIC_TITLES)]
    sources = list(table["source"].unique())
    titles = {metric: title for metric, title in METRIC_TITLES.items() if (table["metric"] == metric).any()}
    lines = -(-len(titles) // 4)
    figure, panels = plt.subplots(
        lines, 4, figsize=(11.5, lines * (0.9 + 0.3 * len(sources))), sharey=True, squeeze=False
    )
    for axes, (metric, title) in zip(panels.flat, titles.items(), strict=False):
        rows = table[table["metric"] == metric].set_index("source")
        _band(axes, rows)
        for height, source in enumerate(sources):
            _point(axes, rows.loc[source], height, source_colours(sources)[source], horizontal=True)
        axes.set_title(title, fontsize=10)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.tick_params(axis="y", length=0)
    for axes in panels.flat[len(titles) :]:
        axes.set_axis_off()
    for line in panels:
        line[0].set_yticks(range(len(sources)), [_title(source) for source in sources])
        line[0].set_ylim(len(sources) - 0.5, -0.5)
    return add_note(figure, note)


def nearest_gallery(pairs: pd.DataFrame, pictures: dict[str, np.ndarray], note: str, count: int = 8) -> Figure:
    """The nearest pairs: each synthetic image above its training image, nearest first; needs the pictures by image_id.

    Takes the table of ``nearest_pairs``; shows images, so it is saved as an image figure.
    """
    shown = pairs.head(count)
    figure, panels = plt.subplots(2, count, figsize=(1.4 * count, 3.4), squeeze=False)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set_visible(False)
    for column, row in enumerate(shown.itertuples()):
        panels[0, column].imshow(pictures[row.image_id], cmap="gray", vmin=0, vmax=255)
        panels[1, column].imshow(pictures[row.training_image_id], cmap="gray", vmin=0, vmax=255)
        panels[0, column].set_title(source_title(row.source) + (", suspect" if row.suspect else ""), fontsize=9)
        panels[1, column].set_xlabel(f"distance {row.distance:.2f}", fontsize=8)
    panels[0, 0].set_ylabel("Synthetic", fontsize=9)
    panels[1, 0].set_ylabel("Training", fontsize=9)
    return add_note(figure, note)


def cell_distance(metrics: pd.DataFrame, metric: str, note: str) -> Figure:
    """Distance to real images of the same cell: a panel per finding, absent and present side by side.

    Takes the tidy metrics table and "kid" or "frechet_distance".
    """
    table = metrics[(metrics["metric"] == metric) & metrics["finding"].notna()]
    sources = list(table["source"].unique())
    colours = source_colours(sources)
    figure, panels = plt.subplots(1, len(NAMES), figsize=(11, 3.2), sharey=True)
    for axes, finding in zip(panels, NAMES, strict=True):
        for place, present in enumerate((0, 1)):
            rows = table[(table["finding"] == finding) & (table["present"] == present)].set_index("source")
            for position, source in zip(_spread(place, len(sources)), sources, strict=True):
                _point(axes, rows.loc[source], position, colours[source], horizontal=False)
            if rows["value"].isna().all():
                axes.text(place, 0.5, "too few\nimages", transform=axes.get_xaxis_transform(), ha="center",
                          va="center", fontsize=8, color="#777777")  # fmt: skip
            else:
                n = int(rows["n"].where(rows["value"].notna()).max())
                axes.annotate(f"n {n}", (place, 0), xycoords=("data", "axes fraction"), xytext=(0, 3),
                              textcoords="offset points", ha="center", fontsize=8, color="#777777")  # fmt: skip
        axes.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
        axes.set(title=finding_title(finding), xlim=(-0.5, 1.5))
        axes.set_xticks([0, 1], ["absent", "present"])
    panels[0].set_ylabel(f"{METRIC_TITLES[metric]}\nto real images of the cell")
    panels[0].margins(y=0.12)
    _legend(figure, sources, colours)
    return add_note(figure, note)


def condition_auroc(metrics: pd.DataFrame, note: str) -> Figure:
    """How well a classifier finds what was asked for: AUROC by finding and source, real images as the ceiling."""
    table = metrics[metrics["metric"] == "condition_auroc"]
    sources = list(table["source"].unique())
    colours = source_colours(sources)
    figure, axes = plt.subplots(figsize=(8, 3.4))
    for place, finding in enumerate(NAMES):
        rows = table[table["finding"] == finding].set_index("source")
        for position, source in zip(_spread(place, len(sources)), sources, strict=True):
            _point(axes, rows.loc[source], position, colours[source], horizontal=False)
    axes.axhline(0.5, color="#888888", linewidth=1, linestyle="--", zorder=0)
    axes.annotate("chance", (1, 0.5), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
                  va="center", fontsize=8, color="#666666")  # fmt: skip
    axes.set_xticks(range(len(NAMES)), [finding_title(name).replace(" cardiac", "\ncardiac") for name in NAMES])
    low = np.nanmin([0.45, table["low"].min() - 0.02])
    axes.set(ylabel="AUROC of the classifier", ylim=(max(low, 0), 1.02), xlim=(-0.5, len(NAMES) - 0.5))
    _legend(figure, sources, colours, baseline="Real (label)")
    return add_note(figure, note)


def _title(source: str) -> str:
    return BASELINE if source == REAL else source_title(source)


def _spread(place: int, count: int) -> np.ndarray:
    """Positions of ``count`` marks around a tick."""
    return place + (np.arange(count) - (count - 1) / 2) * min(0.2, 0.7 / count)


def _band(axes, rows: pd.DataFrame) -> None:
    """The interval of real against real, behind everything."""
    if REAL in rows.index and np.isfinite(rows.loc[REAL, "low"]):
        axes.axvspan(rows.loc[REAL, "low"], rows.loc[REAL, "high"], color="#E4E4E4", linewidth=0, zorder=-1)


def _point(axes, row: pd.Series, place: float, colour: str, horizontal: bool) -> None:
    """Value with its interval; a cross on the axis where there is none."""
    if not np.isfinite(row["value"]):
        if horizontal:
            axes.text(0.02, place, row["method"], transform=axes.get_yaxis_transform(), va="center", fontsize=7,
                      color="#777777")  # fmt: skip
        return
    ends = [row["low"], row["high"]]
    across, along = ([place, place], ends) if not horizontal else (ends, [place, place])
    axes.plot(across, along, color=colour, linewidth=1.6, solid_capstyle="butt")
    point = (row["value"], place) if horizontal else (place, row["value"])
    axes.plot(*point, "o", color=colour, markersize=6)


def _legend(figure: Figure, sources: list[str], colours: dict[str, str], baseline: str = BASELINE) -> None:
    titles = [baseline if source == REAL else source_title(source) for source in sources]
    handles = [Line2D([], [], color=colours[source], marker="o", linewidth=1.6) for source in sources]
    figure.legend(handles, titles, loc="outside upper center", ncols=len(sources), frameon=False)
