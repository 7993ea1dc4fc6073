"""Sections of notebook 11: what this study could have found, how large the next one should be, and coverage.

If no study can be planned from the readings, ``begin`` says why, and the planning sections print nothing.
"""

from dataclasses import dataclass

import pandas as pd

from helpers.figures.coverage import coverage as coverage_figure
from helpers.figures.coverage import coverage_table
from helpers.figures.power import design_power, difference_power
from helpers.figures.sample_size import power_over_readers_and_cases
from helpers.figures.style import source_title
from helpers.results import Results
from helpers.stats import (
    coverage,
    coverage_limits,
    coverage_published,
    coverage_wordings,
    prompt_effect,
    prompt_power,
    study_design,
)
from helpers.stats.coverage_like import LEAST, MOST, MOST_ERRORS
from helpers.stats.mrmc import sample_size
from helpers.stats.mrmc.pilot import pilot_of_areas
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY

FIGURES = {"difference": "design", "accuracy": "design", "auc_difference": "design_auc", "auc": "design_auc"}
AXIS = "True difference (of sources, or of accuracy from 0.5)"


@dataclass(frozen=True)
class Planning:
    """What a study can be planned from: analysed readings of a realism task and of conditionality (None: not read),
    the sources to compare, and the questions; all empty if nothing can be planned."""

    rows: pd.DataFrame | None
    ratings: pd.DataFrame | None
    pair: list[str]
    asked: list[study_design.Question]

    @property
    def chosen(self) -> str:
        """Which shares of variance the figures use: fitted, or assumed if too few readers have read every source."""
        return next(iter(self.asked[0].models))


def begin(
    results: Results, task: str, first: str | None, second: str | None, assumed: dict[str, float]
) -> Planning:  # fmt: skip
    """The questions that these readings can answer; if there are none, says why in one line."""
    read = set(results.readings["task"])
    rows, ratings = (analysed(results.readings, name) if name in read else None for name in (task, CONDITIONALITY))
    if rows is None and ratings is None:
        known = ", ".join(sorted(read))
        results.say(
            f"**No study is planned**: neither {task} nor conditionality was read, only {known}. Power and sample size "
            "are those of a choice between two images, or of ratings of findings."
        )
        return Planning(None, None, [], [])
    pair = study_design.compared(ratings if rows is None else rows, first, second)
    words = " minus ".join(map(source_title, pair))
    asked = study_design.questions(rows, ratings, pair, words, assumed)
    if not asked:
        results.say("**No study is planned**: an area under the ROC curve needs present and absent cases.")
    return Planning(rows, ratings, pair, asked)


def detectable(
    results: Results, planning: Planning, differences: list[float], target: float, sets: int, seed: int, jobs: int
) -> None:
    """The answer of the notebook: the smallest differences that a study of this size can detect, and the curves."""
    if not planning.asked:
        return
    curves = results.keep("curves", study_design.question_curves(planning.asked, differences, sets, seed, jobs))
    found = results.keep("detectable", study_design.detectable_by_question(curves, target))
    chosen = planning.chosen
    main = found[found["shares"] == chosen].assign(sets=sets)
    method = f"{_method(target)}, {chosen} shares of variance"
    results.record("power.detectable_{name}", main, method, "difference", "sets")
    results.stage.record("power.target", target, n=sets, method="power that is wanted of a study")
    results.answer()
    size = planning.asked[0].size
    note = f"{size.readers} readers, {sets} simulated studies for each point; {chosen} shares. {results.origin}"
    shown = curves[curves["shares"] == chosen]
    results.draw("difference", difference_power, shown, target, value="power", note=note, axis=AXIS)
    results.table(
        found, ["question", "shares"], "difference", title="Detectable", interval="Monte Carlo error", decimals=3
    )


def shares(results: Results, planning: Planning) -> None:
    """Shares of variance of readers and cases, fitted and assumed side by side."""
    if not planning.asked:
        return
    pattern, method = "power.share.{measure}.{origin}.{name}", "share of variance, probit scale, by moments"
    found = results.keep("components", study_design.shares(planning.asked), pattern, method, "share")
    index = ["measure", "component"]
    results.table(
        found.pivot_table("share", index, "origin", sort=False).rename_axis(columns=None).reset_index(), index
    )


def sizes(
    results: Results, planning: Planning, difference: float, readers: list[int], cases: list[int], target: float,
    sets: int, seed: int, jobs: int,
) -> pd.DataFrame | None:  # fmt: skip
    """Power over a grid of readers and cases, drawn for each question; returns the fewest cases needed as a table."""
    if not planning.asked:
        return None
    grid = results.keep("grid", study_design.grids(planning.asked, difference, readers, cases, sets, seed, jobs))
    needed = study_design.needed(grid, target)
    pattern = "power.cases_needed.{name}.{shares}.readers_{readers}"
    results.keep("needed", needed, pattern, _method(target), "cases", "sets")
    for (name, question, origin), own in grid.groupby(["name", "question", "shares"], sort=False):
        figure = FIGURES[name] if origin == planning.chosen else f"design_{name}_{origin}"
        note = f"True difference {difference:.2f} ({question}), {sets} simulated studies for each point; "
        note += f"{origin} shares of variance. {results.origin}"
        results.draw(figure, design_power, own, target, value="power", note=note)
    return study_design.needed_table(needed)


