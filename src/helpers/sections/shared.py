"""Sections shared by realism (notebook 8) and conditionality (notebook 9).

``prefix`` begins the names of recorded numbers ("realism", "conditionality"); ``options`` are those of the estimate
(``measure``, ``undetermined``).
"""

from collections.abc import Callable, Sequence

import pandas as pd

from helpers.case_facts import planned, with_moderators
from helpers.figures.missing_readings import shift_curves
from helpers.results import Results, attempted, why_not
from helpers.stats import coverage_like, missing_readings, models, mover, subgroups, unread_trials
from helpers.stats.crossed import THESE
from helpers.stats.multiplicity import holm
from helpers.stats.wordings import by_wording, like_these
from helpers.study import frozen_plan

NO_DIFFERENCE = {"null": 0.0, "null_title": "no difference", "limits": None}
EXPLORATORY = "difference between levels, t interval; exploratory"


def equivalence(results: Results, estimate: Callable[[], pd.DataFrame], name: str, method: str, n: int) -> pd.DataFrame:
    """Keep a table of ``stats.equivalence`` under the pattern ``name``; ``n`` readings."""
    ends = {"low90": "low", "high90": "high"}
    return results.keep("equivalence", lambda: estimate().rename(columns=ends).assign(readings=n), name, method, "p")


def show_equivalence(results: Results, found: pd.DataFrame, by: list[str], axis: str, margins, **options) -> None:
    """Table and figure of ``equivalence``; ``options`` are those of the figure."""
    details = ["margin_low", "margin_high", "p_lower", "p_upper", "method", "readings"]
    results.table(found, [*by, "conclusion"], "estimate", interval="90 % interval", without=details)
    results.forest("equivalence", found, by, f"{axis}, 90 % intervals", value="estimate", margins=margins, **options)


def primary(results: Results, asked: pd.DataFrame) -> None:
    """The primary questions with their corrected p values, and whether the plan is unchanged since it was frozen."""
    results.table(asked, ["question", "compared"], title="Value", decimals=3)
    stage = results.stage
    said, changed = frozen_plan.check(stage.run, {stage.name: stage.parameters}, results.readings)
    results.say(said)
    if len(changed):
        results.table(changed, ["Key"])


def near_limits(
    results: Results, name: str, estimate: Callable[[], pd.DataFrame], values: Sequence[float], prefix: str, what: str
) -> None:
    """Differences with MOVER intervals: always written and recorded, shown only if a value is near 0 or 1."""
    pattern = f"{prefix}.difference_mover.{{first}}_minus_{{second}}"
    found = results.keep(name, estimate, pattern, f"difference of {what}, MOVER interval")
    if len(found) and mover.are_near_limits(values):
        results.table(found, ["first", "second"], title="Difference, MOVER interval")


def simulated(
    results: Results, measure: str, found: pd.DataFrame, values: Sequence[float], compared: bool = False
) -> None:
    """How often the intervals of ``found`` contain the true value in simulated studies like this one, and where they
    do so too rarely, or too often; ``values``: the accuracies or areas; ``compared``: ``found`` has differences.
    """
    if len(found) and found["value"].notna().any():
        methods = set(found["method"]) if "method" in found else set()
        method = min(methods & set(coverage_like.PUBLISHED), default="")
        results.say(coverage_like.in_words(measure, int(found["readers"].max()), list(values), compared, method))


def model(results: Results, fit: Callable, *arguments):
    """A mixed model's effects and random effects, and the R script that repeats it; None if it cannot be fitted."""
    fitted, said = models.attempt(fit, *arguments)
    results.say(said)
    if fitted:
        results.show("model_effects", models.effects(fitted), ["term"])
        results.show("model_random", fitted.random, ["group", "term"])
        results.say(models.repeat_in_r(fitted, results.stage.folder))
    return fitted


def by_moderator(
    results: Results, rows: pd.DataFrame, readings: str | None, moderators: dict[str, list], prefix: str, method: str,
    axis: str, **options,
) -> None:  # fmt: skip
    """Each level of the moderators separately, the differences between levels, and which moderators are not used."""
    known = with_moderators(results.stage, rows, readings, moderators)
    levels = results.keep(
        "subgroups",
        lambda: subgroups.by_level(known, moderators, **options),
        f"{prefix}.{{source}}.subgroup.{{moderator}}.{{level}}",
        method,
    )
    results.forest("subgroups", levels, ["moderator", "level", "source"], axis)
    results.show(
        "interactions",
        lambda: subgroups.interactions(known, moderators, **options),
        ["moderator", "compared", "contrast"],
        f"{prefix}.{{compared}}.interaction.{{moderator}}.{{contrast}}",
        EXPLORATORY,
        title="Difference",
    )
    for name, reason in subgroups.unused(known, moderators).items():
        results.say(f"{name}: {reason}.")


def wordings(
    results: Results, rows: pd.DataFrame, prefix: str, estimate: Callable, differences: Callable, method: str, axis: str
) -> None:
    """Images of the same source prompted in several wordings: each wording separately, by finding, their differences
    and what holds for other wordings. ``estimate(rows, by)`` and ``differences(rows)`` are those of the notebook."""
    told = attempted(lambda: by_wording(rows))
    if reason := why_not(told):
        results.say(reason)
        return
    levels = results.keep("wordings", lambda: estimate(told, ["source"]), f"{prefix}.wording.{{source}}", method)
    results.forest("wordings", levels, ["source"], axis)
    pairs = attempted(lambda: holm(differences(told), ["conclusion"]))
    name = "{first}_minus_{second}"
    results.show(
        "wording_differences",
        pairs,
        ["first", "second"],
        f"{prefix}.wording_difference.{name}",
        "difference of wordings",
        title="Difference",
    )
    results.record(f"{prefix}.wording_p.{name}", pairs, "Holm's correction over all pairs of wordings", "p_holm")
    by_finding = results.keep(
        "wordings_by_finding",
        lambda: estimate(told, ["finding", "source"]),
        f"{prefix}.wording.{{source}}.{{finding}}",
        f"{method}; exploratory",
    )
    results.forest("wordings_by_finding", by_finding, ["finding", "source"], axis)
    results.show(
        "wordings_like_these",
        lambda: like_these(_of_these(estimate(told, ["reader", "source"]))),
        ["over"],
        f"{prefix}.wordings_like_these",
        "readers and wordings random, mean squares",
        n="readers",
    )


def _of_these(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["conclusion"] == THESE]


def missing(results: Results, rows: pd.DataFrame, readings: str | None, prefix: str, **options) -> None:
    """How far unread trials could change the answer: counts, worst cases, shifts and tipping points."""
    lacking = unread_trials.unread(rows, planned(results.stage, rows, readings))
    if lacking.empty:
        as_far_as_known = "No reading is missing, as far as the table shows."
        results.say(as_far_as_known if readings else "Every trial planned for these readers was read.")
        return
    results.table(unread_trials.counts(rows, lacking), ["reader", "source"])
    results.show(
        "worst_cases",
        lambda: missing_readings.worst_cases(rows, lacking, **options),
        ["compared", "assumption"],
        f"{prefix}.{{compared}}.worst_case.{{assumption}}",
        "unread trials counted in one way; sensitivity",
        n="readers",
    )
    shifts = results.keep("shifts", lambda: missing_readings.shifted(rows, lacking, **options))
    results.draw("missing", shift_curves, shifts)
    if len(shifts):
        results.show("tipping_points", missing_readings.tipping_points(shifts), ["compared", "conclusion"])
