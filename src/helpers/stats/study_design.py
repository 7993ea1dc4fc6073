"""Questions about the size of a study, answered from its readings by the simulations of ``power``."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import latent_fit
from helpers.stats.latent import Latent, describe
from helpers.stats.mrmc import auc
from helpers.stats.power import design_grid, detectable
from helpers.stats.proportions import accuracy
from helpers.stats.readings import in_front, source_order
from helpers.stats.roe_metz import ACCURACY, AREA

ASSUMED, FITTED = "assumed", "fitted"
CHANCE_QUESTION, AREA_QUESTION = "accuracy against chance", "AUC against chance"


@dataclass(frozen=True)
class Size:
    """Numbers of readers, and of cases per reader and source (mean, rounded)."""

    readers: int
    cases: int


def compared(rows: pd.DataFrame | None, first: str | None, second: str | None) -> list[str]:
    """The sources to compare: those named, else the first two in the fixed order; one if only one was read.

    Raises StatisticsError without readings, if a named source was not read, or if only one of two is named.
    """
    if rows is None:
        raise StatisticsError(
            "neither the realism task nor conditionality was read: no study can be planned from these"
        )
    known = source_order(rows["source"])
    if first is None and second is None:
        return known[:2]
    for name in (first, second):
        if name not in known:
            raise StatisticsError(f"first, second = {first!r}, {second!r}: name two of the sources read: {known}")
    if first == second:
        raise StatisticsError(f"first and second are both {first!r}; name two different sources, of: {known}")
    return [first, second]


def study_size(rows: pd.DataFrame) -> Size:
    """Size of this study, with at least the four cases that a simulated area needs."""
    cases = rows.groupby(["reader", "source"])["case"].nunique().mean()
    return Size(rows["reader"].nunique(), max(4, round(cases)))  # with fewer there is no area to simulate


@dataclass(frozen=True)
class Question:
    """What a study should detect: a difference of two sources, or (``centre`` None) one source against chance.

    ``name`` is a short name for files and numbers, ``title`` the wording in figures, ``centre`` the accuracy or area
    half-way between the two sources, ``models`` the latent models by name ("fitted", "assumed"), ``size`` the study's,
    ``readings`` their number, ``crossed`` whether both sources show the same cases.
    """

    name: str
    title: str
    measure: str
    centre: float | None
    models: dict[str, Latent]
    size: Size
    readings: int
    crossed: bool = False


def questions(
    rows: pd.DataFrame | None, ratings: pd.DataFrame | None, pair: list[str], comparison: str, assumed: dict[str, float]
) -> list[Question]:
    """The questions to ask: the difference of accuracies, accuracy against chance, the difference of areas.

    ``rows`` and ``ratings``: analysed readings of a realism task and of conditionality (None: not read);
    ``comparison``: the difference in words. A difference is left out if ``pair`` has one source, that of areas also if
    one of the pair has no area. If no other question remains, that of an area against chance is asked of the ratings,
    provided there are present and absent cases.
    """
    found = []
    if rows is not None:
        own = (models(rows, assumed), study_size(rows), len(rows))
        if len(pair) == 2:
            asked = f"accuracy, {comparison}", ACCURACY, centre_of(rows, pair), *own, are_crossed(rows, pair)
            found.append(Question("difference", *asked))
        found.append(Question("accuracy", CHANCE_QUESTION, ACCURACY, None, *own))
    centre = np.nan if ratings is None or len(pair) < 2 else centre_of(ratings, pair)
    if np.isfinite(centre):
        own = (models(ratings, assumed), study_size(ratings), len(ratings))
        asked = f"AUC, {comparison}", AREA, centre, *own, are_crossed(ratings, pair)
        found.append(Question("auc_difference", *asked))
    if not found and ratings["truth"].nunique() == 2:
        found.append(
            Question("auc", AREA_QUESTION, AREA, None, models(ratings, assumed), study_size(ratings), len(ratings))
        )
    return found


def are_crossed(rows: pd.DataFrame, pair: list[str]) -> bool:
    """Whether the two sources show the same cases: at least half of those of the source that shows fewer."""
    first, second = (set(rows.loc[rows["source"] == name, "case"]) for name in pair)
    return 2 * len(first & second) >= max(1, min(len(first), len(second)))


def centre_of(rows: pd.DataFrame, pair: list[str]) -> float:
    """Accuracy (half credit for undetermined answers) or, for ratings, area half-way between the sources of ``pair``.

    NaN if a source was not read, or its area cannot be estimated.
    """
    own = rows[rows["source"].isin(pair)]
    if set(own["source"]) < set(pair):
        return float("nan")
    table = auc(own, ["source"]) if latent_fit.are_ratings(rows) else accuracy(own, ["source"])
    return float(table.drop_duplicates("source")["value"].mean(skipna=False))


def models(rows: pd.DataFrame, assumed: dict[str, float]) -> dict[str, Latent]:
    """The model with fitted shares (left out with fewer than two ``able`` readers) and with assumed ones, by name.

    ``assumed`` has keys reader, reader_by_source and case; the thresholds between answers are the readings' own in
    both.
    """
    expected = {"reader", "reader_by_source", "case"}
    if set(assumed) != expected:
        raise StatisticsError(f"assumed = {assumed}: needs exactly the keys {', '.join(sorted(expected))}")
    found = {FITTED: latent_fit.fit(rows)} if len(latent_fit.able(rows)) > 1 else {}
    return found | {ASSUMED: Latent(**assumed, thresholds=latent_fit.thresholds(rows))}


def shares(asked: list[Question]) -> pd.DataFrame:
    """``latent.describe`` of each model, once for each measure, with columns measure and readings."""
    tables = []
    for question in {question.measure: question for question in asked}.values():
        for name, model in question.models.items():
            table = describe(model, name).assign(readings=question.readings)
            tables.append(in_front(table, measure=question.measure))
    return pd.concat(tables, ignore_index=True)


def question_curves(asked: list[Question], differences: list[float], sets: int, seed: int, jobs: int) -> pd.DataFrame:
    """Power of a study of this size against the true difference, for each question and model.

    Columns: shares (name of the model), name, question (title), then as ``power.COLUMNS``.
    """
    tables = []
    for question in asked:
        size = question.size
        tried = [d for d in differences if question.centre is not None or d <= 0.49]
        for shares, model in question.models.items():
            curve = design_grid(
                model,
                question.measure,
                question.centre,
                tried,
                [size.readers],
                [size.cases],
                sets,
                seed,
                jobs,
                question.crossed,
            )
            tables.append(in_front(curve, shares=shares, name=question.name, question=question.title))
    return pd.concat(tables, ignore_index=True)


def detectable_by_question(curves: pd.DataFrame, target: float) -> pd.DataFrame:
    """``power.detectable`` for each question and model of ``question_curves``, with columns shares, name, question."""
    tables = []
    for (shares, name, question), curve in curves.groupby(["shares", "name", "question"], sort=False):
        tables.append(in_front(detectable(curve, target), shares=shares, name=name, question=question))
    return pd.concat(tables, ignore_index=True)


def grids(
    asked: list[Question], difference: float, readers: list[int], cases: list[int], sets: int, seed: int, jobs: int
) -> pd.DataFrame:
    """``power.design_grid`` for one difference between two sources, with columns shares, name, question.

    If no two sources are compared, the difference is that of one source from chance.
    """
    tables = []
    for question in [question for question in asked if question.centre is not None] or asked:
        for shares, model in question.models.items():
            asked = model, question.measure, question.centre, [difference]
            grid = design_grid(*asked, readers, cases, sets, seed, jobs, question.crossed)
            tables.append(in_front(grid, shares=shares, name=question.name, question=question.title))
    return pd.concat(tables, ignore_index=True)


def needed(grid: pd.DataFrame, target: float) -> pd.DataFrame:
    """Smallest number of cases in the grid whose power reaches ``target``, by question, model, readers and conclusion.

    Columns: name, question, shares, readers, conclusion, cases, power, sets, note. If no number does, cases is NaN,
    power is that of the largest number of cases, and the note says so.
    """
    lines = []
    by = ["name", "question", "shares", "readers", "conclusion"]
    for key, own in grid.groupby(by, sort=False):
        own = own.sort_values("cases")
        enough = own[own["power"] >= target]
        row = enough.iloc[0] if len(enough) else own.iloc[-1]
        note = "" if len(enough) else f"not reached with {own['cases'].max()} cases"
        note = "not estimable: one reader" if pd.isna(row["power"]) else note
        lines.append((*key, float(row["cases"]) if len(enough) else float("nan"), row["power"], row["sets"], note))
    return pd.DataFrame(lines, columns=[*by, "cases", "power", "sets", "note"])


def needed_table(sizes: pd.DataFrame) -> pd.DataFrame:
    """``needed`` side by side: rows question, shares and readers, columns cases and power (%) of each conclusion."""
    words = sizes.assign(
        Question=sizes["question"].str[:1].str.upper() + sizes["question"].str[1:],
        Cases=[str(int(c)) if c == c else n for c, n in zip(sizes["cases"], sizes["note"], strict=True)],
        Power=[f"{100 * p:.0f} %" if p == p else "–" for p in sizes["power"]],
    ).rename(columns={"shares": "Shares", "readers": "Readers", "conclusion": "Conclusion"})
    rows = ["Question", "Shares", "Readers"]
    wide = words.pivot_table(["Cases", "Power"], rows, "Conclusion", aggfunc="first", sort=False)
    return wide.swaplevel(axis=1).sort_index(axis=1, level=0, ascending=False, sort_remaining=False)
