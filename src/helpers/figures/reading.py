"""Figure of a study in progress: how far each reader has got, how they answer, and how long they take."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note
from helpers.reading.strings import texts
from helpers.tasks import TASKS, Task

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)  # seconds
RATING_COLOURS = ("#4D4D4D", "#A6A6A6", "#EDEDED", "#9ECAE1", "#2171B5")  # one end to the other; lightness differs too


def owners_view(progress: pd.DataFrame, answers: pd.DataFrame, note: str = "") -> Figure:
    """Left: answered trials per reader; then, per task, the share of each answer; right: active time per answer.

    ``progress``: reader, answered, total, state. ``answers``: reader, task, rating, active_seconds; never the truth.
    """
    tasks = [task for name, task in TASKS.items() if name in set(answers.task)]
    readers = list(progress.reader)
    figure, axes = plt.subplots(1, 2 + len(tasks), figsize=(3.6 + 3.4 * (1 + len(tasks)), 0.55 * len(readers) + 2.2))
    _draw_progress(axes[0], progress)
    for axis, task in zip(axes[1:-1], tasks, strict=True):
        _draw_answers(axis, answers[answers.task == task.name], readers, task)
    _draw_times(axes[-1], answers, readers)
    for axis in axes:
        axis.set_ylim(len(readers) - 0.4, -0.6)
        axis.set_yticks(range(len(readers)), readers if axis is axes[0] else [])
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", length=0)
    return add_note(figure, note)


def _draw_progress(axis, progress: pd.DataFrame) -> None:
    axis.barh(range(len(progress)), progress.total, height=0.5, color="#E6E6E6")
    axis.barh(range(len(progress)), progress.answered, height=0.5, color="#4D4D4D")
    for place, row in enumerate(progress.itertuples()):
        label = f"{row.answered} of {row.total}, {row.state}"
        axis.text(0, place - 0.33, label, fontsize=8, va="bottom", color="#444444")
    axis.set(title="Progress", xlabel="Trials, practice and repeats included")


def _draw_answers(axis, answers: pd.DataFrame, readers: list[str], task: Task) -> None:
    ratings, labels = sorted(task.means), texts("en")["tasks"][task.words]["scale"]
    counts = answers.groupby(["reader", "rating"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=readers, columns=ratings, fill_value=0)
    shares = counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0).fillna(0.0) * 100
    start = np.zeros(len(readers))
    steps = np.linspace(0, len(RATING_COLOURS) - 1, len(ratings)).round().astype(int)
    for rating, step, label in zip(ratings, steps, labels[: len(ratings)], strict=True):
        bars = {"color": RATING_COLOURS[step], "label": label}
        axis.barh(range(len(readers)), shares[rating], left=start, height=0.5, **bars)
        start += shares[rating].to_numpy()
    for place, count in enumerate(counts.sum(axis=1)):
        axis.text(0, place - 0.33, f"n = {count}" if count else "none yet", fontsize=8, va="bottom", color="#444444")
    axis.set(title=task.title, xlabel="Share of answers (%)", xlim=(0, 100))
    axis.legend(fontsize=7, ncols=2, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.24), handlelength=1.2)


def _draw_times(axis, answers: pd.DataFrame, readers: list[str]) -> None:
    for place, reader in enumerate(readers):
        seconds = answers.active_seconds[answers.reader == reader]
        if len(seconds):
            low, middle, high = seconds.quantile([0.25, 0.5, 0.75])
            axis.plot(seconds, np.full(len(seconds), place), "|", color="#BBBBBB", markersize=9)
            axis.plot([low, high], [place, place], color="#222222", linewidth=4, solid_capstyle="butt")
            axis.plot(middle, place, "o", color="white", markeredgecolor="black", markersize=7)
    axis.set(title="Time per answer", xlabel="Active time (s)", xscale="log")
    axis.set_xticks([tick for tick in TICKS if axis.get_xlim()[0] <= tick <= axis.get_xlim()[1]])
    axis.xaxis.set_major_formatter("{x:g}")
    axis.minorticks_off()
