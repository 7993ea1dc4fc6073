"""ROC curves: thin lines for readers, a thick one for their mean, and their operating points."""

import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.style import add_note, finding_title, panels_of, source_colours, source_title
from helpers.stats.mrmc.roc import MEAN, RATES
from helpers.stats.readings import grouped, source_order


def roc_curves(points: pd.DataFrame, calls: pd.DataFrame, areas: pd.DataFrame, note: str = "") -> Figure:
    """Curves of every reader and their mean: a panel per finding, or per source if there is no column "finding".

    ``points``: ``mrmc.roc_points``; ``calls``: ``mrmc.reader_calls``, drawn as small points and a large one for the
    mean; ``areas``: ``mrmc.auc``, named in the legend. All three are by the same columns, source and possibly finding.
    """
    by = "finding" if "finding" in points else "source"
    panels = [(key[0], group) for key, group in grouped(points, [by])]
    figure, axes = panels_of(len(panels), (3.2, 3.7))
    colours = source_colours(points["source"])
    for panel, (name, group) in zip(axes, panels, strict=True):
        panel.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="--", zorder=0)
        for source in source_order(group["source"]):
            own = [table[(table[by] == name) & (table["source"] == source)] for table in (points, calls, areas)]
            _draw(panel, *own, colours[source], source_title(source))
        title = finding_title(name) if by == "finding" else source_title(name)
        panel.set(title=title, xlabel="False positive rate", aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        panel.legend(title="Area", loc="lower right", fontsize=8, title_fontsize=8, frameon=False)
    axes[0].set_ylabel("True positive rate")
    return add_note(figure, note)


def _draw(panel, points: pd.DataFrame, calls: pd.DataFrame, areas: pd.DataFrame, colour: str, title: str) -> None:
    for reader, line in points.groupby("reader", sort=False):
        if reader != MEAN:
            panel.plot(*(line[rate] for rate in RATES), color=colour, linewidth=0.8, alpha=0.4)
    mean = points[points["reader"] == MEAN]
    label = f"{title} {areas['value'].iloc[0]:.2f}" if len(areas) else title
    panel.plot(*(mean[rate] for rate in RATES), color=colour, linewidth=2.2, label=label)
    for own, size, edge in (
        (calls[calls["reader"] != MEAN], 14, "none"),
        (calls[calls["reader"] == MEAN], 60, "white"),
    ):
        panel.scatter(*(own[rate] for rate in RATES), s=size, color=colour, edgecolors=edge, zorder=3)
