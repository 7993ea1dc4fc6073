"""Figures of the study plan: how many trials of what, who sees them in which order, what the display may give away."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers.figures.style import TASK_TITLES, add_note, finding_title, source_colours, source_title
from helpers.files import read_gray
from helpers.findings import CELLS, NAMES, Cell
from helpers.tables import REAL, TASKS

FACT_TITLES = {
    "all": "All facts together",
    "byte_count": "Bytes of the file",
    "bit_depth": "Bits per pixel",
    "used_levels": "Gray levels used",
    "histogram_gaps": "Gray levels skipped",
    "darkest": "Share of pixels at 0",
    "brightest": "Share of pixels at 255",
    "border_step": "Step at the border",
    "border_spread": "Spread along the border",
}
ANSWER_COLOURS = ("#E69F00", "#56B4E9")  # left, absent or real; right, present or synthetic


def main_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials that enter the analysis: no practice, no repeats."""
    return trials[~trials.is_practice & trials.repeat_of.isna()]


def _ordered_sources(sources) -> list[str]:
    """Real first, then the generators as they are coloured, then any others by name."""
    there = set(sources)
    return [source for source in source_colours(there) if source in there]


def trials_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """Main trials that each reader gets, by task, cell and source; takes a plan table."""
    one = main_trials(trials[trials.reader == trials.reader.iloc[0]])
    tasks = [task for task in TASKS if task in set(one.task)]
    figure, panels = plt.subplots(1, len(tasks), figsize=(4.3 * len(tasks) + 1.2, 3.8), sharey=True, squeeze=False)
    sources = _ordered_sources(one.source)
    colours, places = source_colours(sources), np.arange(len(CELLS))
    for axes, task in zip(panels[0], tasks, strict=True):
        rows = one[one.task == task]
        left = np.zeros(len(CELLS))
        for source in (source for source in sources if source in set(rows.source)):
            of = rows[rows.source == source]
            counts = np.array([((of.finding == c.finding) & (of.present == c.present)).sum() for c in CELLS])
            name = source_title(source) if task != "realism_pair" else f"{source_title(source)} against real"
            bars = axes.barh(places, counts, left=left, color=colours[source], edgecolor="white", label=name)
            axes.bar_label(bars, [str(n) if n else "" for n in counts], label_type="center", color="white", fontsize=8)
            left += counts
        axes.set(title=f"{TASK_TITLES[task]}, n = {len(rows)}", xlabel="Trials of each reader")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8)
    panels[0, 0].set_yticks(places, [cell.title for cell in CELLS])
    panels[0, 0].invert_yaxis()
    return add_note(figure, " ".join(filter(None, ["Without practice trials and repeats.", note])))


def sides_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """On which side each reader sees the synthetic image of a pair, by source and finding; takes a plan table."""
    pairs = main_trials(trials)
    pairs = pairs[pairs.task == "realism_pair"]
    readers = list(dict.fromkeys(pairs.reader))
    sources = _ordered_sources(pairs.source)
    figure, panels = plt.subplots(1, len(readers), figsize=(2.6 * len(readers) + 2.6, 3.4), sharex=True, sharey=True)
    colours = source_colours(sources)
    height = 0.8 / len(sources)
    for axes, reader in zip(np.atleast_1d(panels), readers, strict=True):
        for number, source in enumerate(sources):
            rows = pairs[(pairs.reader == reader) & (pairs.source == source)]
            places = np.arange(len(NAMES)) + (number - (len(sources) - 1) / 2) * height
            for side, sign in (("left", -1), ("right", 1)):
                counts = [((rows.finding == name) & (rows.side == side)).sum() for name in NAMES]
                label = source_title(source) if side == "left" else None
                bars = axes.barh(places, np.multiply(sign, counts), height * 0.9, color=colours[source], label=label)
                axes.bar_label(bars, [str(n) for n in counts], padding=2, fontsize=7)
        axes.axvline(0, color="black", lw=0.8)
        axes.margins(x=0.2)
        axes.set(title=reader, xlabel="left  |  right", xticks=[])
    first = np.atleast_1d(panels)[0]
    first.set_yticks(range(len(NAMES)), [finding_title(name) for name in NAMES])
    first.invert_yaxis()
    np.atleast_1d(panels)[-1].legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    text = f"Number of pairs with the synthetic image on that side; n = {len(pairs) // len(readers)} pairs a reader."
    return add_note(figure, " ".join(filter(None, [text, note])))


def expected_answers(trials: pd.DataFrame) -> np.ndarray:
    """0 where the right answer is left, absent or real; 1 where it is right, present or synthetic."""
    pair, single = trials.task == "realism_pair", trials.task == "realism_single"
    return np.where(pair, trials.side == "right", np.where(single, trials.source != REAL, trials.present == 1)).astype(
        int
    )


