"""Figures of the image metrics: synthetic sources, always beside real against real at equal n."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.figures.metric_marks import QUIET, band, legend, point, spread, title_of
from helpers.figures.style import add_note, finding_title, panels_of, source_colours, source_title, wrapped

# Metric -> title, and what is good: less, more, or close to the value of real images.
LESS, MORE, ALIKE = "less is better", "more is better", "as real is best"
PAGE = {
    "Do they\nlook alike?": {
        "frechet_distance": ("Fréchet distance", LESS),
        "frechet_infinity": ("Fréchet, extrapolated", LESS),
        "kid": ("Kernel distance (KID)", LESS),
        "discriminator_auroc": ("A program tells them apart (AUROC)", LESS),
    },
    "Where real ones lie,\nand everywhere?": {
        "precision": ("Precision", MORE),
        "density": ("Density", ALIKE),
        "recall": ("Recall", MORE),
        "coverage": ("Coverage", MORE),
    },
    "As varied,\nas asked, as useful?": {
        "feature_variance": ("Variance of features", ALIKE),
        "ms_ssim": ("Similarity within a cell (MS-SSIM)", ALIKE),
        "condition_auroc": ("Shows the requested finding (AUROC)", ALIKE),
        "utility_gain": ("Gain as extra training images (AUROC)", MORE),
    },
    "Copied,\nby features?": {
        "authenticity_features": ("Authentic", MORE),
        "nearer_to_training_features": ("Nearer to training", LESS),
        "suspects_features": ("Suspects", LESS),
    },
    "Copied,\nby pixels?": {
        "authenticity_pixels": ("Authentic", MORE),
        "nearer_to_training_pixels": ("Nearer to training", LESS),
        "suspects_pixels": ("Suspects", LESS),
    },
}
PANELS = max(map(len, PAGE.values()))
DISTANCES = ("frechet_distance", "frechet_infinity", "kid")
METRIC_TITLES = {metric: title for row in PAGE.values() for metric, (title, _) in row.items()}


def classifier_training(log: pd.DataFrame, note: str) -> Figure:
    """Loss curves of the classifier; table with epoch, training_loss, selection_loss, best."""
    figure, axes = plt.subplots(figsize=(6, 3))
    axes.plot(log["epoch"], log["training_loss"], color="#888888", label="training images")
    axes.plot(log["epoch"], log["selection_loss"], color="#000000", label="patients set aside to choose")
    best = log[log["best"]].iloc[0]
    axes.plot(best["epoch"], best["selection_loss"], "o", color="#000000", markersize=8, label="kept")
    axes.set(xlabel="Epoch", ylabel="Loss per label (nats)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return add_note(figure, note)


def overview(metrics: pd.DataFrame, note: str) -> Figure:
    """Every metric over all cells on one page: a row of panels per question, a line per source; real against real as a
    band.

    Takes the tidy metrics table; draws value and interval; for a missing value, gives the reason.
    """
    table = metrics[metrics["finding"].isna() & metrics["metric"].isin(METRIC_TITLES)]
    sources = list(table["source"].unique())
    page = {question: row for question, row in PAGE.items() if table["metric"].isin(row).any()}
    figure, panels = plt.subplots(
        len(page), PANELS, figsize=(12.5, len(page) * (1.15 + 0.27 * len(sources))), sharey=True, squeeze=False
    )
    for line, (question, row) in zip(panels, page.items(), strict=True):
        for axes in line[len(row) :]:
            axes.set_visible(False)
        for axes, (metric, (title, good)) in zip(line, row.items(), strict=False):
            rows = table[table["metric"] == metric].set_index("source")
            _panel(axes, rows, sources)
            axes.set_title(title, fontsize=9.5, pad=14 if len(rows) else None)
            axes.annotate(good, (0.5, 1), xycoords="axes fraction", xytext=(0, 2), textcoords="offset points",
                          ha="center", va="bottom", fontsize=7.5, color=QUIET)  # fmt: skip
        line[0].set_yticks(range(len(sources)), [title_of(source) for source in sources])
        line[0].set_ylim(len(sources) - 0.5, -0.5)
        line[0].annotate(question, (0, 1), xycoords="axes fraction", xytext=(-128, 30), textcoords="offset points",
                         ha="left", va="top", fontsize=10, weight="bold")  # fmt: skip
    return add_note(figure, note)


def second_opinions(opinions: dict[str, pd.DataFrame], note: str) -> Figure:
    """The same distances in several feature spaces: a row of panels per extractor, a line per source.

    ``opinions``: overall rows of the metrics table by the extractor's name with its digest. Units differ between
    extractors, so only positions relative to the band of real against real can be compared.
    """
    shown = ("kid", "precision", "recall", "coverage")
    sources = list(next(iter(opinions.values()))["source"].unique())
    figure, panels = plt.subplots(
        len(opinions), len(shown), figsize=(12.5, len(opinions) * (0.95 + 0.27 * len(sources))), sharey=True,
        squeeze=False,
    )  # fmt: skip
    for height, (extractor, table) in enumerate(opinions.items()):
        line = panels[height]
        for axes, metric in zip(line, shown, strict=True):
            _panel(axes, table[table["metric"] == metric].set_index("source"), sources)
            axes.set_title(METRIC_TITLES[metric] if height == 0 else " ", fontsize=9.5, pad=12)
        line[0].set_yticks(range(len(sources)), [title_of(source) for source in sources])
        line[0].set_ylim(len(sources) - 0.5, -0.5)
        label = "\n".join(extractor.rsplit(" ", 1))
        line[0].annotate(label, (0, 1), xycoords="axes fraction", xytext=(-128, 28), textcoords="offset points",
                         ha="left", va="top", fontsize=9, weight="bold")  # fmt: skip
    return add_note(figure, note)


def _panel(axes, rows: pd.DataFrame, sources: list[str]) -> None:
    """One metric: a line per source, with the band of real against real behind."""
    band(axes, rows)
    colours = source_colours(sources)
    for height, source in enumerate(sources):
        if source in rows.index:
            point(axes, rows.loc[source], height, colours[source], horizontal=True)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(axis="y", length=0)


def nearest_gallery(pairs: pd.DataFrame, pictures: dict[str, np.ndarray], note: str, count: int = 8) -> Figure:
    """The first pairs: each synthetic image above its nearest training image; needs the pictures by image_id.

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
        said = f"distance {row.distance:.2f}\nheld out {row.held_out_distance:.2f}"
        panels[1, column].set_xlabel(said, fontsize=8)
    panels[0, 0].set_ylabel("Synthetic", fontsize=9)
    panels[1, 0].set_ylabel("Training", fontsize=9)
    return add_note(figure, note)


