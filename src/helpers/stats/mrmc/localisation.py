"""Obuchowski and Rockette's analysis of figures of merit of marks on images, from tables.

Tables: ``marks`` has reader, treatment, case, lesion and rating, one row per mark; lesion is blank for a mark that hits
none. ``lesions`` has case, truth, lesion and weight: one row per lesion, and one with a blank lesion for each normal
case. Weights of a case add up to 1; without the column they are equal. Covariances are by the jackknife over cases.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.estimates import Estimates
from helpers.stats.mrmc.figures_of_merit import AFROC1, HIGHEST, WEIGHTED_AFROC, Marked, figure_of_merit
from helpers.stats.mrmc.obuchowski_rockette import NUMBERS, analyse
from helpers.stats.readings import source_order

NARROW = "narrower than for these readers, who differ less than their cases alone would make them: take the wider one"
MARKS, LESIONS = ["reader", "case", "lesion", "rating"], ["case", "truth", "lesion"]


def mark_estimates(
    marks: pd.DataFrame,
    lesions: pd.DataFrame,
    figure: str = WEIGHTED_AFROC,
    treatment: str = "treatment",
    at: float = 0.2,
    read: pd.DataFrame | None = None,
) -> Estimates:
    """A figure of merit (``figures_of_merit.FIGURES``) of each reader on each treatment, for ``analyse`` or ``pilot``.

    ``read``: reader, case and treatment of what was read, marked or not; None: every reader read all cases in every
    treatment. ``at``: the false positive fraction of PCL. Readers without normal and abnormal cases of every treatment
    are left out and counted in the note. Raises StatisticsError for a column, case, lesion or rating that is missing
    or contradicts another table, and when no reader is left.

    >>> lesions = pd.DataFrame({"case": list("1234"), "truth": [0, 0, 1, 1], "lesion": [None, None, "l", "l"]})
    >>> marks = pd.DataFrame({"reader": "a", "treatment": "ct", "case": list("134"), "lesion": [None, "l", "l"],
    ...                       "rating": [2, 3, 1]})
    >>> float(mark_estimates(marks, lesions).values[0, 0])  # 3 of the 4 pairs of a normal case and a lesion
    0.75
    """
    cases, truth, known = _lesions(lesions)
    marks = _checked(marks, known, cases, treatment)
    shown = marks if read is None else _column(read, ["reader", "case", treatment], "read")
    names = source_order(shown[treatment].astype(str))
    readers = sorted(shown["reader"].astype(str).unique())
    shape = (len(names), len(readers))
    seen = np.full((*shape, len(cases)), read is None)
    if read is not None:
        seen[_index(shown, names, readers, treatment) + (_codes(shown["case"], cases, "read"),)] = True
    false, lesion = _highest(marks, _index(marks, names, readers, treatment), seen, len(known))
    values, moved = np.zeros(shape), np.zeros((*shape, len(cases)))
    for place in np.ndindex(shape):
        own = seen[place]
        chosen = own[known["of"]]
        number = np.cumsum(own) - 1
        marked = Marked(
            false[place][own], truth[own], lesion[place][chosen],
            known["weight"].to_numpy()[chosen], number[known["of"]][chosen],
        )  # fmt: skip
        values[place], left = figure_of_merit(marked, figure, at)
        moved[place][own] = np.sqrt((own.sum() - 1.0) / max(own.sum(), 1)) * (left - left.mean()) if own.any() else 0.0
    return _estimates(values, moved, seen, names, readers)


def mark_analysis(
    marks: pd.DataFrame,
    lesions: pd.DataFrame,
    read: pd.DataFrame | None = None,
    treatment: str = "source",
    figures: tuple[str, ...] = (WEIGHTED_AFROC, AFROC1, HIGHEST),
    at: float = 0.2,
) -> pd.DataFrame:
    """Figures of merit of each treatment and their differences, for random and for fixed readers.

    Columns: figure, compared (a treatment, or "A minus B"), conclusion, value, standard_error, degrees_of_freedom, low,
    high, p_value (of no difference), readers, note.

    >>> lesions = pd.DataFrame({"case": list("1234"), "truth": [0, 0, 1, 1], "lesion": [None, None, "l", "l"]})
    >>> marks = pd.DataFrame({"reader": "a", "source": "gan", "case": list("1344"), "lesion": [None, "l", None, "l"],
    ...                       "rating": [2, 3, 4, 1]})
    >>> table = mark_analysis(marks, lesions, figures=(AFROC1, HIGHEST)).query("conclusion == 'these readers'")
    >>> table[["figure", "value"]].values.tolist()  # 5 of 8 pairs and 4 of 4
    [['AFROC1', 0.625], ['highest rating ROC', 1.0]]
    """
    tables = []
    for figure in figures:
        estimates = mark_estimates(marks, lesions, figure, treatment, at, read)
        for conclusion in (LIKE, THESE):
            found = analyse(estimates, conclusion)
            pairs = found.differences["first"] + " minus " + found.differences["second"]
            parts = [found.areas.rename(columns={"treatment": "compared"}), found.differences.assign(compared=pairs)]
            parts = [part for part in parts if len(part)]
            tables.append(pd.concat(parts).assign(figure=figure, conclusion=conclusion))
    columns = ["figure", "compared", "conclusion", *NUMBERS, "p_value", "readers", "note"]
    return _with_doubt(pd.concat(tables, ignore_index=True).reindex(columns=columns))


def _with_doubt(table: pd.DataFrame) -> pd.DataFrame:
    """Add a note if the published analysis has a smaller error for random readers than for fixed ones."""
    fixed = table[table["conclusion"] == THESE].set_index(["figure", "compared"])["standard_error"]
    places = pd.MultiIndex.from_frame(table[["figure", "compared"]])
    smaller = table["standard_error"].gt(0) & (table["standard_error"] < fixed.reindex(places).to_numpy())
    narrow = smaller & (table["conclusion"] == LIKE)
    notes = table["note"].mask(narrow, table["note"].map(lambda note: "; ".join(filter(None, [note, NARROW]))))
    return table.assign(note=notes)


def lroc_tables(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``marks`` and ``lesions`` from LROC readings: reader, treatment, case, truth, correct_location (1 or 0 for
    abnormal cases, blank for normal ones), rating; every abnormal case has one lesion.

    >>> rows = pd.DataFrame({"reader": "a", "treatment": "ct", "case": list("123"), "truth": [0, 1, 1],
    ...                      "correct_location": [None, 1, 0], "rating": [2, 3, 4]})
    >>> marks, lesions = lroc_tables(rows)
    >>> marks["lesion"].notna().tolist()  # only the second mark hits a lesion
    [False, True, False]
    """
    rows = _column(rows, ["reader", "case", "truth", "correct_location", "rating"], "LROC readings")
    located = (rows["truth"] == 1) & (rows["correct_location"] == 1)
    marks = rows.assign(lesion=np.where(located, "1", None))
    cases = rows[["case", "truth"]].drop_duplicates("case", ignore_index=True)
    return marks, cases.assign(lesion=np.where(cases["truth"] == 1, "1", None))


