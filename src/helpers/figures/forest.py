"""Forest plot: one line for each estimate, with the intervals of both conclusions and their numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from helpers.figures.readable import WORDS
from helpers.figures.style import add_note, source_colours
from helpers.stats.crossed import LIKE, THESE

_WORDS = WORDS | {
    "side": lambda value: f"Synthetic image on the {value}",
    "undetermined": lambda value: {"half": "Half credit", "excluded": "Left out", "wrong": "Counted wrong"}[value],
}


def row_title(row: pd.Series, labels: list[str]) -> str:
    """Label of a row in words: sources, findings, cells ("Atelectasis present, GAN"), readers, rules."""
    words = [_WORDS.get(name, str)(row[name]) for name in labels]
    if labels == ["first", "second"]:
        return " minus ".join(words)
    return ", ".join(words).replace(", present", " present").replace(", absent", " absent")


def forest(
    table: pd.DataFrame,
    labels: list[str],
    axis: str,
    value: str = "value",
    null: float | None = 0.5,
    limits: tuple[float, float] | None = (0.0, 1.0),
    null_title: str = "chance",
    note: str = "",
    log: bool = False,
    margins: tuple[float, float] | None = None,
) -> Figure:
    """Forest plot of a tidy table with columns ``labels``, conclusion, ``value``, low, high (as from ``stats``).

    Thick lines are intervals for these readers, thin ones with caps for readers like these; those that cannot
    be estimated are left out and shown as a dash. Colours follow column "source" if there is one. ``log``: logarithmic
    axis. ``margins``: the equivalence band is drawn between them.
    """
    rows = table.drop_duplicates(labels)
    colours = source_colours(table["source"]) if "source" in table else {}
    titles = [row_title(row, labels) for _, row in rows.iterrows()]
    width = 8.0 + 0.075 * max(map(len, titles))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(width, 1.1 + 0.34 * len(rows)), sharey=True, width_ratios=(1, 0.75)
    )
    heights = np.arange(len(rows))[::-1]
    both = (table["conclusion"] == LIKE).any()
    for height, (_, row) in zip(heights, rows.iterrows(), strict=True):
        own = table[(table[labels] == row[labels]).all(axis=1)].set_index("conclusion")
        _draw_row(left, right, height, own, value, colours.get(row.get("source"), "#333333"), both)
    if log:
        left.set_xscale("log")
        left.xaxis.set_major_formatter("{x:g}")
        left.xaxis.set_minor_formatter("{x:g}")
        left.tick_params(axis="x", which="minor", labelsize=8)
    if limits is not None:
        left.set_xlim(*limits)
    elif not log:
        left.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        left.margins(x=0.08)
    if null is not None:
        _mark_null(left, null, null_title)
    if margins is not None:
        left.axvspan(*margins, color="#DCE9DC", linewidth=0, zorder=-2)
    left.set(xlabel=axis, ylim=(-0.6, len(rows) - 0.4))
    left.set_yticks(heights, titles)
    _shade_groups([left, right], heights, rows, labels[:-1])
    left.tick_params(axis="y", length=0)
    _header(right, both)
    return add_note(figure, note)


def _mark_null(panel, null: float, title: str) -> None:
    """Dashed line with its name above; the name stays clear of the legend if the line is far to the right."""
    panel.axvline(null, color="#888888", linewidth=1, linestyle="--", zorder=0)
    low, high = panel.get_xlim()
    aligned = "right" if null > low + 0.8 * (high - low) else "center"
    panel.annotate(title, (null, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3),
                   textcoords="offset points", ha=aligned, fontsize=8, color="#666666")  # fmt: skip


def _shade_groups(panels, heights, rows: pd.DataFrame, names: list[str]) -> None:
    """Band behind every second group of rows that share all labels but the last."""
    if not names:
        return
    group = (rows[names] != rows[names].shift()).any(axis=1).cumsum().to_numpy()
    for height in heights[group % 2 == 0]:
        for panel in panels:
            panel.axhspan(height - 0.5, height + 0.5, color="#F3F3F3", linewidth=0, zorder=-1)


def _draw_row(left, right, height: float, own: pd.DataFrame, value: str, colour: str, both: bool) -> None:
    """One estimate: lines on the left, numbers on the right."""
    estimate = own[value].iloc[0]
    for conclusion, width, shift, cap in ((THESE, 4.0, 0.0, 0), (LIKE, 1.2, -0.16 if both else 0.0, 3)):
        if conclusion in own.index and np.isfinite(own.loc[conclusion, "low"]):
            low, high = own.loc[conclusion, ["low", "high"]].astype(float)
            at = height + shift + (0.1 if both else 0.0)
            left.plot([low, high], [at, at], color=colour, linewidth=width, alpha=0.45 if cap == 0 else 1,
                      marker="|" if cap else None, markersize=2 * cap, solid_capstyle="butt")  # fmt: skip
    left.plot(estimate, height + (0.1 if both else 0.0), "o", color=colour, markersize=6, clip_on=False)
    for conclusion, x in ((THESE, 0.0), (LIKE, 0.61)):
        if conclusion in own.index:
            low, high = own.loc[conclusion, ["low", "high"]].astype(float)
            text = f"{low:z.2f} to {high:z.2f}" if np.isfinite(low) else "–"
            text = f"{estimate:z.2f}   ({text})" if conclusion == THESE and np.isfinite(estimate) else text
            right.text(
                x,
                height,
                text.replace("-", "\N{MINUS SIGN}"),
                va="center",
                fontsize=9,
                transform=right.get_yaxis_transform(),
            )


def _header(right, both: bool) -> None:
    """Legend above the numbers: which interval is which."""
    thick = Line2D([], [], color="#333333", linewidth=4, alpha=0.45)
    thin = Line2D([], [], color="#333333", linewidth=1.2, marker="|", markersize=6)
    for spine in right.spines.values():
        spine.set_visible(False)
    right.tick_params(left=False, bottom=False, labelbottom=False)
    right.set_xlim(0, 1)
    for x, handle, label in ((0.0, thick, THESE), (0.61, thin, LIKE))[: 2 if both else 1]:
        legend = Legend(right, [handle], [label], loc="lower left", bbox_to_anchor=(x - 0.02, 1.0), frameon=False,
                        fontsize=8, borderpad=0, handlelength=1.4, borderaxespad=0.2)  # fmt: skip
        right.add_artist(legend)
        legend.set_clip_on(False)  # anything marked as clipped is cut off when a figure is trimmed
