"""Figures of the study plan: how many trials of each kind, who sees them in what order, what the display may reveal."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from helpers.figures.style import TASK_TITLES, add_note, cell_title, finding_title, source_colours, source_title
from helpers.files import read_gray
from helpers.findings import ABSENT, PRESENT, Cell, rank
from helpers.stats.readings import source_order
from helpers.study.display import FACTS
from helpers.tables import BESIDE
from helpers.tasks import REAL, TASKS, Task, right_answer

FACT_TITLES = {"all": "All facts together"} | FACTS
ACROSS = 8  # cells of displayed images per row
ANSWER_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7")  # of a task's answers in their order


def main_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Trials that enter the analysis: no practice, no repeats."""
    return trials[~trials.is_practice & trials.repeat_of.isna()]


def _findings_in(trials: pd.DataFrame) -> list[str]:
    return sorted(trials.finding.unique(), key=rank)


def _cells_in(trials: pd.DataFrame) -> list[Cell]:
    return [Cell(name, present) for name in _findings_in(trials) for present in (PRESENT, ABSENT)]


def trials_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """Main trials of each reader, by task, cell and source; takes a plan table."""
    one = main_trials(trials[trials.reader == trials.reader.iloc[0]])
    tasks = [task for task in TASKS if task in set(one.task)]
    cells, sources = _cells_in(one), source_order(one.source)
    size = (4.3 * len(tasks) + 1.2, max(3.8, 1.4 + 0.3 * len(cells)))
    figure, panels = plt.subplots(1, len(tasks), figsize=size, sharey=True, squeeze=False)
    colours, places = source_colours(sources), np.arange(len(cells))
    for axes, task in zip(panels[0], tasks, strict=True):
        rows = one[one.task == task]
        left = np.zeros(len(cells))
        for source in (source for source in sources if source in set(rows.source)):
            of = rows[rows.source == source]
            counts = np.array([((of.finding == c.finding) & (of.present == c.present)).sum() for c in cells])
            name = source_title(source) if not TASKS[task].partners else f"{source_title(source)} against real"
            bars = axes.barh(places, counts, left=left, color=colours[source], edgecolor="white", label=name)
            axes.bar_label(bars, [str(n) if n else "" for n in counts], label_type="center", color="white", fontsize=8)
            left += counts
        axes.set(title=f"{TASK_TITLES[task]}, n = {len(rows)}", xlabel="Trials of each reader")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, fontsize=8)
    panels[0, 0].set_yticks(places, map(cell_title, cells))
    panels[0, 0].invert_yaxis()
    return add_note(figure, "Without practice trials and repeats.", note)


def sides_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """Where each reader sees the synthetic image, by source and finding: one row of panels for each task that shows
    several images; takes a plan table."""
    rows = main_trials(trials).dropna(subset="side")
    readers = list(dict.fromkeys(rows.reader))
    tasks = [task for name, task in TASKS.items() if name in set(rows.task)]
    names = _findings_in(rows)
    bars = len(names) * rows.source.nunique()
    size = (2.6 * len(readers) + 2.6, max(3.4, 0.8 + 0.15 * bars) * len(tasks))
    figure, panels = plt.subplots(len(tasks), len(readers), figsize=size, sharex="row", sharey=True, squeeze=False)
    for line, task in zip(panels, tasks, strict=True):
        own = rows[rows.task == task.name]
        for axes, reader in zip(line, readers, strict=True):
            _draw_places(axes, own[own.reader == reader], task.places, names)
            axes.set(title=reader)
        line[0].set_ylabel(f"{task.title}, n = {len(own) // len(readers)}")
        line[-1].legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    panels[0, 0].set_yticks(range(len(names)), [finding_title(name) for name in names])
    panels[0, 0].invert_yaxis()
    text = "Number of trials with the synthetic image at that place; n trials for each reader."
    return add_note(figure, text, note)


def _draw_places(axes, rows: pd.DataFrame, places: tuple[str, ...], names: list[str]) -> None:
    """Bars of counts by finding and source, a column of bars for each place."""
    sources = source_order(rows.source)
    counts = rows.groupby(["source", "finding", "side"]).size()
    colours, height, step = source_colours(sources), 0.8 / len(sources), 1.5 * counts.max()
    for column, place in enumerate(places):
        axes.axvline(column * step, color="black", lw=0.8)
        for number, source in enumerate(sources):
            levels = np.arange(len(names)) + (number - (len(sources) - 1) / 2) * height
            own = [counts.get((source, name, place), 0) for name in names]
            label = source_title(source) if column == 0 else None
            bars = axes.barh(levels, own, height * 0.9, left=column * step, color=colours[source], label=label)
            axes.bar_label(bars, [str(n) for n in own], padding=2, fontsize=7)
    axes.set_xticks(step * np.arange(len(places)), places, ha="left")
    axes.set_xlim(0, len(places) * step)