def order_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """Each reader's way through the plan, trial by trial, coloured by the right answer; takes a plan table."""
    readers = list(dict.fromkeys(trials.reader))
    longest = int(trials.position.max())
    figure, axes = plt.subplots(figsize=(10, 0.55 * len(readers) + 1.6))
    for row, reader in enumerate(readers):
        mine = trials[trials.reader == reader].sort_values("position")
        colours = [ANSWER_COLOURS[answer] for answer in expected_answers(mine)]
        axes.bar(mine.position, 0.6, bottom=row - 0.3, width=1.0, color=colours, linewidth=0)
        repeats = mine.position[mine.repeat_of.notna()]
        axes.plot(repeats, np.full(len(repeats), row - 0.4), "v", color="black", ms=3)
        practice = mine.position[mine.is_practice]
        axes.plot(practice, np.full(len(practice), row - 0.4), "o", color="black", ms=2.5, mfc="white")
        starts = mine.position[mine.task != mine.task.shift()]
        for task, start in zip(mine.task[starts.index], starts, strict=True):
            axes.plot([start - 0.5] * 2, [row - 0.42, row + 0.42], color="black", lw=1)
            if row == 0:
                axes.text(start, -0.62, TASK_TITLES[task], fontsize=8, va="bottom")
    axes.set_yticks(range(len(readers)), readers)
    axes.set(xlabel="Position in the reader's own order", xlim=(0, longest + 1), ylim=(len(readers) - 0.4, -0.85))
    names = ("left, absent or real", "right, present or synthetic")
    handles = [Patch(color=colour, label=name) for colour, name in zip(ANSWER_COLOURS, names, strict=True)]
    handles += axes.plot([], [], "v", color="black", ms=4, label="repeat")
    handles += axes.plot([], [], "o", color="black", ms=4, mfc="white", label="practice")
    axes.legend(handles=handles, frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.3), fontsize=8)
    return add_note(figure, " ".join(filter(None, ["Colour: the right answer.", note])))


def display_figure(trials: pd.DataFrame, files: Mapping[str, Path], note: str = "") -> Figure:
    """One displayed image of each source and cell, exactly as readers get it; takes a plan table and display files."""
    shown = _one_of_each(main_trials(trials))
    sources = _ordered_sources(source for source, _ in shown)
    figure, panels = plt.subplots(len(sources), len(CELLS), figsize=(11, 1.55 * len(sources) + 0.3), squeeze=False)
    for row, source in enumerate(sources):
        for column, cell in enumerate(CELLS):
            axes = panels[row, column]
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if (source, cell) in shown:
                axes.imshow(read_gray(files[shown[source, cell]]), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            else:
                axes.text(0.5, 0.5, "none", ha="center", va="center", transform=axes.transAxes)
            if row == 0:
                axes.set_title(cell.title, fontsize=9)
        panels[row, 0].set_ylabel(source_title(source))
    return add_note(figure, note)


def _one_of_each(trials: pd.DataFrame) -> dict[tuple[str, Cell], str]:
    """An image id for each source and cell: from single images, or the synthetic and the real one of a pair."""
    found: dict[tuple[str, Cell], str] = {}
    for row in trials.itertuples():
        cell = Cell(row.finding, int(row.present))
        if row.task == "realism_pair":
            sides = (row.left_image, row.right_image)
            synthetic, real = sides if row.side == "left" else sides[::-1]
            found.setdefault((row.source, cell), synthetic)
            found.setdefault((REAL, cell), real)
        else:
            found.setdefault((row.source, cell), row.image)
    return found


def gate_figure(gate: pd.DataFrame, note: str = "") -> Figure:
    """AUC of a classifier that sees encoder-level facts only, with 95 % intervals; takes ``display.encoder_gate``."""
    figure, axes = plt.subplots(figsize=(6.5, 3.6))
    places = np.arange(len(gate))
    for place, row in zip(places, gate.itertuples(), strict=True):
        colour = "black" if row.facts == "all" else "#777777"
        errors = [[max(row.auc - row.low, 0)], [max(row.high - row.auc, 0)]]
        axes.errorbar(row.auc, place, xerr=errors, fmt="o", color=colour, ms=5, capsize=3)
    axes.axvline(0.5, color="black", lw=0.8, ls=":")
    axes.text(0.51, -0.6, "0.5: tells nothing", ha="left", va="center", fontsize=8)
    axes.set_yticks(places, [FACT_TITLES.get(name, name) for name in gate.facts])
    axes.set(xlabel="AUC, real against synthetic, from encoding alone", xlim=(0.35, 1.02))
    axes.invert_yaxis()
    text = (
        f"95 % bootstrap intervals over images, 5-fold cross-validated random forest; n = {int(gate.n.iloc[0])} images."
    )
    return add_note(figure, " ".join(filter(None, [text, note])))
