"""The study's main figures, in which each mark leads to the answers behind it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.material import Material
from helpers.explore.selection import FIRST, in_words, rating_words
from helpers.figures.conditionality import rating_table
from helpers.stats import cues, mrmc, proportions
from helpers.stats.mrmc.roc import MEAN
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY
from helpers.tasks import TASKS

RIGHT, SHARE = "Proportion of right answers", "Share of decided answers"
TRUTH_HIDDEN = "Figures tell which answers are right, so they are not drawn while people still read."


@dataclass(frozen=True)
class Made:
    """A figure, or the reason why it was not drawn."""

    title: str
    drawing: Drawing
    note: str


def figures_of(material: Material, places: Sequence[int] | None = None) -> Iterator[Made]:
    """The figures of a run, one after another: right answers and reasons for each realism task, then areas under the
    ROC curve, answers and curves for the conditionality task. What cannot be estimated becomes a note. ``places``:
    positions of the readings to use; None for all."""
    every = material.readings
    if every is None or not material.tells_truth:
        return
    rows = every if places is None else every.iloc[places]
    for task in [name for name in TASKS if (every["task"] == name).any()]:
        for title, make in _CONDITIONALITY if task == CONDITIONALITY else _REALISM:
            heading = f"{title}: {TASKS[task].title.lower()}"
            try:
                kept = analysed(rows, task)
                yield Made(heading, make(kept, task), _note(kept))
            except StatisticsError as error:
                yield Made(heading, Drawing(""), f"Not estimable: {error}.")


def _note(rows: pd.DataFrame) -> str:
    simulated = " Simulated readers." if (rows["reader_kind"] == "simulated").any() else ""
    return f"{rows['reader'].nunique()} readers, {rows['case'].nunique()} cases, {len(rows)} readings.{simulated}"


def _accuracy(rows: pd.DataFrame, task: str) -> Drawing:
    table = proportions.accuracy(rows, ["finding", "source"])
    pick, chance = _pick(task, "finding", "source"), TASKS[task].chance
    return drawing.forest(table, ["finding", "source"], RIGHT, pick, null=chance)


def _cues(rows: pd.DataFrame, task: str) -> Drawing:
    parts = [cues.cue_shares(rows, ["source"], call) for call in (cues.RIGHT, cues.WRONG)]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    table = table[table["value"] > 0].assign(answer=lambda found: found["call"])
    labels = ["cue", "source", "answer"]
    return drawing.forest(table, labels, SHARE, _pick(task, *labels), null=None, bars=True)


def _areas(rows: pd.DataFrame, task: str) -> Drawing:
    table = mrmc.auc(rows, ["finding", "source"])
    return drawing.forest(table, ["finding", "source"], "Area under the ROC curve", _pick(task, "finding", "source"))


def _answers(rows: pd.DataFrame, task: str) -> Drawing:
    def pick(row: pd.Series) -> Mapping:
        state = "present" if row["truth"] == 1 else "absent"
        return _pick(task, "source")(row) | {"state": [state], "rating": [f"{row['rating']:g}"]}

    return drawing.matrix(rating_table(rows), pick)


def _curves(rows: pd.DataFrame, task: str) -> Drawing:
    points = mrmc.roc_points(rows, ["finding", "source"])
    if points.empty:
        raise StatisticsError("no reader has both present and absent cases of a finding")

    def pick(row: pd.Series) -> Mapping:
        return _pick(task, "finding", "source", "reader")(row) | {"rating": [f"{row['rating']:g}"]}

    return drawing.roc(points, steps_of(points, rows), pick)


def steps_of(points: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Points of readers' curves with the rating at which each step is taken, and its words, strictest first.

    ``points``: ``mrmc.roc_points`` by finding and source; the first point of each curve, (0, 0), is not a step.
    """
    by = ["finding", "source", "reader"]
    steps = points[(points["reader"] != MEAN) & (points.groupby(by).cumcount() > 0)]
    given = rows.groupby(by)["rating"].unique()
    ratings = [np.sort(given[key].astype(float))[::-1] for key, _ in steps.groupby(by, sort=False)]
    task = rows["task"].iloc[0]
    return steps.assign(rating=np.concatenate(ratings), answer=lambda t: [rating_words(task, r) for r in t["rating"]])


def _pick(task: str, *columns: str) -> Callable[[pd.Series], Mapping]:
    """What a mark picks: the answers to a task with the mark's values in these columns."""
    return lambda row: {"task": [task], "showing": [FIRST], **{name: [str(row[name])] for name in columns}}


_REALISM = (("Right answers", _accuracy), ("Reasons", _cues))
_CONDITIONALITY = (("Area under the curve", _areas), ("Answers", _answers), ("ROC curves", _curves))


def heading_of(pick: Mapping) -> str:
    """Where a selection comes from, in words."""
    told = [in_words(pick, name, value) for name in pick if name not in ("task", "showing") for value in pick[name]]
    return f"from a figure: {', '.join(told).lower()}"
