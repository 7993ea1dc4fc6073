"""Rank correlation of image scores with readers' ratings, compared with that of another reader."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from helpers.errors import StatisticsError
from helpers.raw_tables import read_raw
from helpers.stats.bootstrap import case_samples, interval
from helpers.stats.orientation import oriented
from helpers.stats.readings import analysed, grouped
from helpers.stats.reasons import NO_READERS
from helpers.tables import CONDITIONALITY, PAIR

READER = "another reader"
# Scores, and whether a large score indicates a positive rating (synthetic, or finding present) or the opposite.
SCORES = {"distance": 1, "density": -1, "discriminator": 1}
PROBABILITY = "probability"
ALL = "all"
FEWEST = 5  # images


def read_scores(path) -> pd.DataFrame:
    """Image scores as notebook 05 writes them: image_id, source, scores of realism, a probability per finding.

    Raises TableError when the file is missing, StatisticsError when a column is.
    """
    table = read_raw(path)
    missing = [name for name in ("image_id", *SCORES) if name not in table]
    if missing:
        raise StatisticsError(f"{path}: column {missing[0]!r} is missing; run notebooks/05_image_metrics.ipynb again")
    numbers = [name for name in table if name not in ("image_id", "source")]
    return table.astype(dict.fromkeys(numbers, float))


def rated_images(readings: pd.DataFrame, task: str, scores: pd.DataFrame) -> pd.DataFrame:
    """Each reader's rating of each case, with the scores of the case: reader, case, source, finding, rating, scores.

    Positive ratings point to synthetic (for a pair: to its synthetic image, whichever side it was on) or to present; so
    do the scores, with their sign reversed where needed. For a pair, scores are the synthetic image's minus the real
    one's. In conditionality the score is the classifier's probability of the requested finding. Cases without scores
    are left out.
    """
    rows = analysed(readings, task)
    known = scores.set_index("image_id")
    ids = rows["case"].str.split("+", regex=False, expand=True).reindex(columns=[0, 1])
    rows = rows.assign(rating=oriented(rows), first=ids[0], second=ids[1])
    rows = rows[["reader", "case", "source", "finding", "rating", "first", "second"]]
    members = ["first", "second"] if task == PAIR else ["first"]
    rows = rows[rows[members].isin(known.index).all(axis=1)].reset_index(drop=True)
    if task == CONDITIONALITY:
        chances = [known.at[case, finding] for case, finding in zip(rows["first"], rows["finding"], strict=True)]
        return rows.assign(**{PROBABILITY: chances}).drop(columns=["first", "second"])
    for name, sign in SCORES.items():
        own = known[name].reindex(rows["first"]).to_numpy()
        other = known[name].reindex(rows["second"]).to_numpy() if task == PAIR else 0.0
        rows[name] = sign * (own - other)
    return rows.drop(columns=["first", "second"])


def relation(rated: pd.DataFrame, seed: int, resamples: int) -> pd.DataFrame:
    """Spearman's correlation of every score, and of another reader, with readers' ratings, for all sources and each.

    For each reader in turn the score is correlated with the mean rating of the *other* readers, and so is that reader's
    own rating, under the name "another reader": both have the same target, so they can be compared. The result is the
    mean over readers. With one reader the target is that reader, and there is no other. Interval (95 %): bootstrap
    over cases (BCa, expanded), all readings of a case together, so it applies to these readers on other images.
    Columns: score, source, value, low, high, cases, readers, note. NaN for fewer than 5 cases or no variation, and the
    note says so.
    """
    names = [name for name in (*SCORES, PROBABILITY) if name in rated]
    rows = []
    for (source,), part in [((ALL,), rated), *grouped(rated, ["source"])]:
        key = pd.MultiIndex.from_frame(part[["case", "finding"]])
        part = part.assign(place=pd.factorize(key, sort=True)[0])
        ratings = part.pivot(index="place", columns="reader", values="rating")
        cases = part.groupby("place")[["case", *names]].first()
        for name in [*names, READER]:
            score = cases[name].to_numpy() if name in names else None
            found = _row(ratings.to_numpy(), score, cases["case"], seed, resamples)
            rows.append({"score": name, "source": source, **found})
    return pd.DataFrame(rows)


def _row(ratings: np.ndarray, score: np.ndarray | None, cases: pd.Series, seed: int, resamples: int) -> dict:
    """Value with interval; ``score`` None stands for another reader. ``ratings`` (cases, readers), NaN if not read."""
    count, readers = ratings.shape
    images = cases.nunique()
    row = {"value": np.nan, "low": np.nan, "high": np.nan, "cases": images, "readers": readers}
    if images < FEWEST or (score is None and readers < 2):
        return row | {"note": f"not estimable: fewer than {FEWEST} cases" if images < FEWEST else NO_READERS}
    pairs = []
    for reader in range(readers):
        others = np.delete(ratings, reader, axis=1) if readers > 1 else ratings
        target = pd.DataFrame(others).mean(axis=1).to_numpy()  # NaN where none of them read the case
        pairs.append((ratings[:, reader] if score is None else score, target))
    weights = case_samples(cases, seed, resamples)
    values = np.array([_mean([_spearman(a, b, w) for a, b in pairs]) for w in weights])
    low, high = interval(values, resamples, images)
    note = "not estimable: all ratings, or all scores, are alike" if np.isnan(values[0]) else ""
    return row | {"value": float(values[0]), "low": low, "high": high, "note": note}


def _mean(correlations: list[float]) -> float:
    """Mean of the known values; NaN if there are none."""
    known = [value for value in correlations if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _spearman(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> float:
    """Rank correlation where both are known, each case counted ``weights`` times; NaN without variation."""
    index = np.repeat(np.arange(len(first)), weights.astype(int))
    index = index[~np.isnan(first[index]) & ~np.isnan(second[index])]
    if len(index) < 3:
        return np.nan
    a, b = rankdata(first[index]), rankdata(second[index])
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else np.nan
