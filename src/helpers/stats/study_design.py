"""Questions about the size of a study, answered from its readings by the simulations of ``power``."""

from dataclasses import dataclass

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats import latent
from helpers.stats.latent import Latent
from helpers.stats.power import design_grid, detectable
from helpers.stats.proportions import accuracy
from helpers.stats.readings import source_order

ASSUMED, FITTED = "assumed", "fitted"
CHANCE_QUESTION = "accuracy against chance"


@dataclass(frozen=True)
class Size:
    """Readers, and cases that a reader has of one source (mean, rounded)."""

    readers: int
    cases: int


def compared(rows: pd.DataFrame, first: str | None, second: str | None) -> list[str]:
    """The sources to compare: those named, else the first two in the fixed order; one where only one was read.

    Raises StatisticsError when a named source was not read, or only one of two is named.
    """
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
    """Size of the study at hand."""
    cases = rows.groupby(["reader", "source"])["case"].nunique().mean()
    return Size(rows["reader"].nunique(), max(2, round(cases)))


def centre_of(rows: pd.DataFrame, pair: list[str]) -> float:
    """Accuracy half-way between the sources of ``pair`` (half credit for undetermined answers)."""
    own = accuracy(rows[rows["source"].isin(pair)], ["source"])
    return float(own.drop_duplicates("source")["value"].mean())


def models(rows: pd.DataFrame, assumed: dict[str, float]) -> dict[str, Latent]:
    """The model with fitted shares (left out with a single reader) and with assumed ones, by name.

    ``assumed`` has keys reader, reader_by_source and case; the undetermined band is the readings' own in both.
    """
    expected = {"reader", "reader_by_source", "case"}
    if set(assumed) != expected:
        raise StatisticsError(f"assumed = {assumed}: needs exactly the keys {', '.join(sorted(expected))}")
    found = {FITTED: latent.fit(rows)} if rows["reader"].nunique() > 1 else {}
    return found | {ASSUMED: Latent(**assumed, band=latent.band(rows))}


def question_curves(
    models: dict[str, Latent],
    centre: float,
    comparison: str | None,
    differences: list[float],
    size: Size,
    sets: int,
    seed: int,
    jobs: int,
) -> pd.DataFrame:
    """Power of a study of this size against the true difference, for each question and model.

    Questions: the difference of two sources around accuracy ``centre``, in words ``comparison`` (None leaves it out,
    for one source), and one source's accuracy against chance. Columns: shares (name of the model), name ("difference"
    or "accuracy"), question, then as ``power.COLUMNS``.
    """
    questions = [("accuracy", CHANCE_QUESTION, None)]
    if comparison is not None:
        questions.insert(0, ("difference", comparison, centre))
    tables = []
    for shares, model in models.items():
        for name, question, middle in questions:
            tried = [d for d in differences if middle is not None or d <= 0.49]
            curve = design_grid(model, middle, tried, [size.readers], [size.cases], sets, seed, jobs)
            tables.append(_labelled(curve, shares=shares, name=name, question=question))
    return pd.concat(tables, ignore_index=True)


def detectable_by_question(curves: pd.DataFrame, target: float) -> pd.DataFrame:
    """``power.detectable`` for each question and model of ``question_curves``, with columns shares, name, question."""
    tables = []
    for (shares, name, question), curve in curves.groupby(["shares", "name", "question"], sort=False):
        tables.append(_labelled(detectable(curve, target), shares=shares, name=name, question=question))
    return pd.concat(tables, ignore_index=True)


def grids(
    models: dict[str, Latent],
    centre: float,
    difference: float,
    readers: list[int],
    cases: list[int],
    sets: int,
    seed: int,
    jobs: int,
) -> pd.DataFrame:
    """``power.design_grid`` for one difference between two sources under each model, with column shares."""
    tables = [
        _labelled(design_grid(model, centre, [difference], readers, cases, sets, seed, jobs), shares=shares)
        for shares, model in models.items()
    ]
    return pd.concat(tables, ignore_index=True)


def needed(grid: pd.DataFrame, target: float) -> pd.DataFrame:
    """Smallest number of cases in the grid whose power reaches ``target``: shares, readers, conclusion, cases, power.

    Where none does, cases is NaN, power that of the largest number of cases, and the note says so.
    """
    lines = []
    for key, own in grid.groupby(["shares", "readers", "conclusion"], sort=False):
        own = own.sort_values("cases")
        enough = own[own["power"] >= target]
        row = enough.iloc[0] if len(enough) else own.iloc[-1]
        note = "" if len(enough) else f"not reached with {own['cases'].max()} cases"
        note = "not estimable: one reader" if pd.isna(row["power"]) else note
        lines.append((*key, float(row["cases"]) if len(enough) else float("nan"), row["power"], row["sets"], note))
    return pd.DataFrame(lines, columns=["shares", "readers", "conclusion", "cases", "power", "sets", "note"])


def needed_table(sizes: pd.DataFrame) -> pd.DataFrame:
    """``needed`` side by side: rows shares and readers, columns cases and power (%) of each conclusion."""
    words = sizes.assign(
        Cases=[str(int(c)) if c == c else n for c, n in zip(sizes["cases"], sizes["note"], strict=True)],
        Power=[f"{100 * p:.0f} %" if p == p else "–" for p in sizes["power"]],
    ).rename(columns={"shares": "Shares", "readers": "Readers", "conclusion": "Conclusion"})
    wide = words.pivot_table(["Cases", "Power"], ["Shares", "Readers"], "Conclusion", aggfunc="first", sort=False)
    return wide.swaplevel(axis=1).sort_index(axis=1, level=0, ascending=False, sort_remaining=False)


def _labelled(table: pd.DataFrame, **labels: str) -> pd.DataFrame:
    """The table with constant columns in front."""
    table = table.copy()
    for place, (name, value) in enumerate(labels.items()):
        table.insert(place, name, value)
    return table
