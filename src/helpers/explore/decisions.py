"""What can be decided differently: the rules, who and what is analysed, and which questions are primary."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import pandas as pd

from helpers.explore.material import Material
from helpers.figures.style import finding_title
from helpers.notebooks import notebook_parameters
from helpers.stats.subgroups import OF_IMAGES, levels, with_cohort
from helpers.study import frozen_plan
from helpers.tasks import TASKS

REALISM, AREAS = "08_realism", "09_conditionality"  # the notebooks whose parameters say which questions are primary
QUESTIONS = {
    f"{REALISM}.accuracy": "right answers",
    f"{REALISM}.difference": "differences in right answers",
    f"{AREAS}.auc": "areas",
    f"{AREAS}.difference": "differences in areas",
}
TITLES = {"undetermined": "what “cannot determine” counts", "margin": "margin", "area_margin": "margin of areas"}
TITLES |= {"readers": "readers", "findings": "findings", "primary": "primary questions"}
NOT_KNOWN = "not known"  # for a case without a real image, and for a patient whose value is unknown
MOST_LEVELS = 12  # a column with more holds names or notes, and defines no subgroups

Groups = tuple[tuple[str, tuple[str, ...]], ...]  # column, and its levels


@dataclass(frozen=True)
class Decisions:
    """What may be decided differently: the rule for undetermined answers, the margins of right answers and of areas
    (None: no claim of equivalence), which readers, findings and levels of each column of the cohort are analysed, and
    which ``QUESTIONS`` are primary."""

    undetermined: str
    margin: float | None
    area_margin: float | None
    readers: tuple[str, ...]
    findings: tuple[str, ...]
    groups: Groups
    primary: tuple[str, ...]

    @property
    def who(self) -> tuple:
        """The decisions that determine which readings are analysed."""
        return self.readers, self.findings, self.groups


def planned_of(material: Material, tasks: Iterable[str], columns: pd.DataFrame) -> Decisions:
    """The decisions frozen with the plan, or else those of the notebooks.

    ``tasks``: those of the readings; ``columns``: from ``subgroups_of``.
    """
    frozen = frozen_plan.read(material.run)
    content = frozen["content"] if frozen else {}
    stages = {TASKS[task].notebook for task in tasks} & {REALISM, AREAS}
    known = {stage: _parameters(stage, content) for stage in (REALISM, AREAS)}
    first = known[REALISM if REALISM in stages else AREAS]
    primary = [f"{stage}.{name}" for stage in sorted(stages) for name in known[stage]["primary"]]
    readers, findings = ((), ()) if material.readings is None else _present(material)
    groups = tuple((name, tuple(columns[name].cat.categories)) for name in columns)
    margins = known[REALISM]["margin"], known[AREAS]["margin"]
    return Decisions(first["undetermined"], *margins, readers, findings, groups, _in_order(primary))


def _parameters(stage: str, content: Mapping) -> dict:
    own = notebook_parameters(stage)
    return {name: content.get(f"{stage}.{name}", own[name]) for name in ("undetermined", "margin", "primary")}


def _in_order(questions: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in QUESTIONS if name in set(questions))


def _present(material: Material) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Readers and findings of the readings, in the study's order."""
    rows = material.readings
    known = set(rows["finding"])
    ordered = [name for name in material.findings.names if name in known]
    return tuple(sorted(rows["reader"].unique())), (*ordered, *sorted(known.difference(ordered)))


def subgroups_of(material: Material) -> pd.DataFrame:
    """The level of each reading in every cohort column that defines subgroups: one ordered categorical per column.

    Numbers are cut at the points given in the plan's ``moderators``, or else into thirds; a case has the values of its
    real image, or ``NOT_KNOWN`` if it has none. Findings are not subgroups here: they are chosen separately.
    """
    rows, cohort = material.readings, material.cohort
    if rows is None or cohort is None:
        return pd.DataFrame(index=() if rows is None else rows.index)
    frozen = frozen_plan.read(material.run)
    content = frozen["content"] if frozen else {}
    cuts = content.get(f"{REALISM}.moderators") or notebook_parameters(REALISM)["moderators"]
    apart = {*OF_IMAGES, *material.findings.names, *rows.columns}
    names = [name for name in cohort if name not in apart]
    if not names:
        return pd.DataFrame(index=rows.index)
    found = with_cohort(rows[["case"]], cohort[["image_id", *names]])
    columns = {name: _levels(found[name], cuts.get(name, [])) for name in names}
    return pd.DataFrame({name: own for name, own in columns.items() if own is not None}, index=rows.index)


def _levels(values: pd.Series, cuts: list) -> pd.Series | None:
    """Levels of a column, with one for unknown values if there are any; None if they define no subgroups."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().equals(values.notna()):
        values = numbers
    column = levels(values, cuts if pd.api.types.is_numeric_dtype(values) else [])
    column = column.cat.remove_unused_categories()
    if not 1 < len(column.cat.categories) <= MOST_LEVELS:
        return None
    if column.isna().any():
        column = column.cat.add_categories(NOT_KNOWN).fillna(NOT_KNOWN)
    return column


def changed(decisions: Decisions, planned: Decisions) -> list[str]:
    """What differs from the plan, in words."""
    pairs = [(one.name, getattr(decisions, one.name), getattr(planned, one.name)) for one in fields(Decisions)]
    told = [_difference(name, now, before) for name, now, before in pairs if now != before and name != "groups"]
    kept = dict(decisions.groups)
    return told + [
        _without(name, kept[name], all_levels) for name, all_levels in planned.groups if kept[name] != all_levels
    ]


def _difference(name: str, now, planned) -> str:
    if name in ("readers", "findings"):
        words = finding_title if name == "findings" else str
        return _without(TITLES[name], [words(one) for one in now], [words(one) for one in planned])
    if name == "primary":
        now, planned = (", ".join(QUESTIONS[one] for one in each) or None for each in (now, planned))
    told = ["none" if value is None else value for value in (now, planned)]
    return f"{TITLES[name]} ({told[0]}, planned {told[1]})"


def _without(what: str, now: Iterable[str], planned: Iterable[str]) -> str:
    return f"{what} (without {', '.join(one for one in planned if one not in now)})"