def answer_places(trials: pd.DataFrame) -> list[int]:
    """Index of the right answer of each trial, counted from 0 in the order of its task's answers."""
    return [TASKS[trial.task].answers.index(right_answer(trial)) for trial in trials.itertuples()]


def _answer_names(tasks: list[Task]) -> list[str]:
    """What each position in the order of answers means in these tasks: "left / absent", "right / present"."""
    orders = [task.answers if task.ordered else [f"image {place}" for place in task.places] for task in tasks]
    return [
        " / ".join(dict.fromkeys(order[place] for order in orders if place < len(order)))
        for place in range(max(map(len, orders)))
    ]


def order_figure(trials: pd.DataFrame, note: str = "") -> Figure:
    """Each reader's path through the plan, trial by trial, coloured by the right answer; takes a plan table."""
    readers = list(dict.fromkeys(trials.reader))
    longest = int(trials.position.max())
    figure, axes = plt.subplots(figsize=(10, 0.55 * len(readers) + 1.6))
    for row, reader in enumerate(readers):
        mine = trials[trials.reader == reader].sort_values("position")
        colours = [ANSWER_COLOURS[place] for place in answer_places(mine)]
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
    names = _answer_names([task for name, task in TASKS.items() if name in set(trials.task)])
    handles = [Patch(color=colour, label=name) for colour, name in zip(ANSWER_COLOURS, names, strict=False)]
    handles += axes.plot([], [], "v", color="black", ms=4, label="repeat")
    handles += axes.plot([], [], "o", color="black", ms=4, mfc="white", label="practice")
    axes.legend(
        handles=handles, frameon=False, ncols=len(handles), loc="upper center", bbox_to_anchor=(0.5, -0.3), fontsize=8
    )
    return add_note(figure, "Colour: the right answer.", note)


def display_figure(trials: pd.DataFrame, files: Mapping[str, Path], note: str = "") -> Figure:
    """One displayed image of each source and cell, exactly as readers get it, eight cells per row.

    Takes a plan table and display files.
    """
    shown = _one_of_each(main_trials(trials))
    sources, cells = source_order(source for source, _ in shown), _cells_in(trials)
    across = min(len(cells), ACROSS)
    blocks = -(-len(cells) // across)
    size = (1.4 * max(across, 3), (1.55 * len(sources) + 0.3) * blocks)
    figure, panels = plt.subplots(len(sources) * blocks, across, figsize=size, squeeze=False)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    for row, source in enumerate(sources):
        for number, cell in enumerate(cells):
            block, column = divmod(number, across)
            axes = panels[block * len(sources) + row, column]
            if (source, cell) in shown:
                axes.imshow(read_gray(files[shown[source, cell]]), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            else:
                axes.text(0.5, 0.5, "none", ha="center", va="center", transform=axes.transAxes)
            if row == 0:
                axes.set_title(cell_title(cell), fontsize=9)
        for axes in panels[row :: len(sources), 0]:
            axes.set_ylabel(source_title(source))
    return add_note(figure, note)


def _one_of_each(trials: pd.DataFrame) -> dict[tuple[str, Cell], str]:
    """An image id for each source and cell, including the real images shown beside a synthetic one."""
    found: dict[tuple[str, Cell], str] = {}
    for row in trials.itertuples():
        cell = Cell(row.finding, int(row.present))
        places = TASKS[row.task].places
        for number, image in enumerate(row.images.split(BESIDE)):
            is_own = not places or places[number] == row.side
            found.setdefault((row.source if is_own else REAL, cell), image)
    return found


def gate_figure(gate: pd.DataFrame, note: str = "") -> Figure:
    """AUC of a classifier that sees only encoder-level facts, with 95 % intervals; takes ``display.encoder_gate``."""
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
    text = "95 % bootstrap intervals over images, 5-fold cross-validated random forest;"
    return add_note(figure, f"{text} n = {gate.n.iloc[0]:.0f} images.", note)
