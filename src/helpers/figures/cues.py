"""Figure of the cues: which one was named, by source, for right and for wrong calls."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import CUE_TITLES, add_note, source_colours, source_title
from helpers.stats.readings import source_order

_CALL_TITLES = {"right": "Call was right", "wrong": "Call was wrong", "either": "All decided calls"}


def cue_dots(table: pd.DataFrame, conclusion: str, note: str = "") -> Figure:
    """Shares of ``cues.cue_shares`` by source with intervals; one panel for each call (right, wrong).

    ``conclusion`` chooses whose intervals are drawn: "these readers" or "readers like these".
    """
    table = table[table["conclusion"] == conclusion]
    calls = [call for call in ("right", "wrong", "either") if call in set(table["call"])]
    sources = source_order(table["source"])
    cues = [cue for cue in CUE_TITLES if cue in set(table["cue"])]
    figure, axes = plt.subplots(1, len(calls), figsize=(4.4 * len(calls) + 1.0, 3.4), sharey=True, squeeze=False)
    colours = source_colours(sources)
    offsets = np.linspace(0.18, -0.18, len(sources)) if len(sources) > 1 else [0.0]
    for panel, call in zip(axes[0], calls, strict=True):
        for offset, source in zip(offsets, sources, strict=True):
            line = table[(table["call"] == call) & (table["source"] == source)].set_index("cue").reindex(cues)
            heights = np.arange(len(cues))[::-1] + offset
            panel.hlines(heights, 100 * line["low"], 100 * line["high"], color=colours[source], linewidth=2, alpha=0.6)
            panel.plot(100 * line["value"], heights, "o", color=colours[source], label=source_title(source))
        answers = table[table["call"] == call].groupby("source")["readings"].max()
        counts = ", ".join(f"{source_title(source)} {answers.get(source, 0)}" for source in sources)
        panel.set_title(f"{_CALL_TITLES[call]}\n(answers: {counts})", fontsize=10)
        panel.set(xlabel="Share of decided answers (%)", xlim=(-2, 102))
        panel.grid(axis="x", color="#EEEEEE")
    axes[0][0].set_yticks(np.arange(len(cues))[::-1], [CUE_TITLES[cue] for cue in cues])
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    return add_note(figure, note)
