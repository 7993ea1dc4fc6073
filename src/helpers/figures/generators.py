"""Figures of generator training: how the losses developed, and what the generator draws for each study cell."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note, cell_title, finding_code, finding_title, source_colours, source_title
from helpers.findings import ABSENT, PRESENT, Cell

LINE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


def _smooth(values: pd.Series, window: int) -> pd.Series:
    return values.rolling(window, min_periods=1, center=True).mean()


def loss_curves(log: pd.DataFrame, panels: Mapping[str, Mapping[str, str]], note: str = "") -> Figure:
    """Training curves against the number of images seen.

    ``log`` has the column ``images``, and optionally ``model``, which gives one curve per model. ``panels`` maps the
    title of each panel (the name of its vertical axis) to {column: label}. The thin line shows each interval, the thick
    one a moving average over a twentieth of the training; columns that were never measured are left out. The axis of
    a Fréchet distance begins at 0, so that small changes look small.
    """
    models = list(dict.fromkeys(log["model"])) if "model" in log else []
    models = models if len(models) > 1 else [""]
    figure, axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 3.2), squeeze=False)
    for axis, (title, columns) in zip(axes[0], panels.items(), strict=True):
        lines = [(column, label, model) for column, label in columns.items() for model in models]
        for index, (column, label, model) in enumerate(lines):
            rows = log[log["model"] == model] if model else log
            measured = rows[["images", column]].dropna()
            if measured.empty:
                continue
            colour = LINE_COLOURS[index % len(LINE_COLOURS)]
            style = "-" if index < len(LINE_COLOURS) else "--"
            smooth = _smooth(measured[column], max(len(measured) // 20, 1))
            axis.plot(measured["images"], measured[column], color=colour, alpha=0.3, linewidth=0.8)
            name = f"{finding_code(model)}: {label.lower()}" if model else label
            axis.plot(measured["images"], smooth, style, color=colour, linewidth=1.8, label=name)
        axis.set_xlabel("Training images seen")
        axis.set_ylabel(title)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axis.xaxis.set_major_locator(plt.MaxNLocator(5))
        if "frechet" in columns:
            axis.set_ylim(bottom=0)
        if len(lines) > 1:
            axis.legend(frameon=False, fontsize=8, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    return add_note(figure, note)


def sample_grid(images: Mapping[Cell, np.ndarray], note: str = "") -> Figure:
    """Images by study cell: one row per finding, absent on the left, present on the right.

    Each value is float (n, size, size) in 0..1, the same n everywhere; the same position on both sides has the
    same seed, so the two differ only in what the generator makes of the finding.
    """
    count = len(next(iter(images.values())))
    findings = list(dict.fromkeys(cell.finding for cell in images))
    figure, axes = plt.subplots(len(findings), 2, figsize=(2.6 * count, 1.5 * len(findings)), squeeze=False)
    for row, finding in enumerate(findings):
        for column, (state, word) in enumerate(((ABSENT, "absent"), (PRESENT, "present"))):
            axis = axes[row, column]
            axis.set_axis_off()
            axis.set_title(f"{finding_title(finding)}: {word}", fontsize=9)
            if Cell(finding, state) in images:
                axis.imshow(np.concatenate(list(images[Cell(finding, state)]), axis=1), cmap="gray", vmin=0, vmax=1)
    return add_note(figure, note)


def source_grid(images: Mapping[str, Mapping[Cell, np.ndarray]], note: str = "") -> Figure:
    """Real and synthetic images side by side: one row per study cell, one column per source.

    ``images`` maps source -> cell -> float (n, size, size) in 0..1; where a source has no images of a cell, or fewer
    than others, the grid stays black.
    """
    sources = list(images)
    cells = list(dict.fromkeys(cell for by_cell in images.values() for cell in by_cell))
    shown = [picture for by_cell in images.values() for picture in by_cell.values() if len(picture)]
    count, size = max(len(picture) for picture in shown), max(picture.shape[-1] for picture in shown)
    colours = source_colours(sources)
    figsize = (1.05 * count * len(sources) + 0.6, 1.12 * len(cells) + 0.4)
    figure, axes = plt.subplots(1, len(sources), figsize=figsize, sharey=True, squeeze=False)
    step = size + max(1, size // 25)
    for axis, source in zip(axes[0], sources, strict=True):
        picture = np.ones((step * len(cells), size * count))
        for row, cell in enumerate(cells):
            picture[step * row : step * row + size] = 0
            for index, image in enumerate(images[source].get(cell, ())):
                top, left = step * row, size * index
                picture[top : top + image.shape[0], left : left + image.shape[1]] = image
        axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
        axis.set_xticks([])
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        axis.set_title(source_title(source), color=colours[source], fontsize=11, fontweight="bold")
    names = [cell_title(cell).replace(" ", "\n") for cell in cells]
    axes[0, 0].set_yticks(step * np.arange(len(cells)) + size / 2, names, fontsize=10)
    return add_note(figure, note)


def strips(
    panels: Mapping[str, Mapping[str, np.ndarray]], columns: Sequence[str] = (), below: str = "", note: str = ""
) -> Figure:
    """Images in labelled rows, a panel per source: what an option does, or one patient on the way to a finding.

    ``panels`` maps source -> row label -> float (n, size, size) in 0..1, the same n in all rows. ``columns`` names the
    n places from left to right and ``below`` says what they are.
    """
    counts = [len(next(iter(rows.values()))) for rows in panels.values()]
    labels = [max(len(label) for label in rows) for rows in panels.values()]
    width = sum(1.15 * count + 0.3 + 0.08 * letters for count, letters in zip(counts, labels, strict=True))
    height = 1.15 * max(len(rows) for rows in panels.values()) + 0.7
    figure, axes = plt.subplots(1, len(panels), figsize=(width, height), squeeze=False, width_ratios=counts)
    colours = source_colours(panels)
    for axis, (source, rows) in zip(axes[0], panels.items(), strict=True):
        picture = np.concatenate([np.concatenate(list(images), axis=1) for images in rows.values()])
        size = next(iter(rows.values())).shape[-1]
        axis.imshow(picture, cmap="gray", vmin=0, vmax=1)
        axis.set_yticks((np.arange(len(rows)) + 0.5) * size - 0.5, list(rows), fontsize=10)
        axis.set_xticks((np.arange(len(columns)) + 0.5) * size - 0.5, list(columns), fontsize=10)
        axis.set_xlabel(below)
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
        axis.set_anchor("N")
        axis.set_title(source_title(source), color=colours[source], fontsize=11, fontweight="bold")
    return add_note(figure, note)
