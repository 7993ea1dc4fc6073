"""Mixed models of the readings, as a second opinion alongside the estimates that need no model."""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed import clmm, glmm
from helpers.stats.mixed.results import MixedFit
from helpers.stats.mrmc.covariance import ESTIMATORS
from helpers.stats.mrmc.gallas import one_shot
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette
from helpers.stats.readings import source_order
from helpers.stats.scales import MOST_GRADES

FIXED = ("source", "finding", "side", "position")  # what may affect how often readers are right
RANDOM = ("reader", "case")
FEWEST_TEMPLATES = 5  # with fewer levels a variance is ill-determined (Bolker et al. 2009, Trends Ecol. Evol. 24:127)
RATIO = ("odds_ratio", "low", "high")


def random_part(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The random terms that the rows allow: readers and cases, crossed, and ``template_part``; and the rows for them.

    Raises StatisticsError if neither readers nor cases repeat.
    """
    groups = [f"(1 | {name})" for name in RANDOM if 1 < rows[name].nunique() < len(rows)]
    if not groups:
        raise StatisticsError("one reader and one reading of each case: there is nothing for a mixed model to separate")
    rows, templates = template_part(rows)
    return rows, groups + templates


def template_part(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The random term of the prompt template (crossed with readers, images nested in it), and the rows for it.

    No term with fewer than five templates or with one image of each. Rows without a template, such as those of real
    images, have no such effect: their column ``prompted`` is 0.
    """
    if "template" not in rows:
        return rows, []
    known = rows["template"].notna()
    own = rows[known]
    if not FEWEST_TEMPLATES <= own["template"].nunique() < own["case"].nunique():
        return rows, []
    if known.all():
        return rows, ["(1 | template)"]
    named = rows["template"].astype(object).where(known, "none")
    return rows.assign(template=named, prompted=known.astype(float)), ["(0 + prompted | template)"]


def accuracy_formula(rows: pd.DataFrame) -> str:
    """``correct ~ source + finding + side + position`` and the terms of ``random_part``, without what does not vary."""
    varies = [name for name in FIXED if name in rows and rows[name].dropna().nunique() > 1]
    return "correct ~ " + " + ".join([*(varies or ["1"]), *random_part(rows)[1]])


def accuracy_model(rows: pd.DataFrame, formula: str | None = None) -> MixedFit:
    """Logistic mixed model of right answers among those that were decided; ``formula`` None: ``accuracy_formula``.

    ``rows``: analysed readings. Raises StatisticsError if nothing is decided or the formula does not fit the rows.
    """
    decided = rows[rows["correct"].notna()]
    if decided.empty:
        raise StatisticsError("no answer was decided: every rating is 0, or no cut-off says what a rating means")
    decided = decided.assign(correct=decided["correct"].astype(float))
    return glmm.fit(formula, decided) if formula else glmm.fit(accuracy_formula(decided), random_part(decided)[0])


def rating_model(rows: pd.DataFrame) -> MixedFit:
    """Cumulative-logit mixed model of ratings on the requested condition, by source, within finding.

    The coefficient of ``shown[source]`` is the number of log odds by which an image of the source that should show the
    finding is rated higher than one that should not; random terms as in ``random_part``.
    """
    if rows["rating"].nunique() > MOST_GRADES:
        raise StatisticsError(
            f"{rows['rating'].nunique()} different ratings are too many for the grades of a cumulative-logit model "
            f"(at most {MOST_GRADES})"
        )
    sources = rows["source"].nunique()
    rows, groups = random_part(rows)
    fixed = "truth:source + source" if sources > 1 else "truth"
    findings = " + finding" if rows["finding"].nunique() > 1 else ""
    return clmm.fit_ordinal(f"rating ~ {fixed}{findings} + {' + '.join(groups)}", rows)


def estimators(rows: pd.DataFrame) -> pd.DataFrame:
    """Every difference of areas by other estimators: Obuchowski-Rockette with each covariance, and one-shot.

    Columns: first, second, method, value, low, high, p_value, note; for readers like these. A method that cannot
    compare a pair gets a row with the reason; with a single source there are no rows.
    """
    titles = {name: name.replace("delong", "DeLong") for name in ESTIMATORS}
    methods = {f"Obuchowski-Rockette, {t}": partial(obuchowski_rockette, covariance=n) for n, t in titles.items()}
    columns = ["first", "second", "method", "value", "low", "high", "p_value", "note"]
    rows = rows.assign(source=rows["source"].astype(str))
    pairs = list(combinations(source_order(rows["source"]), 2))
    if not pairs:
        return pd.DataFrame(columns=columns)
    tables = [
        _differences(method, rows, pairs).assign(method=title)
        for title, method in (methods | {"Gallas, one-shot": one_shot}).items()
    ]
    table = pd.concat(tables, ignore_index=True).reindex(columns=columns)
    place = [pairs.index(pair) for pair in zip(table["first"], table["second"], strict=True)]
    return table.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _differences(method: Callable, rows: pd.DataFrame, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """Differences of all sources at once; if that fails, of each pair alone, with the reason as its note."""
    try:
        return method(rows).differences
    except StatisticsError as error:
        if len(pairs) == 1:
            return pd.DataFrame(pairs, columns=["first", "second"]).assign(note=f"not estimable: {error}")
    own = [_differences(method, rows[rows["source"].isin(pair)], [pair]) for pair in pairs]
    return pd.concat(own, ignore_index=True)


def attempt(model: Callable[..., MixedFit], *arguments) -> tuple[MixedFit | None, str]:
    """A fit with meaningful tables, or None, and a text on it: formula and notes, or the reason.

    None if the rows cannot be fitted at all (StatisticsError), no maximum was found, separation is complete, or a
    variance grows without bound.
    """
    try:
        fit = model(*arguments)
    except StatisticsError as error:
        return None, f"No model was fitted: {error}."
    found = fit.estimate
    partly = found.separation is not None and not found.separation.is_complete
    said = "\n".join([fit.formula, *fit.notes])
    if found.runaway or not (found.converged or partly):
        return None, f"{said}\nThese readings cannot carry the model, so its numbers are not shown."
    return fit, said


def repeat_in_r(fit: MixedFit, folder: Path) -> str:
    """Write the R script of a fit and its rows into a folder; return a sentence that says so, or why not."""
    try:
        path = fit.to_r(folder, "model")
    except StatisticsError as error:
        return f"No R script was written: {error}."
    return f"`{path.name}` and `{path.stem}.csv` in {path.parent.name} repeat this fit with R."


def effects(fit: MixedFit) -> pd.DataFrame:
    """Fixed effects as odds ratios: term, odds_ratio, low, high, p_value, note; levels as "source = gan"."""
    table = fit.fixed[fit.fixed["term"] != "Intercept"].reset_index(drop=True)
    ratios = {name: np.exp(table[column]) for name, column in zip(RATIO, ("estimate", "low", "high"), strict=True)}
    terms = table["term"].str.replace(r"(\w+)\[(?:T\.)?([^\]]*)\]", r"\1 = \2", regex=True)
    note = np.where(np.isinf(table["estimate"]), "some answers are predicted without error: no finite estimate", "")
    return pd.DataFrame({"term": terms, **ratios, "p_value": table["p"], "note": note})
