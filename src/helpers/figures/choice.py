"""Figure of the choice task: how strong the evidence is that gives away the synthetic image of each source."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import TASK_TITLES, add_note, source_colours, source_title
from helpers.stats.crossed import LIKE, THESE

LINES = {THESE: {"lw": 4, "alpha": 0.45, "shift": 0.0}, LIKE: {"lw": 1.2, "alpha": 1.0, "shift": 0.18}}


def sensitivities(table: pd.DataFrame, note: str = "") -> Figure:
    """d' by task and source with the intervals of both conclusions; takes task, source, conclusion, value, low, high.

    Thick lines: these readers. Thin lines: readers like these. An arrow: no limit on that side.
    """
    rows = table[["task", "source"]].drop_duplicates().reset_index(drop=True)
    colours = source_colours(table["source"])
    numbers = table[["value", "low", "high"]].to_numpy(float)
    numbers = np.append(numbers[np.isfinite(numbers)], [0.0, 1.0])
    margin = 0.1 * np.ptp(numbers)
    low, high = numbers.min() - margin, numbers.max() + margin
    figure, axes = plt.subplots(figsize=(7.5, 1.2 + 0.5 * len(rows)))
    for place, (task, source) in enumerate(rows.itertuples(index=False)):
        own = table[(table["task"] == task) & (table["source"] == source)].set_index("conclusion")
        for conclusion, line in LINES.items():
            if conclusion in own.index:
                _draw_interval(axes, own.loc[conclusion], place + line["shift"], (low, high), colours[source], line)
        value = own["value"].iloc[0]
        if np.isfinite(value):
            axes.plot(value, place, "o", color=colours[source], ms=6)
            axes.annotate(f"{value:.2f}", (value, place), xytext=(0, 7), textcoords="offset points", ha="center")
    axes.axvline(0, color="#888888", lw=1, ls="--", zorder=0)
    titles = [f"{source_title(source)}, {TASK_TITLES[task]}" for task, source in rows.itertuples(index=False)]
    axes.set_yticks(range(len(rows)), titles)
    axes.set(xlabel="Sensitivity d' (0: guessing)", xlim=(low, high), ylim=(len(rows) - 0.4, -0.6))
    text = "Thick: these readers. Thin: readers like these. Lines: 95 % intervals; an arrow marks an open end."
    return add_note(figure, text, note)


def _draw_interval(axes, row: pd.Series, place: float, limits: tuple, colour: str, line: dict) -> None:
    """A line from low to high, with an arrow if an end is at infinity; nothing if it cannot be estimated."""
    ends = np.array([row["low"], row["high"]], dtype=float)
    if np.isnan(ends).any():
        return
    shown = np.clip(ends, *limits)
    style = {"color": colour, "alpha": line["alpha"]}
    axes.plot(shown, [place, place], lw=line["lw"], solid_capstyle="butt", **style)
    for end, at, marker in zip(ends, shown, "<>", strict=True):
        if np.isinf(end):
            axes.plot(at, place, marker, clip_on=False, ms=6, **style)
