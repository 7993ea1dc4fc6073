"""Figure of utility: what training with synthetic images gains on real ones, compared with as many more real ones."""

import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.metric_marks import legend, point, spread
from helpers.figures.style import add_note, finding_title, panels_of, source_colours, wrapped
from helpers.image_metrics.utility import ALL, ALONE, GAIN, PRETRAINED
from helpers.tables import REAL


def utility_figure(table: pd.DataFrame, note: str) -> Figure:
    """Gain in AUROC on held-out real images over training on real images alone: all findings, then each.

    Takes ``utility_table``; black is the gain from as many other real images.
    """
    gains = table[table["metric"] == GAIN]
    sources = list(gains["source"].unique())
    findings = [ALL, *[name for name in gains["finding"].unique() if name != ALL]]
    ways = [ALONE, *[way for way in gains["way"].unique() if way not in (ALONE, PRETRAINED)], PRETRAINED]
    colours = source_colours(sources)
    figure, panels = panels_of(len(findings), (2.5, 3.6))
    for axes, finding in zip(panels, findings, strict=True):
        for place, way in enumerate(ways):
            rows = gains[(gains["finding"] == finding) & (gains["way"] == way)].set_index("source")
            for position, source in zip(spread(place, len(sources)), sources, strict=True):
                if source in rows.index:
                    point(axes, rows.loc[source], position, colours[source], horizontal=False, size=5)
        axes.axhline(0, color="#888888", linewidth=1, zorder=0)
        title = "Mean of the findings" if finding == ALL else finding_title(finding)
        axes.set_title(wrapped(title, 20), fontsize=10, weight="bold" if finding == ALL else None)
        axes.set_xticks(range(len(ways)), [_way(way) for way in ways], fontsize=8, rotation=35, ha="right",
                        rotation_mode="anchor")  # fmt: skip
        axes.set_xlim(-0.5, len(ways) - 0.5)
    panels[0].set_ylabel("gain in AUROC over\nreal images alone")
    legend(figure, sources, colours, baseline="More real images")
    return add_note(figure, note)


def _way(way: str) -> str:
    words = {ALONE: "instead of real", PRETRAINED: "before real"}
    return words.get(way, way.replace("added ", "real + ") + " ×")


def reference_text(table: pd.DataFrame) -> str:
    """The AUROC of real images alone, mean over findings, as a sentence."""
    alone = table["finding"].eq(ALL) & table["source"].eq(REAL) & table["way"].eq(ALONE)
    row = table[alone].iloc[0]
    return f"Real images alone: AUROC {row['value']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
