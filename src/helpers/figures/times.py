"""Figure of reading times: distribution by source, and change over the session by reader."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.style import add_note, source_colours, source_title
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.readings import source_order


def times(seconds: pd.DataFrame, means: pd.DataFrame, positions: pd.DataFrame, note: str = "") -> Figure:
    """Left: every time (dots) with the geometric mean and both intervals, by source. Right: means along the session.

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
    """Minor ticks of a logarithmic axis: 2, 5, 20, 50 ... are named, the others are not."""
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""
