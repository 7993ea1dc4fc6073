"""Coverage as figure and table: how often intervals contain the truth, and how often tests find what is not there."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.style import add_note
from helpers.stats.coverage import ALIKE, COVERAGE, DIFFERENT, TYPE_ONE
from helpers.stats.coverage_published import OWN, POOLED
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mover import MOVER

_TITLES = {THESE: "For these readers", LIKE: "For readers like these"}
_MEASURES = {"accuracy": "Accuracy", "auc": "AUC", "icc": "ICC"}
_METHODS = {
    MOVER: ",\nMOVER",
    OWN: ",\nObuchowski-Rockette,\ntwo sources",
    POOLED: ",\nObuchowski-Rockette,\nthree sources",
}
_MARKERS = {ALIKE: "o", DIFFERENT: "s"}
# What is shown, its nominal value and the range around it that counts as good, in percent; axis limits.
_PANELS = {
    COVERAGE: ("Intervals that contain the true value (%)", 95.0, (93.0, 97.0), (88.0, 100.0)),
    TYPE_ONE: ("Differences found where there is none (%)", 5.0, (3.5, 6.5), (0.0, 12.0)),
}


def coverage(table: pd.DataFrame, note: str = "") -> Figure:
    """Coverage on top, type I error below; one column for each conclusion, one row for each question.

    ``table``: lines of ``stats.coverage`` and ``stats.coverage_published``. Bars are 95 % Monte Carlo intervals; each
    setting is a point, its colour the size of the study, its shape whether readers differ. Bands mark 93 to 97 % and
    3.5 to 6.5 %.
    """
    table = table.assign(question=_question)
    heights = [table.loc[table["what"] == what, "question"].nunique() + 0.6 for what in _PANELS]
    grid = {"sharex": "row", "sharey": "row", "height_ratios": heights}
    figure, panels = plt.subplots(2, 2, figsize=(10, 1.2 + 0.72 * sum(heights)), **grid)
    sizes = list(dict.fromkeys(zip(table["readers"], table["cases"], strict=True)))
    colours = [plt.get_cmap("viridis")(0.85 * place / max(len(sizes) - 1, 1)) for place in range(len(sizes))]
    for row, what in zip(panels, _PANELS, strict=True):
        own = table[table["what"] == what]
        questions = list(dict.fromkeys(own["question"]))
        for panel, conclusion in zip(row, (THESE, LIKE), strict=True):
            shown = own[own["conclusion"] == conclusion]
            for place, question in enumerate(questions):
                _points(panel, shown[shown["question"] == question], -place, sizes, colours)
            _dress(panel, what, questions)
    for panel, conclusion in zip(panels[0], (THESE, LIKE), strict=True):
        panel.set_title(_TITLES[conclusion])
    handles = [Line2D([], [], color=c, marker="o", linestyle="", label=f"{r} readers x {n} cases")
               for c, (r, n) in zip(colours, sizes, strict=True)]  # fmt: skip
    handles += [Line2D([], [], color="#555555", marker=m, linestyle="", label=f"{s[0].upper()}{s[1:]}")
                for s, m in _MARKERS.items()]  # fmt: skip
    figure.legend(handles=handles, frameon=False, fontsize=8, loc="outside right upper")
    return add_note(figure, note)


def coverage_table(table: pd.DataFrame) -> pd.DataFrame:
    """Shares in percent as text: rows what, question and true value; columns conclusion, spread of readers, size."""
    shown = pd.DataFrame(
        {
            "What": table["what"],
            "Question": _question(table).str.replace("\n", " "),
            "True value": table["value"],
            "Conclusion": table["conclusion"],
            "Readers": table["spread"],
            "Readers x cases": table["readers"].astype(str) + " x " + table["cases"].astype(str),
            "share": (100 * table["share"]).map("{:.1f} %".format),
        }
    )
    rows, columns = ["What", "Question", "True value"], ["Conclusion", "Readers", "Readers x cases"]
    return shown.pivot_table("share", rows, columns, aggfunc="first", sort=False).fillna("–").sort_index()


def _question(table: pd.DataFrame) -> pd.Series:
    """Measure, whether it is for one source or a difference, and the method if there are several."""
    kind = table["difference"].map(lambda value: "" if np.isnan(value) else " difference")
    return table["measure"].map(_MEASURES) + kind + table["interval"].map(_METHODS).fillna("")


def _points(panel, table: pd.DataFrame, height: float, sizes: list[tuple[int, int]], colours: list) -> None:
    """The settings of one question, side by side around ``height`` in the order of the table's settings."""
    ordered = table.sort_values(["spread", "readers", "cases", "value"])
    offsets = np.linspace(0.36, -0.36, len(ordered)) if len(ordered) > 1 else np.zeros(len(ordered))
    for offset, line in zip(offsets, ordered.to_dict("records"), strict=True):
        colour = colours[sizes.index((line["readers"], line["cases"]))]
        panel.plot([100 * line["low"], 100 * line["high"]], [height + offset] * 2, color=colour, linewidth=1.2)
        panel.plot(100 * line["share"], height + offset, _MARKERS[line["spread"]], color=colour, markersize=4)


def _dress(panel, what: str, questions: list[str]) -> None:
    label, promise, good, limits = _PANELS[what]
    panel.axvspan(*good, color="#dddddd", zorder=0, linewidth=0)
    panel.axvline(promise, color="#888888", linestyle="--", linewidth=1, zorder=0)
    panel.set(xlabel=label, xlim=limits, ylim=(0.4 - len(questions), 0.6))
    panel.set_yticks([-place for place in range(len(questions))], questions)