def _highest(marks: pd.DataFrame, where: tuple, seen: np.ndarray, lesions: int) -> tuple[np.ndarray, np.ndarray]:
    """Highest rating of the marks outside lesions (T, R, cases) and on each lesion (T, R, lesions), -inf without one.

    ``where``: treatment and reader of each mark; ``seen`` (T, R, cases). Raises StatisticsError for a mark on a case
    that was not read.
    """
    of, hit, rating = marks["of"].to_numpy(), marks["hit"].to_numpy(), marks["rating"].to_numpy(float)
    unread = ~seen[(*where, of)]
    if unread.any():
        row = marks[unread].iloc[0]
        raise StatisticsError(f"reader {row['reader']!r} marked case {row['case']!r}, which is not among those read")
    false, lesion = np.full(seen.shape, -np.inf), np.full((*seen.shape[:2], lesions), -np.inf)
    for found, place, chosen in ((false, of, hit < 0), (lesion, hit, hit >= 0)):
        np.maximum.at(found, tuple(i[chosen] for i in (*where, place)), rating[chosen])
    return false, lesion


def _estimates(values: np.ndarray, moved: np.ndarray, seen: np.ndarray, names: list, readers: list) -> Estimates:
    able = ~np.isnan(values).any(axis=0)
    if not able.any():
        raise StatisticsError("no reader read normal and abnormal cases of every treatment; compare fewer of them")
    note = f"readers without both truths in every treatment, left out: {(~able).sum()}" if not able.all() else ""
    values, seen = values[:, able], seen[:, able]
    flat = moved[:, able].reshape(values.size, -1)
    together = (flat @ flat.T).reshape(*values.shape, *values.shape)
    kept = tuple(name for name, used in zip(readers, able, strict=True) if used)
    of = tuple(float(side.sum(axis=-1).mean()) for side in seen)
    return Estimates(tuple(names), kept, values, together, int(seen.any(axis=(0, 1)).sum()), of, note=note)


