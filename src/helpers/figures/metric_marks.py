"""What figures of image metrics share: a value with its interval, the band of real against real, the legend."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.style import source_title
from helpers.tables import REAL

BASELINE = "Real against real"
QUIET = "#777777"


def title_of(source: str, baseline: str = BASELINE) -> str:
    """How a source is labelled where real images are the reference."""
    return baseline if source == REAL else source_title(source)


def spread(place: float, count: int) -> np.ndarray:
    """Positions of ``count`` marks around a tick."""
    return place + (np.arange(count) - (count - 1) / 2) * min(0.2, 0.7 / count)


def band(axes, rows: pd.DataFrame) -> None:
    """The interval of real against real, behind everything; ``rows`` are indexed by source."""
    if REAL in rows.index and np.isfinite(rows.loc[REAL, "low"]):
        axes.axvspan(rows.loc[REAL, "low"], rows.loc[REAL, "high"], color="#E4E4E4", linewidth=0, zorder=-1)


def point(axes, row: pd.Series, place: float, colour: str, horizontal: bool, size: float = 6) -> None:
    """A value with its interval; a horizontal figure gives the reason if there is no value."""
    if not np.isfinite(row["value"]):
        if horizontal:
            axes.text(0.02, place, row["method"], transform=axes.get_yaxis_transform(), va="center", fontsize=7,
                      color=QUIET)  # fmt: skip
        return
    ends = [row["low"], row["high"]]
    across, along = ([place, place], ends) if not horizontal else (ends, [place, place])
    axes.plot(across, along, color=colour, linewidth=1.6, solid_capstyle="butt")
    where = (row["value"], place) if horizontal else (place, row["value"])
    axes.plot(*where, "o", color=colour, markersize=size)


def legend(figure: Figure, sources: list[str], colours: dict[str, str], baseline: str = BASELINE) -> None:
    """Sources by colour, above the figure."""
    handles = [Line2D([], [], color=colours[source], marker="o", linewidth=1.6) for source in sources]
    titles = [title_of(source, baseline) for source in sources]
    figure.legend(handles, titles, loc="outside upper center", ncols=len(sources), frameon=False)
