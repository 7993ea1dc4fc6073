"""The main results under decisions other than the frozen ones: marked exploratory as soon as one differs."""

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.explore import decisions as decided
from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.decisions import REALISM, Decisions
from helpers.explore.estimates import Estimates
from helpers.explore.figures import Made
from helpers.explore.material import Material
from helpers.figures.style import source_title
from helpers.stats.equivalence import verdict_of
from helpers.stats.readings import analysed
from helpers.study import frozen_plan
from helpers.tables import ALGORITHM, CONDITIONALITY
from helpers.tasks import TASKS

EXPLORATORY = "exploratory"
KEPT = 200  # figures and estimates kept, so that going back and forth costs nothing
ACCURACY, DIFFERENCE = "Proportion of right answers", "Difference in the proportion of right answers"
AREA, AREA_DIFFERENCE = "Area under the ROC curve", "Difference in area under the ROC curve"
NOBODY = "no readings are left: choose at least one reader, one finding and one of each group"


class WhatIf:
    """Main results of a run's readings under any ``Decisions``; ``planned`` are the frozen ones, or else those of the
    notebooks."""

    def __init__(self, material: Material):
        self.material, self.readings = material, material.readings
        self.tasks = [name for name in TASKS if self.readings is not None and (self.readings["task"] == name).any()]
        self.is_frozen = frozen_plan.read(material.run) is not None
        self.planned = decided.planned_of(material, self.tasks, self.subgroups)
        self._kept: dict[tuple, object] = {}

    @cached_property
    def subgroups(self) -> pd.DataFrame:
        """The level of each reading in each column that defines subgroups."""
        return decided.subgroups_of(self.material)

    def questions(self) -> list[str]:
        """The ``QUESTIONS`` that these readings can answer."""
        stages = {TASKS[task].notebook for task in self.tasks}
        return [name for name in decided.QUESTIONS if name.split(".")[0] in stages]

    def changed(self, decisions: Decisions) -> list[str]:
        """What differs from the plan, in words."""
        return decided.changed(decisions, self.planned)

    def statement(self, decisions: Decisions) -> str:
        """Whether these are the decisions of the plan, in a sentence."""
        plan = "frozen plan" if self.is_frozen else "notebooks’ own values (no plan was frozen in this run)"
        differs = self.changed(decisions)
        if not differs:
            return f"As decided in the {plan}."
        return f"Exploratory: differs from the {plan} in {'; '.join(differs)}."

    def figures(self, decisions: Decisions) -> list[Callable[[], Made]]:
        """The main figures under some decisions, each made when called: right answers, their differences, areas,
        and their differences from real images. A figure that a new decision does not affect is not made again."""
        made = []
        for task in self.tasks:
            for title, draw, names in _AREAS if task == CONDITIONALITY else _REALISM:
                touching = tuple(getattr(decisions, name) for name in names)
                key = (draw, task, decisions.who, _primary(decisions, task), *touching)
                make = partial(self._figure, f"{title}: {TASKS[task].title.lower()}", draw, task, decisions)
                made.append(partial(self._once, key, make))
        return made

    def _figure(self, title: str, draw: Callable, task: str, decisions: Decisions) -> Made:
        try:
            with pd.option_context("mode.string_storage", "python"):  # much faster for small tables
                return Made(title, *draw(self._estimates(task, decisions), decisions))
        except StatisticsError as error:
            return Made(title, Drawing(""), f"Not estimable: {error}.")

    def _estimates(self, task: str, decisions: Decisions) -> Estimates:
        make = lambda: Estimates(self._chosen(task, decisions), task)  # noqa: E731
        return self._once(("estimates", task, decisions.who), make)

    def _chosen(self, task: str, decisions: Decisions) -> pd.DataFrame:
        """Analysed readings of a task by the chosen readers, findings and groups; algorithms count only if nobody
        else is left."""
        rows, groups = self._once(("rows", task), lambda: self._analysed(task))
        keep = np.array(rows["reader"].isin(decisions.readers) & rows["finding"].isin(decisions.findings))
        planned = dict(self.planned.groups)
        for name, kept in decisions.groups:
            if kept != planned[name]:
                keep &= groups[name].isin(kept).to_numpy()
        people = keep & (rows["reader_kind"] != ALGORITHM).to_numpy()
        if not keep.any():
            raise StatisticsError(NOBODY)
        return rows[people if people.any() else keep].reset_index(drop=True)

    def _analysed(self, task: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Every analysed reading of a task, and its level in each column of subgroups."""
        rows = analysed(self.readings.assign(place=range(len(self.readings))), task, with_algorithms=True)
        text = [name for name in rows if isinstance(rows[name].dtype, pd.StringDtype)]
        rows = rows.astype(
            dict.fromkeys(text, pd.StringDtype("python", na_value=np.nan))
        )  # much faster for small groups
        return rows, self.subgroups.iloc[rows["place"].to_numpy()].reset_index(drop=True)

    def _once(self, key: tuple, make: Callable):
        """``make()``, with the result kept under ``key``."""
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = make()
        return self._kept[key]


def _primary(decisions: Decisions, task: str) -> tuple[str, ...]:
    """The primary questions of a task, without the name of their notebook."""
    stage = TASKS[task].notebook
    return tuple(name.split(".")[1] for name in decisions.primary if name.startswith(f"{stage}."))


def _accuracy(found: Estimates, decisions: Decisions) -> tuple[Drawing, str]:
    rule, margin, chance = decisions.undetermined, decisions.margin, TASKS[found.task].chance
    told = _p_values(found, "accuracy", found.accuracy(rule), decisions)
    band = None
    if margin and TASKS[found.task].notebook == REALISM:  # a choice of one among several has no margin
        band = (chance - margin, chance + margin)
        told = f"{told} {_verdicts(found.accuracy_within(rule), band)}"
    return drawing.forest(found.accuracy(rule), ["source"], ACCURACY, null=chance, margins=band), told


def _accuracy_difference(found: Estimates, decisions: Decisions) -> tuple[Drawing, str]:
    table = found.differences(decisions.undetermined)
    return _differences(table, DIFFERENCE), _p_values(found, "difference", table, decisions)


def _area(found: Estimates, decisions: Decisions) -> tuple[Drawing, str]:
    table = found.areas()
    return drawing.forest(table, ["source"], AREA), _p_values(found, "auc", table, decisions)


def _area_difference(found: Estimates, decisions: Decisions) -> tuple[Drawing, str]:
    table, margin = found.area_differences(), decisions.area_margin
    told = _p_values(found, "difference", table, decisions)
    within = found.area_differences_within() if margin else ()
    if not len(within):
        return _differences(table, AREA_DIFFERENCE), told
    band = (-margin, margin)
    return _differences(table, AREA_DIFFERENCE, band), f"{told} {_verdicts(within, band)}"


# Title of a figure, what draws it, and the decisions that it depends on besides who is analysed and what is primary.
_REALISM = (
    ("Right answers", _accuracy, ("undetermined", "margin")),
    ("Between sources", _accuracy_difference, ("undetermined",)),
)
_AREAS = (("Area under the curve", _area, ()), ("Between sources", _area_difference, ("area_margin",)))


def _verdicts(table: pd.DataFrame, band: tuple[float, float]) -> str:
    """Verdicts on equivalence, for each source or pair and both conclusions."""
    told: dict[str, list[str]] = {}
    for row in table.to_dict("records"):
        told.setdefault(_compared(row), []).append(f"{verdict_of(row, band)} ({row['conclusion']})")
    return f"Within the margin? {_listed(told)}."


def _compared(row: dict) -> str:
    return " minus ".join(source_title(row[name]) for name in ("source", "first", "second") if name in row)


def _differences(table: pd.DataFrame, axis: str, margins: tuple[float, float] | None = None) -> Drawing:
    if not len(table):
        raise StatisticsError("there is one source only: nothing to compare")
    return drawing.forest(table, ["first", "second"], axis, null=0.0, limits=None, margins=margins)


def _p_values(found: Estimates, question: str, table: pd.DataFrame, decisions: Decisions) -> str:
    """p values for both conclusions: with Holm's correction if the question is primary, otherwise uncorrected."""
    primary = _primary(decisions, found.task)
    asked = found.corrected(question, primary, decisions.undetermined) if question in primary else ()
    values = asked["p_holm"] if len(asked) else table["p_value"]
    told: dict[str, list[str]] = {}
    for row, value in zip(table.to_dict("records"), values.astype(float), strict=True):
        if value == value:
            told.setdefault(_compared(row), []).append(f"{_p_in_words(value)} ({row['conclusion']})")
    if not told:
        return ""
    if not len(asked):
        return f"{_listed(told)}; not corrected."
    count = int(asked["family_size"].max())
    family = f"{count} primary p value{'s' if count > 1 else ''}"
    return f"{_listed(told)}; Holm’s correction over {family}."


def _p_in_words(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _listed(told: dict[str, list[str]]) -> str:
    return "; ".join(f"{name}: {', '.join(own)}" for name, own in told.items())
