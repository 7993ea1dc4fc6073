"""The main results under other decisions than those that were frozen: said to be exploratory as soon as one differs."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial

import pandas as pd

from helpers.errors import StatisticsError
from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.figures import Made
from helpers.explore.material import Material
from helpers.figures.style import finding_title, source_title
from helpers.notebooks import notebook_parameters
from helpers.stats import equivalence, mrmc, proportions
from helpers.stats.readings import analysed, source_order
from helpers.study import frozen_plan
from helpers.tables import CONDITIONALITY, REAL
from helpers.tasks import TASKS

EXPLORATORY = "exploratory"
TITLES = {"undetermined": "what “cannot determine” counts", "margin": "margin", "readers": "readers"}
TITLES |= {"findings": "findings"}
KEPT = 200  # estimates that are kept, so that going back and forth costs nothing
ACCURACY, DIFFERENCE = "Proportion of right answers", "Difference in the proportion of right answers"
AREA, AREA_DIFFERENCE = "Area under the ROC curve", "Difference in area under the ROC curve"


@dataclass(frozen=True)
class Decisions:
    """What may be decided otherwise: the rule for undetermined answers, the margin, and who and what is analysed."""

    undetermined: str
    margin: float | None
    readers: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass
class WhatIf:
    """Main results of a run's readings under any ``Decisions``; ``planned`` are those that were frozen, or else those
    of the notebooks."""

    material: Material
    _known: dict = field(default_factory=dict)

    def __post_init__(self):
        self.readings = self.material.readings
        frozen = frozen_plan.read(self.material.run)
        self.is_frozen = frozen is not None
        content = frozen["content"] if frozen else {}
        tasks = [name for name in TASKS if self.readings is not None and (self.readings["task"] == name).any()]
        self.realism = [name for name in tasks if name != CONDITIONALITY]
        self.has_conditionality = CONDITIONALITY in tasks
        stage = "08_realism" if self.realism else "09_conditionality"
        own = notebook_parameters(stage)
        undetermined, margin = (content.get(f"{stage}.{name}", own[name]) for name in ("undetermined", "margin"))
        readers, findings = ((), ()) if self.readings is None else self._present()
        self.planned = Decisions(undetermined, margin, readers, findings)

    def _present(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        known = set(self.readings["finding"])
        ordered = [name for name in self.material.findings.names if name in known]
        rest = sorted(known - set(ordered))
        return tuple(sorted(self.readings["reader"].unique())), (*ordered, *rest)

    def changed(self, decisions: Decisions) -> list[str]:
        """In words, what differs from the plan."""
        pairs = [(one.name, getattr(decisions, one.name), getattr(self.planned, one.name)) for one in fields(Decisions)]
        return [_difference(name, now, planned) for name, now, planned in pairs if now != planned]

    def statement(self, decisions: Decisions) -> str:
        """Whether these are the decisions of the plan, in a sentence."""
        plan = "frozen plan" if self.is_frozen else "notebooks’ own values (no plan was frozen in this run)"
        changed = self.changed(decisions)
        if not changed:
            return f"As decided in the {plan}."
        return f"Exploratory: differs from the {plan} in {'; '.join(changed)}."

    def figures(self, decisions: Decisions) -> list[Callable[[], Made]]:
        """The main figures under some decisions, each made when it is called: right answers, their differences, areas,
        and their differences from real images."""
        made = []
        for task in self.realism:
            rows = partial(self._rows, task, decisions)
            made += [partial(self._accuracy, rows, decisions, task)]
            made += [partial(self._accuracy_difference, rows, decisions, task)]
        if self.has_conditionality:
            rows = partial(self._rows, CONDITIONALITY, decisions)
            made += [partial(self._area, rows, decisions), partial(self._area_difference, rows, decisions)]
        return made

    def _rows(self, task: str, decisions: Decisions) -> pd.DataFrame:
        key = (task, decisions.readers, decisions.findings)
        return self._once(("rows", *key), lambda: self._chosen(*key))

    def _chosen(self, task: str, readers: tuple[str, ...], findings: tuple[str, ...]) -> pd.DataFrame:
        rows = self.readings
        rows = rows[rows["reader"].isin(readers) & rows["finding"].isin(findings)]
        if rows.empty:
            raise StatisticsError("no readings are left: choose at least one reader and one finding")
        return analysed(rows, task)

    def _once(self, key: tuple, make: Callable):
        """``make()``, kept under its key."""
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[key] = make()
        return self._known[key]

    def _table(self, name: str, decisions: Decisions, make: Callable[[], pd.DataFrame], *more) -> pd.DataFrame:
        return self._once((name, decisions.readers, decisions.findings, *more), make)

    def _accuracy(self, rows: Callable, decisions: Decisions, task: str) -> Made:
        rule, margin = decisions.undetermined, decisions.margin

        def draw() -> tuple[Drawing, str]:
            estimate = partial(proportions.accuracy, rows(), ["source"], rule)
            table = self._table("accuracy", decisions, estimate, task, rule)
            same = partial(equivalence.of_accuracy, rows(), margin, ["source"], rule)
            said = self._verdicts(self._table("same", decisions, same, task, rule, margin)) if margin else ""
            band = (0.5 - margin, 0.5 + margin) if margin else None
            return drawing.forest(table, ["source"], ACCURACY, margins=band), said

        return _made(f"Right answers: {TASKS[task].title.lower()}", draw)

    def _accuracy_difference(self, rows: Callable, decisions: Decisions, task: str) -> Made:
        rule = decisions.undetermined

        def draw() -> tuple[Drawing, str]:
            estimate = partial(proportions.all_differences, rows(), rule)
            table = self._table("difference", decisions, estimate, task, rule)
            return _differences(table, DIFFERENCE), _p_values(table)

        return _made(f"Between sources: {TASKS[task].title.lower()}", draw)

    def _area(self, rows: Callable, decisions: Decisions) -> Made:
        def draw() -> tuple[Drawing, str]:
            table = self._table("auc", decisions, partial(mrmc.auc, rows(), ["source"]))
            return drawing.forest(table, ["source"], AREA), ""

        return _made("Area under the curve: conditionality", draw)

    def _area_difference(self, rows: Callable, decisions: Decisions) -> Made:
        margin = decisions.margin

        def draw() -> tuple[Drawing, str]:
            own = rows()
            table = self._table("auc_difference", decisions, partial(mrmc.headline_alone, own))
            pairs = [(REAL, source) for source in source_order(own["source"]) if source != REAL]
            has_real = (own["source"] == REAL).any()
            if not (margin and has_real and pairs):
                return _differences(table, AREA_DIFFERENCE), _p_values(table)
            same = partial(equivalence.of_auc_differences, own, margin, pairs)
            said = self._verdicts(self._table("auc_same", decisions, same, margin))
            return _differences(table, AREA_DIFFERENCE, (-margin, margin)), f"{_p_values(table)} {said}"

        return _made("Between sources: conditionality", draw)

    @staticmethod
    def _verdicts(table: pd.DataFrame) -> str:
        """Verdicts of equivalence, for each source or pair and both conclusions."""
        names = [name for name in ("source", "first", "second") if name in table]
        told = []
        for key, own in table.groupby(names, sort=False):
            verdicts = ", ".join(f"{row.verdict} ({row.conclusion})" for row in own.itertuples())
            told.append(f"{' minus '.join(map(source_title, key))}: {verdicts}")
        return f"Within the margin? {'; '.join(told)}."


def _made(title: str, draw: Callable[[], tuple[Drawing, str]]) -> Made:
    try:
        return Made(title, *draw())
    except StatisticsError as error:
        return Made(title, Drawing(""), f"Not estimable: {error}.")


def _differences(table: pd.DataFrame, axis: str, margins: tuple[float, float] | None = None) -> Drawing:
    if not len(table):
        raise StatisticsError("there is one source only: nothing to compare")
    return drawing.forest(table, ["first", "second"], axis, null=0.0, limits=None, margins=margins)


def _p_values(table: pd.DataFrame) -> str:
    """p values of differences for both conclusions, as they are without a correction."""
    told = []
    for (first, second), own in table.groupby(["first", "second"], sort=False):
        values = [f"{row.p_value:.3f} ({row.conclusion})" for row in own.itertuples() if row.p_value == row.p_value]
        told += [f"{source_title(first)} minus {source_title(second)}: p = {', '.join(values)}"] if values else []
    return f"{'; '.join(told)}; not corrected." if told else ""


def _difference(name: str, now, planned) -> str:
    if name in ("readers", "findings"):
        words = finding_title if name == "findings" else str
        return f"{TITLES[name]} (without {', '.join(words(one) for one in planned if one not in now)})"
    return (
        f"{TITLES[name]} ({now if now is not None else 'none'}, planned {planned if planned is not None else 'none'})"
    )