def closed_form(
    results: Results, planning: Planning, difference: float, readers: list[int], target: float
) -> None:  # fmt: skip
    """Cases needed for every design in closed form, and the map of power over readers and cases."""
    if not planning.asked:
        return

    def pilot():
        return pilot_of_areas(planning.ratings, planning.pair)

    planned = results.keep(
        "designs",
        lambda: sample_size.designs_needed(pilot(), difference, readers, target),
        "power.cases_needed_closed_form.{design}.readers_{readers}",
        f"closed form at power {target}",
        "cases",
        "readers",
    )
    if len(planned):
        results.say(f"Cases of each source for {_goal(difference, target)} (AUC):")
    results.table(sample_size.side_by_side(planned), ["design", "conclusion"], "design", decimals=0)
    grid = range(2, 31), range(10, 401, 10)
    powers = results.keep("power_map", lambda: sample_size.power_map(pilot(), difference, *grid))
    text = f"True difference of AUC {difference:.2f}, paired design. {results.origin}"
    results.draw("power_map", power_over_readers_and_cases, powers, target, value="power", note=text)


def prompts(results: Results, planning: Planning, difference: float, readers: list[int], target: float) -> None:
    """Variance of prompt templates, and how many the next study needs."""
    if not planning.asked:
        return
    scores = planning.ratings if planning.rows is None else planning.rows
    scores = scores.assign(score=scores["correct"].astype(float).fillna(0.5))
    spread = results.keep(
        "prompt_components",
        lambda: prompt_effect.of_sources(scores, planning.pair, "score").table().assign(readings=len(scores)),
        "power.prompt.variance.{component}",
        "variance of one score, by moments",
        "variance",
    )
    results.table(spread, ["component"], "variance", decimals=3, without=["readings"])
    if len(spread):
        variances = prompt_effect.Components(*spread["variance"])
        needed = prompt_power.templates_needed(variances, difference, readers, [1, 5, 20], target)
        results.say(f"Templates for {_goal(difference, target)}:")
        results.show("templates_needed", needed, ["readers", "images"], value="templates")


def intervals(results: Results, sets: int, seed: int) -> pd.DataFrame:
    """Whether the intervals hold: draws and returns the committed tables, and checks them with a few new studies."""
    known, published = coverage.load(), coverage.load(coverage_published.COMMITTED)
    shown = pd.concat([known, published], ignore_index=True)
    note = f"{coverage.origin()}.\nObuchowski-Rockette: {coverage.origin(coverage_published.COMMITTED)}"
    results.draw("coverage", coverage_figure, shown, note=note)
    again = results.keep("coverage_again", coverage.compared(known, coverage.table(sets, seed)))
    far = int((again["z"].abs() > 3).sum())
    results.say(
        f"{far} of {len(again)} shares from {sets} new studies differ from the table by more than 3 standard errors."
    )
    tests, covered = (published.loc[published["what"] == w, "share"] for w in (coverage.TYPE_ONE, coverage.COVERAGE))
    results.say(
        "Obuchowski and Rockette's analysis as published finds a difference where none is too often (above 6.5 %) "
        f"in {(tests > MOST_ERRORS).sum()} of {len(tests)} settings, and its interval is too narrow (below 93 %) in "
        f"{(covered < LEAST).sum()} of {len(covered)}. Notebook 9 names those like its study beside the result."
    )
    return coverage_table(shown)


def hard_settings(results: Results) -> pd.DataFrame:
    """Says how many hard settings fall short of what is promised; returns those with coverage outside 93 % to 97 %."""
    hard = coverage.load(coverage_limits.COMMITTED)
    fails, covered = hard[~hard["holds"]], hard[hard["what"] == coverage.COVERAGE]
    wide = int((covered["share"] > MOST).sum())
    results.say(
        f"{len(fails)} of {len(hard)} shares in hard settings (few readers, unequal classes, values near 1, ties, "
        "missing readings; equivalence and non-inferiority at their margins) fall short of what is promised: coverage "
        f"of 93 % or more, errors of at most 6.5 %. {wide} of the {len(covered)} coverages exceed 97 %: intervals "
        f"that are wider than necessary. {coverage.origin(coverage_limits.COMMITTED)}."
    )
    outside = covered[~covered["share"].between(LEAST, MOST)]
    setting = ["measure", "design", "readers", "cases", "value", "conclusion"]
    kind = outside["difference"].isna().map({True: "one source", False: "difference, MOVER"})
    shares = (100 * outside["share"]).groupby([*(outside[name] for name in setting), kind.rename("interval")])
    return _titled(shares.agg(_range).unstack(fill_value="within"))


def known_wordings(results: Results) -> pd.DataFrame:
    """Says how studies with known wordings were simulated; returns shares of them by what was found."""
    known = coverage.load(coverage_wordings.COMMITTED)
    results.say(
        f"Three readers and three templates. A template that ignores 'absent' is missed where the power is low; where "
        f"templates are alike, 5 % of studies may say otherwise. {coverage.origin(coverage_wordings.COMMITTED)}."
    )
    found = known[known["what"] != coverage_wordings.OFF]
    shares = (100 * found["share"]).groupby([found[n] for n in ("what", "measure", "truth", "cases", "conclusion")])
    return _titled(shares.agg(_range).unstack(["cases", "conclusion"], fill_value=""))


def _titled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with readable names of measures, rows and columns."""
    names = [str(name).capitalize() for name in table.index.names]
    table = table.rename(index={"auc": "AUC", "accuracy": "Accuracy"}, level="measure").rename_axis(index=names)
    return table.rename_axis(columns=[str(name).capitalize() for name in table.columns.names])


def _range(percent: pd.Series) -> str:
    return " to ".join(dict.fromkeys(f"{share:.1f} %" for share in sorted(percent)))


def _goal(difference: float, target: float) -> str:
    return f"a true difference of {difference:.2f} and a power of {100 * target:.0f} %"


def _method(target: float) -> str:
    return f"simulation at power {target}, Monte Carlo interval"
