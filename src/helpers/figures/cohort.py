"""Figures of the cohort: how common the findings are, who the patients are, and what the cells look like."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from helpers.figures.style import OTHER_COLOURS, add_note, finding_code, finding_title
from helpers.findings import Cell, Findings, in_cell
from helpers.pixels import read_image
from helpers.tables import SPLITS

SPLIT_COLOURS = {"all": "#444444"} | dict(zip(SPLITS, OTHER_COLOURS, strict=False))
SPLIT_TITLES = {"all": "All", "train": "Train", "validate": "Validate", "test": "Test"}
SEX_TITLES = {"F": "Female", "M": "Male"}
UNKNOWN = "Not given"


def prevalence_figure(prevalence: pd.DataFrame, note: str = "") -> Figure:
    """Share of images with each finding, by split, with 95 % intervals; takes ``summary.prevalence``."""
    names = list(dict.fromkeys(prevalence["finding"]))
    figure, axes = plt.subplots(figsize=(7, max(4.0, 1.2 + 0.55 * len(names))))
    splits = ("all", *SPLITS)
    for place, split in enumerate(splits):
        rows = prevalence[prevalence["split"] == split].set_index("finding").loc[names]
        y = np.arange(len(names)) + (place - (len(splits) - 1) / 2) * 0.17
        share, n = 100 * rows["share"], rows["present"] + rows["absent"]
        errors = [share - 100 * rows["low"], 100 * rows["high"] - share]
        counts = f"{n.min():,}" if n.min() == n.max() else f"{n.min():,}–{n.max():,}"
        label = f"{SPLIT_TITLES[split]} (n = {counts})"
        axes.errorbar(share, y, xerr=errors, fmt="o", ms=5, capsize=3, color=SPLIT_COLOURS[split], label=label)
    axes.set(xlabel="Images with the finding, of those labelled (%)", xlim=(0, None))
    axes.set_yticks(range(len(names)), [finding_title(name) for name in names])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return add_note(figure, "Points: prevalence; bars: 95 % Wilson intervals.", note)


def co_occurrence_figure(co_occurrence: pd.DataFrame, note: str = "") -> Figure:
    """How often one finding occurs with another, in percent; takes ``summary.co_occurrence``."""
    names = list(dict.fromkeys(co_occurrence["given"]))
    size = (max(6.8, 3.6 + 0.8 * len(names)), max(3.8, 1.4 + 0.6 * len(names)))
    figure, axes = plt.subplots(figsize=size)
    share = co_occurrence.pivot(index="given", columns="finding", values="share").loc[names, names]
    n = co_occurrence.pivot(index="given", columns="finding", values="n").loc[names, names].to_numpy()
    values = 100 * share.to_numpy(dtype=float)
    hidden = ~np.isfinite(values) | np.eye(len(names), dtype=bool)
    picture = axes.imshow(np.ma.masked_where(hidden, values), cmap="cividis", vmin=0, vmax=100, aspect="auto")
    for row, column in np.ndindex(*values.shape):
        value, colour = values[row, column], "black" if hidden[row, column] or values[row, column] > 55 else "white"
        text = f"{value:.0f} %\nn = {n[row, column]:,}" if np.isfinite(value) else "no image"
        text = f"{n[row, column]:,}\nimages" if row == column else text
        axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(names)), map(finding_code, names))
    axes.set_yticks(range(len(names)), [f"{finding_title(name)} ({finding_code(name)})" for name in names])
    axes.set(xlabel="also has …", ylabel="Of the images with …")
    axes.spines[:].set_visible(False)
    figure.colorbar(picture, ax=axes, label="Images with both (%)")
    return add_note(figure, "n: images with the row's finding, labelled for the other.", note)


def people_figure(table: pd.DataFrame, note: str = "") -> Figure:
    """Views, sexes and ages of a cohort table, as numbers of images."""
    figure, (views, sexes, ages) = plt.subplots(1, 3, figsize=(9, 3.2), width_ratios=(1, 1, 2))
    _count_bars(views, table["view"].fillna(UNKNOWN), ("PA", "AP", UNKNOWN), "View")
    sex = table["sex"].map(SEX_TITLES).fillna(UNKNOWN)
    _count_bars(sexes, sex, (*SEX_TITLES.values(), UNKNOWN), "Sex")
    known = table["age"].dropna()
    if len(known):
        for name, colour in (("Female", "#CC79A7"), ("Male", "#56B4E9"), (UNKNOWN, "#BBBBBB")):
            part = table.loc[(sex == name) & table["age"].notna(), "age"]
            if len(part):
                ages.hist(part, bins=range(0, 105, 5), histtype="step", lw=1.8, color=colour, label=name)
        ages.legend(frameon=False)
    else:
        ages.text(0.5, 0.5, "Ages are not given\nin this data set", ha="center", va="center", transform=ages.transAxes)
        ages.set_xticks([])
        ages.set_yticks([])
    ages.set(xlabel="Age (years)", ylabel="Images")
    patients = table["patient_id"].nunique()
    return add_note(figure, f"n = {len(table):,} images of {patients:,} patients; {len(known):,} with an age.", note)


def _count_bars(axes, values: pd.Series, order: tuple[str, ...], title: str) -> None:
    counts = values.value_counts().reindex([name for name in order if (values == name).any()])
    bars = axes.bar(counts.index, counts, color="#7F7F7F", width=0.6)
    axes.bar_label(bars, [f"{count:,}" for count in counts], fontsize=8)
    axes.set(xlabel=title, ylabel="Images")
    axes.margins(x=0.2, y=0.12)


def cell_counts_figure(counts: pd.DataFrame, few: int = 10, note: str = "") -> Figure:
    """Images of each study cell in each split, cells with fewer than ``few`` marked; takes ``summary.cell_counts``."""
    cells = [Cell(*place) for place in dict.fromkeys(zip(counts["finding"], counts["present"], strict=True))]
    figure, axes = plt.subplots(figsize=(6.8, max(4.2, 1.0 + 0.4 * len(cells))))
    table = counts.set_index(["finding", "present", "split"])["images"].unstack("split")
    table = table.loc[[tuple(cell) for cell in cells], list(SPLITS)]
    values = table.to_numpy()
    shades = LogNorm(1, max(10, values.max()))
    axes.imshow(np.ma.masked_less(values, 1), cmap="Blues", norm=shades, aspect="auto", alpha=0.8)
    for row, column in np.ndindex(*values.shape):
        count, scarce = values[row, column], values[row, column] < few
        dark = shades(max(count, 1)) > 0.7
        colour = "#D55E00" if scarce else "white" if dark else "black"
        text = f"{count:,}" + ("  too few" if scarce else "")
        axes.text(column, row, text, ha="center", va="center", color=colour, weight="bold" if scarce else None)
    axes.set_xticks(range(len(SPLITS)), [SPLIT_TITLES[split] for split in SPLITS])
    axes.set_yticks(range(len(cells)), [f"{finding_title(c.finding)}, {c.label.rsplit('_')[-1]}" for c in cells])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    total = f"Numbers of images, of {counts.groupby('finding')['images'].sum().max():,} labelled;"
    return add_note(figure, f"{total} orange: fewer than {few} images.", note)


def examples_figure(
    table: pd.DataFrame, findings: Findings, folder: Path, seed: int, columns: int = 6, note: str = ""
) -> Figure:
    """Random images of each study cell; ``folder`` is the run's folder, to which the table's paths are relative."""
    cells, names = findings.cells, []
    size = len(read_image(folder / table["path"].iloc[0]))
    step = size + max(1, size // 25)
    picture = np.ones((step * len(cells), step * columns))  # one image for all: separate axes take seconds
    for row, cell in enumerate(cells):
        part = table[in_cell(table, cell)]
        chosen = np.random.default_rng([seed, row]).permutation(len(part))[:columns]
        for column, path in enumerate(part["path"].iloc[chosen]):
            top, left = step * row, step * column
            picture[top : top + size, left : left + size] = read_image(folder / path)
        title = f"{finding_title(cell.finding).replace(' ', chr(10), 1)}\n{cell.label.rsplit('_')[-1]}"
        names.append(f"{title}\n({len(part):,})")
    figure, axes = plt.subplots(figsize=(1.25 * columns + 1.8, 1.25 * len(cells)))
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks(step * np.arange(len(cells)) + size / 2, names, fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    text = "Each row: random images of one cell (in brackets: images in it); other findings may be present as well."
    return add_note(figure, text, note)
