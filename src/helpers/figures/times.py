"""Figure of reading times: distribution by source, and change over the session by reader."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator

from helpers.figures.style import TASK_TITLES, add_note, source_colours, source_title
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.readings import source_order

_RATIOS = (0.05, 0.1, 0.25, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 4, 10, 20)


def times(seconds: pd.DataFrame, means: pd.DataFrame, positions: pd.DataFrame, note: str = "") -> Figure:
    """Left: every time (dots) with the geometric mean and both intervals, by source. Right: means over the session.

    ``seconds``: source, seconds. ``means``: source, conclusion, seconds, low, high. ``positions``: reader, position,
    seconds (``stats.times.by_position``).
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), sharey=True, width_ratios=(1, 1.2))
    sources, colours = source_order(seconds["source"]), source_colours(seconds["source"])
    sns.stripplot(seconds, x="source", y="seconds", order=sources, hue="source", palette=colours, size=2.5,
                  alpha=0.35, jitter=0.28, legend=False, ax=left, zorder=1)  # fmt: skip
    for place, source in enumerate(sources):
        for conclusion, width, at in ((THESE, 5, place - 0.06), (LIKE, 1.4, place + 0.06)):
            row = means[(means["source"] == source) & (means["conclusion"] == conclusion)].iloc[0]
            left.plot([at, at], [row["low"], row["high"]], color="#222222", linewidth=width, marker="_",
                      markersize=0 if width > 2 else 7, alpha=0.6 if width > 2 else 1, zorder=3)  # fmt: skip
        left.plot(place - 0.06, row["seconds"], "o", color="white", markeredgecolor="black", markersize=6, zorder=4)
    left.set_xticks(range(len(sources)), [source_title(s) for s in sources])
    left.set(xlabel="", ylabel="Active time per reading (s)", yscale="log")
    left.yaxis.set_major_formatter("{x:g}")
    left.yaxis.set_minor_formatter(_only_1_2_5)
    thick = Line2D([], [], color="#222222", linewidth=5, alpha=0.6)
    thin = Line2D([], [], color="#222222", linewidth=1.4)
    figure.legend([thick, thin], [f"mean, {THESE}", f"mean, {LIKE}"], frameon=False, fontsize=8, ncols=2,
                  loc="outside upper left")  # fmt: skip
    sns.lineplot(positions, x="position", y="seconds", hue="reader", style="reader", markers=True, dashes=False,
                 palette="viridis" if positions["reader"].nunique() > 1 else None, ax=right)  # fmt: skip
    right.set(xlabel="Position in the session (trial)", ylabel="")
    if positions["reader"].nunique() <= 10:
        right.legend(frameon=False, fontsize=8, title=None)
    else:
        right.get_legend().remove()
    return add_note(figure, note)


def _only_1_2_5(value: float, position: int | None = None) -> str:
    """Minor ticks of a logarithmic axis: 2, 5, 20, 50 ... are labelled, the others are not."""
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""


def speed_accuracy(ratios: pd.DataFrame, parts: pd.DataFrame, note: str = "") -> Figure:
    """Left: how much longer wrong and undetermined answers took than right ones. Right: accuracy from fast to slow.

    ``ratios``: ``stats.times.speed_accuracy`` by source, with column task (one row of panels each). ``parts``:
    ``stats.times.accuracy_by_speed``, likewise. Thick lines are intervals for these readers, thin ones for readers like
    these; the right panels are for these readers.
    """
    tasks, colours = list(dict.fromkeys(parts["task"])), source_colours(parts["source"])
    figure, axes = plt.subplots(
        len(tasks), 2, figsize=(10, 3.4 * len(tasks)), sharex="col", width_ratios=(1, 1.2), squeeze=False
    )
    for (left, right), task in zip(axes, tasks, strict=True):
        _draw_ratios(left, ratios[ratios["task"] == task], colours)
        _draw_parts(right, parts[(parts["task"] == task) & (parts["conclusion"] == THESE)], colours)
        for axis in (left, right):
            axis.set_title(TASK_TITLES[task], fontsize=10)
    axes[-1][0].set_xlabel("Time relative to right answers")
    axes[-1][1].set_xlabel("Active time of each reader's fastest to slowest part (s)")
    return add_note(figure, note)


def _draw_ratios(axis, ratios: pd.DataFrame, colours: dict) -> None:
    labels = [(answer, s) for answer in ("wrong", "undetermined") for s in source_order(ratios["source"])][::-1]
    for place, (answer, source) in enumerate(labels):
        own = ratios[(ratios["answer"] == answer) & (ratios["source"] == source)].set_index("conclusion")
        for conclusion, width, shift in ((THESE, 4.0, 0.08), (LIKE, 1.2, -0.08)):
            low, high = own.loc[conclusion, ["low", "high"]].astype("float64")
            axis.plot([low, high], [place + shift] * 2, color=colours[source], linewidth=width,
                      alpha=0.5 if width > 2 else 1, marker="|" if width < 2 else None)  # fmt: skip
        axis.plot(own["ratio"].iloc[0], place + 0.08, "o", color=colours[source])
    axis.axvline(1, color="#888888", linewidth=1, linestyle="--", zorder=0)
    axis.set_yticks(range(len(labels)), [f"{answer.capitalize()}, {source_title(source)}" for answer, source in labels])
    axis.set(xscale="log", ylim=(-0.6, len(labels) - 0.4))
    axis.xaxis.set_major_locator(FixedLocator(_RATIOS))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.tick_params(axis="x", labelsize=8)


def _draw_parts(axis, parts: pd.DataFrame, colours: dict) -> None:
    for source in source_order(parts["source"]):
        own = parts[parts["source"] == source].sort_values("part")
        axis.vlines(own["seconds"], own["low"], own["high"], color=colours[source], linewidth=2, alpha=0.5)
        axis.plot(own["seconds"], own["value"], "o-", color=colours[source], label=source_title(source))
    axis.axhline(0.5, color="#888888", linewidth=1, linestyle="--", zorder=0)
    axis.set(ylabel="Proportion right", xscale="log", ylim=(-0.02, 1.02))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(_only_1_2_5)
    axis.legend(frameon=False, fontsize=8, loc="lower right")
