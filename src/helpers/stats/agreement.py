"""Do readers agree: with each other, and with themselves when a case comes back.

Ratings of pairs are turned so that + points at the synthetic image, whichever side it was shown on; without that,
readers who see sides swapped would seem to disagree. Measures: Cohen's kappa with quadratic weights (Cohen 1968,
Psychological Bulletin 70:213), the mean over pairs of readers; Krippendorff's alpha for ordinal data (package
krippendorff); ICC(A,1), two-way random effects, absolute agreement, one reader (McGraw and Wong 1996, Psychological
Methods 1:30; package pingouin). Intervals: percentile bootstrap over cases, the readers being these; for the ICC,
McGraw and Wong's F interval.
"""

from itertools import combinations

import krippendorff
import numpy as np
import pandas as pd
import pingouin

from helpers.stats.crossed import THESE
from helpers.stats.readings import PAIR, source_order
from helpers.tables import RATINGS

pingouin.options["round.column.CI95"] = None  # its default rounds intervals to two digits
KAPPA, ALPHA, ICC = "weighted_kappa", "krippendorff_alpha", "icc"
ALL_SOURCES = "all"
COLUMNS = ["measure", "conclusion", "value", "low", "high", "readers", "cases", "note"]


def oriented(rows: pd.DataFrame) -> pd.Series:
    """Ratings with + pointing at the synthetic image of a pair; ratings of single images as they are."""
    rating = rows["rating"].astype("float64")
    return rating.where((rows["task"] != PAIR) | (rows["side"] != "left"), -rating)


def with_orientation(readings: pd.DataFrame) -> pd.DataFrame:
    """The readings with oriented ratings in place of the given ones."""
    return readings.assign(rating=oriented(readings))


def rating_matrix(rows: pd.DataFrame) -> np.ndarray:
    """Oriented ratings, float64, shape (readers, cases), NaN where a reader has not read a case."""
    table = rows.assign(oriented=oriented(rows), unit=rows["case"] + "|" + rows["finding"])
    return table.pivot(index="reader", columns="unit", values="oriented").to_numpy()


def weighted_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Cohen's kappa with quadratic weights of two readers' ratings (n,) on the five-point scale.

    NaN when both readers gave one and the same rating to every case: chance agreement is then complete.
    """
    disagreement = np.mean((first - second) ** 2)
    chance = np.mean((first[:, None] - second[None, :]) ** 2)  # every pairing: what the margins alone give
    return float(1.0 - disagreement / chance) if chance > 0 else float("nan")


def mean_kappa(matrix: np.ndarray) -> float:
    """Mean weighted kappa over pairs of readers, each on the cases both have read; NaN where no pair has two."""
    kappas = []
    for first, second in combinations(range(len(matrix)), 2):
        both = ~np.isnan(matrix[first]) & ~np.isnan(matrix[second])
        if both.sum() > 1:
            kappas.append(weighted_kappa(matrix[first, both], matrix[second, both]))
    kappas = [kappa for kappa in kappas if kappa == kappa]
    return float(np.mean(kappas)) if kappas else float("nan")


def ordinal_alpha(matrix: np.ndarray) -> float:
    """Krippendorff's alpha for ordinal ratings (readers, cases); NaN where every rating is the same."""
    pairable = matrix[:, (~np.isnan(matrix)).sum(axis=0) > 1]
    if pairable.size == 0 or len(np.unique(pairable[~np.isnan(pairable)])) < 2:
        return float("nan")
    return float(krippendorff.alpha(pairable, level_of_measurement="ordinal", value_domain=list(RATINGS)))


def bootstrap_interval(matrix: np.ndarray, measure, seed: int, resamples: int, confidence: float = 0.95):
    """Percentile interval of ``measure(matrix)`` over resampled cases (columns): (low, high); NaN from one case."""
    cases = matrix.shape[1]
    if cases < 2:
        return float("nan"), float("nan")
    generator = np.random.default_rng([seed, 10])
    values = [measure(matrix[:, generator.integers(0, cases, cases)]) for _ in range(resamples)]
    tail = 50.0 * (1.0 - confidence)
    kept = [value for value in values if value == value]
    return tuple(float(x) for x in np.percentile(kept, [tail, 100.0 - tail])) if kept else (float("nan"),) * 2


def between_readers(rows: pd.DataFrame, seed: int, resamples: int = 500) -> pd.DataFrame:
    """Agreement between readers on one task, over all sources and by source.

    Columns: source, measure, conclusion, value, low, high, readers, cases, note.
    What cannot be estimated is NaN with a note.
    """
    lines = []
    for source in (ALL_SOURCES, *source_order(rows["source"])):
        matrix = rating_matrix(rows if source == ALL_SOURCES else rows[rows["source"] == source])
        size = {"source": source, "conclusion": THESE, "readers": matrix.shape[0], "cases": matrix.shape[1]}
        for name, measure in ((KAPPA, mean_kappa), (ALPHA, ordinal_alpha)):
            value = measure(matrix)
            low, high = bootstrap_interval(matrix, measure, seed, resamples) if value == value else (value, value)
            lines.append(size | {"measure": name, "value": value, "low": low, "high": high})
        lines.append(size | {"measure": ICC} | _icc(matrix))
    return _noted(pd.DataFrame(lines), "one reader, or every rating the same")[["source", *COLUMNS]]


def within_readers(pairs: pd.DataFrame, task: str, seed: int, resamples: int = 500) -> pd.DataFrame:
    """Agreement of each reader with themselves on repeated cases: ``readings.repeated`` of ``with_orientation``.

    Columns: reader, measure (weighted_kappa; same_answer: the share of identical ratings), conclusion, value,
    low, high, readers, cases, note, task.
    """
    lines = []
    for reader, group in pairs.groupby("reader", sort=True):
        matrix = group[["first", "second"]].to_numpy(float).T
        for name, measure in ((KAPPA, mean_kappa), ("same_answer", _same)):
            value = measure(matrix)
            low, high = bootstrap_interval(matrix, measure, seed, resamples) if value == value else (value, value)
            line = {"reader": reader, "conclusion": THESE, "measure": name, "value": value, "low": low, "high": high}
            lines.append(line | {"readers": 1, "cases": len(group)})
    table = pd.DataFrame(lines, columns=["reader", *[c for c in COLUMNS if c != "note"]])
    return _noted(table, "every rating the same, or one case").assign(task=task)


def _same(matrix: np.ndarray) -> float:
    return float(np.mean(matrix[0] == matrix[1])) if matrix.size else float("nan")


def _icc(matrix: np.ndarray) -> dict:
    """ICC(A,1) on the cases that every reader has read, with pingouin's F interval."""
    whole = matrix[:, ~np.isnan(matrix).any(axis=0)]
    readers, cases = whole.shape
    if readers < 2 or cases < 5 or np.ptp(whole) == 0:
        return {"value": float("nan"), "low": float("nan"), "high": float("nan")}
    table = pd.DataFrame(
        {
            "reader": np.repeat(np.arange(readers), cases),
            "case": np.tile(np.arange(cases), readers),
            "rating": whole.ravel(),
        }
    )
    result = pingouin.intraclass_corr(table, targets="case", raters="reader", ratings="rating")
    line = result[result["Type"] == "ICC(A,1)"].iloc[0]
    return {"value": float(line["ICC"]), "low": float(line["CI95"][0]), "high": float(line["CI95"][1])}


def _noted(table: pd.DataFrame, reason: str) -> pd.DataFrame:
    missing = table["value"].isna()
    return table.assign(note=np.where(missing, f"not estimable: {reason}", ""))
