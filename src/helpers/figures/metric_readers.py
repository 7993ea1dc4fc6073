"""Figure of image metrics beside readers: does a metric see what readers see?"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.metric_marks import point
from helpers.figures.style import TASK_TITLES, add_note, source_colours, source_title
from helpers.stats.metric_relation import ALL, READER
from helpers.stats.readings import source_order

SCORE_TITLES = {
    READER: "Another reader",
    "distance": "Distance to real images",
    "density": "Few real images around it",
    "discriminator": "Discriminator",
    "probability": "Finding classifier",
}


def metric_readers(relation: pd.DataFrame, note: str) -> Figure:
    """Rank correlation of each score with what readers say: a panel per task, a line per score, a mark per source.

    Takes ``metric_relation.relation`` with a column task. The band is for another reader, all sources together.
    """
    tasks = list(dict.fromkeys(relation["task"]))
    sources = source_order(set(relation["source"]) - {ALL})
    colours = source_colours(sources) | {ALL: "#7F7F7F"}
    lines = {
        task: [n for n in SCORE_TITLES if n in set(relation.loc[relation["task"] == task, "score"])] for task in tasks
    }
    height = 1.1 + 0.22 * (len(sources) + 1) * max(map(len, lines.values()))
    figure, panels = plt.subplots(1, len(tasks), figsize=(2.5 + 4.6 * len(tasks), height), squeeze=False)
    for axes, task in zip(panels[0], tasks, strict=True):
        part = relation[relation["task"] == task].set_index(["score", "source"])
        if (READER, ALL) in part.index and np.isfinite(part.loc[(READER, ALL), "low"]):
            axes.axvspan(part.loc[(READER, ALL), "low"], part.loc[(READER, ALL), "high"], color="#E4E4E4", zorder=-1)
        shown = [ALL, *sources]
        for place, score in enumerate(lines[task]):
            offsets = (np.arange(len(shown)) - (len(shown) - 1) / 2) * 0.7 / len(shown)
            for offset, source in zip(offsets, shown, strict=True):
                if (score, source) in part.index and np.isfinite(part.loc[(score, source), "value"]):
                    point(axes, part.loc[(score, source)], place + offset, colours[source], horizontal=True, size=5)
        axes.axvline(0, color="#888888", linewidth=1, zorder=0)
        axes.set_yticks(range(len(lines[task])), [SCORE_TITLES[name] for name in lines[task]])
        axes.set_ylim(len(lines[task]) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        cases = int(part.loc[(slice(None), ALL), "cases"].max())
        axes.set_title(f"{TASK_TITLES[task]}: {cases} cases", fontsize=10)
        axes.set_xlabel("rank correlation with readers")
    handles = [Line2D([], [], color=colours[source], marker="o", linewidth=1.6) for source in (ALL, *sources)]
    titles = ["All sources", *map(source_title, sources)]
    figure.legend(handles, titles, loc="outside upper center", ncols=len(titles), frameon=False)
    return add_note(figure, "Band: another reader, all sources. 95 % intervals for these readers.", note)