def _lesions(lesions: pd.DataFrame) -> tuple[pd.Index, np.ndarray, pd.DataFrame]:
    """Names of cases (K,), their truth (K,), and the lesions with ``of`` (number of the case) and ``weight``."""
    lesions = _column(lesions, LESIONS, "lesions")
    cases = pd.Index(sorted(lesions["case"].astype(str).unique()))
    of = cases.get_indexer(lesions["case"].astype(str))
    known = lesions.assign(of=of)[lesions["lesion"].notna()].astype({"lesion": str})
    truth = np.zeros(len(cases), dtype=int)
    truth[of] = lesions["truth"]
    wrong = known[(known["truth"] != 1) | known.duplicated(["of", "lesion"])]
    if len(wrong):
        row = wrong.iloc[0]
        raise StatisticsError(f"lesions: case {row['case']!r} has lesion {row['lesion']!r} twice, or is not abnormal")
    without = np.setdiff1d(np.flatnonzero(truth), known["of"])
    if len(without):
        raise StatisticsError(f"lesions: abnormal case {cases[without[0]]!r} has no lesion; give one row a lesion")
    equal = 1.0 / known.groupby("of")["of"].transform("size")
    known["weight"] = equal if "weight" not in known else known["weight"].astype(float)
    total = known.groupby("of")["weight"].sum()
    if not np.allclose(total, 1.0):
        first = cases[total.index[~np.isclose(total, 1.0)][0]]
        raise StatisticsError(
            f"lesions: the weights of case {first!r} add up to {total.min():g}; they must add up to 1"
        )
    return cases, truth, known.reset_index(drop=True)


def _checked(marks: pd.DataFrame, known: pd.DataFrame, cases: pd.Index, treatment: str) -> pd.DataFrame:
    """Marks with ``of`` (number of the case) and ``hit`` (number of the lesion, -1 for none)."""
    marks = _column(marks, [*MARKS, treatment], "marks")
    of = _codes(marks["case"], cases, "marks")
    if not np.isfinite(marks["rating"].to_numpy(float)).all():
        row = marks[~np.isfinite(marks["rating"].to_numpy(float))].iloc[0]
        raise StatisticsError(f"marks: reader {row['reader']!r}, case {row['case']!r}: a mark needs a rating")
    keys = pd.MultiIndex.from_arrays([known["of"], known["lesion"]])
    hit = np.where(marks["lesion"].notna(), keys.get_indexer([of, marks["lesion"].astype(str)]), -1)
    lost = marks[marks["lesion"].notna() & (hit < 0)]
    if len(lost):
        row = lost.iloc[0]
        raise StatisticsError(f"marks: case {row['case']!r} has no lesion {row['lesion']!r} in the table of lesions")
    return marks.assign(of=of, hit=hit)


def _codes(names: pd.Series, cases: pd.Index, table: str) -> np.ndarray:
    codes = cases.get_indexer(names.astype(str))
    if (codes < 0).any():
        raise StatisticsError(f"{table}: case {names[codes < 0].iloc[0]!r} is not in the table of lesions")
    return codes


def _index(rows: pd.DataFrame, names: list, readers: list, treatment: str) -> tuple[np.ndarray, np.ndarray]:
    treatments = pd.Categorical(rows[treatment].astype(str), categories=names).codes
    return treatments, pd.Categorical(rows["reader"].astype(str), categories=readers).codes


def _column(table: pd.DataFrame, names: list[str], title: str) -> pd.DataFrame:
    missing = [name for name in names if name not in table]
    if missing:
        raise StatisticsError(f"{title}: column {missing[0]!r} is missing; it needs {', '.join(names)}")
    return table.reset_index(drop=True)