def by_cell(metrics: pd.DataFrame, metric: str, note: str) -> Figure:
    """One metric within each cell: a panel per finding, absent and present side by side.

    Takes the tidy metrics table and the metric's name.
    """
    table = metrics[(metrics["metric"] == metric) & metrics["finding"].notna()]
    sources = list(table["source"].unique())
    colours = source_colours(sources)
    names = list(table["finding"].unique())
    figure, panels = panels_of(len(names), (2.75, 3.2))
    for axes, finding in zip(panels, names, strict=True):
        for place, present in enumerate((0, 1)):
            rows = table[(table["finding"] == finding) & (table["present"] == present)].set_index("source")
            for position, source in zip(spread(place, len(sources)), sources, strict=True):
                point(axes, rows.loc[source], position, colours[source], horizontal=False)
            if rows["value"].isna().all():
                axes.text(place, 0.5, "too few\nimages", transform=axes.get_xaxis_transform(), ha="center",
                          va="center", fontsize=8, color=QUIET)  # fmt: skip
            else:
                n = int(rows["n"].where(rows["value"].notna()).max())
                axes.annotate(f"n {n}", (place, 0), xycoords=("data", "axes fraction"), xytext=(0, 3),
                              textcoords="offset points", ha="center", fontsize=8, color=QUIET)  # fmt: skip
        if metric == "kid":
            axes.axhline(0, color="#BBBBBB", linewidth=0.8, zorder=0)
        axes.set(title=wrapped(finding_title(finding), 30), xlim=(-0.5, 1.5))
        axes.set_xticks([0, 1], ["absent", "present"])
    title = METRIC_TITLES[metric].replace(" (", "\n(", 1)
    panels[0].set_ylabel(f"{title}\nto real images of the cell" if metric in DISTANCES else title)
    panels[0].margins(y=0.12)
    legend(figure, sources, colours)
    return add_note(figure, note)
