"""How far unread trials could change an answer: the estimate against the shift assumed for them."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.readable import WORDS
from helpers.figures.style import add_note
from helpers.stats.crossed import LIKE, THESE


def shift_curves(table: pd.DataFrame, note: str = "") -> Figure:
    """One panel for each comparison of ``missing_readings.shifted``: estimate and both intervals against delta.

    A dotted line marks where a conclusion changes: the smallest shift in either direction, for readers like these.
    """
    compared = list(dict.fromkeys(table["compared"]))
    figure, panels = plt.subplots(
        1, len(compared), figsize=(3.4 * len(compared), 3.2), squeeze=False, sharex=True, layout="constrained"
    )
    for panel, name in zip(panels[0], compared, strict=True):
        own = table[table["compared"] == name]
        is_difference = " minus " in name
        for conclusion, shade in ((LIKE, "#D5DDE5"), (THESE, "#A9B9C9")):
            side = own[own["conclusion"] == conclusion]
            panel.fill_between(side["delta"], side["low"], side["high"], color=shade, linewidth=0, label=conclusion)
        panel.plot(side["delta"], side["value"], color="#333333")
        panel.axhline(0.0 if is_difference else 0.5, color="#888888", linewidth=1, linestyle="--")
        turned = own.loc[own["turned"] & (own["conclusion"] == LIKE), "delta"]
        for at in (turned[turned < 0].max(), turned[turned > 0].min()):
            if pd.notna(at):
                panel.axvline(at, color="#D55E00", linewidth=1, linestyle=":")
        ylabel = "Difference" if is_difference else "Proportion of right answers"
        panel.set(title=WORDS["compared"](name), xlabel="Shift of unread trials", ylabel=ylabel)
    panels[0, 0].legend(frameon=False, fontsize=8)
    return add_note(figure, note)
