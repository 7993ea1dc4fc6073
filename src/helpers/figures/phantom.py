"""Figures of phantoms: one patient with each finding from absent to severe, and panels of many images."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.cohort.phantom import render
from helpers.cohort.phantom.disease import DRAWN
from helpers.figures.style import add_note, finding_title

SEVERITIES = {"absent": 0.0, "subtle": 0.25, "moderate": 0.55, "severe": 0.90}
OUTLINE_COLOURS = {"subtle": "#F0E442", "moderate": "#E69F00", "severe": "#56B4E9"}
INCHES = 1.75  # side of one image


def severities_figure(seed: int, index: int, size: int = 256, note: str = "") -> Figure:
    """Phantom ``index`` of ``seed`` with one finding at a time, absent, subtle, moderate and severe.

    One row for each finding; the last column outlines the finding's mask at each severity, over the severe image.
    ``size`` is the side of each image in pixels. Raises ParameterError for a size that a phantom cannot have.
    """
    shape = (len(DRAWN), len(SEVERITIES) + 1)
    figure, grid = plt.subplots(*shape, figsize=(INCHES * shape[1] + 0.8, INCHES * shape[0] + 0.3))
    for name, row in zip(DRAWN, grid, strict=True):
        phantoms = {word: render(seed, index, {name: value}, size) for word, value in SEVERITIES.items()}
        for axes, phantom in zip(row, phantoms.values(), strict=False):
            _show(axes, phantom.image)
        _show(row[-1], phantoms["severe"].image)
        for word, colour in OUTLINE_COLOURS.items():
            outline(row[-1], phantoms[word].masks[name], colour)
        row[0].set_ylabel(finding_title(name).replace(" ", "\n"), rotation=0, ha="right", va="center", fontsize=9)
    for axes, word in zip(grid[0], [*SEVERITIES, "where it is"], strict=True):
        axes.set_title(word.capitalize(), fontsize=9)
    lines = [Line2D([], [], color=colour, lw=1.5, label=word) for word, colour in OUTLINE_COLOURS.items()]
    grid[-1, -1].legend(
        handles=lines, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False, fontsize=7,
        handlelength=0.8, handletextpad=0.3, columnspacing=0.7,
    )  # fmt: skip
    values = ", ".join(f"{word} {value:.2f}" for word, value in SEVERITIES.items() if value)
    text = f"A computed phantom; each row changes one finding and nothing else (severity: {values})."
    return add_note(figure, text, note)


def panel_figure(groups: Mapping[str, np.ndarray], columns: int, note: str = "") -> Figure:
    """Groups of images side by side under their titles, ``columns`` images wide each.

    ``groups``: title to images, gray float (n, size, size) in 0..1; an empty title is not written.
    """
    rows = max(-(-len(images) // columns) for images in groups.values())
    figure = plt.figure(figsize=((columns * len(groups) + 0.3 * (len(groups) - 1)) * INCHES, rows * INCHES + 0.2))
    parts = np.atleast_1d(figure.subfigures(1, len(groups), wspace=0.02))
    for part, (title, images) in zip(parts, groups.items(), strict=True):
        if title:
            part.suptitle(title, fontsize=10)
        for place, axes in enumerate(part.subplots(rows, columns, squeeze=False).flat):
            _show(axes, images[place]) if place < len(images) else axes.set_axis_off()
    return add_note(figure, note)


def outline(axes, mask: np.ndarray, colour: str) -> None:
    """Draw the border of a mask, bool (size, size), as a thin line; an empty mask draws nothing."""
    if mask.any():
        rows, columns = (np.arange(-1, side + 1) for side in mask.shape)
        padded = np.pad(mask, 1).astype(float)  # so that the line closes where the mask meets the image's border
        axes.contour(columns, rows, padded, levels=[0.5], colors=[colour], linewidths=0.8)


def _show(axes, image: np.ndarray) -> None:
    axes.imshow(image, cmap="gray", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
