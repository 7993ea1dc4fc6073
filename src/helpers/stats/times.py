"""Active reading time: geometric means and ratios on the log scale, readers and cases both random.

Times are skewed to the right, so means and differences are taken of log(active_ms) and turned back: a mean becomes a
geometric mean in seconds, a difference of sources a ratio. Variances are those of ``crossed``.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import (
    LIKE,
    THESE,
    Influence,
    mean_influence,
    spread,
    t_interval,
    t_p_value,
)
from helpers.stats.readings import grouped, source_order


def timed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with a positive active time, with column ``log_seconds``; may be empty."""
    kept = rows[rows["active_ms"].fillna(0) > 0]
    return kept.assign(log_seconds=np.log(kept["active_ms"].astype("float64") / 1000.0))


def geometric_means(rows: pd.DataFrame, by: list[str] | None = None, confidence: float = 0.95) -> pd.DataFrame:
    """Geometric mean of active seconds in each group; two rows a group, one for each conclusion.

    Columns: by..., conclusion, seconds, low, high, readers, cases, readings. Raises StatisticsError without times.
    """
    lines = []
    for key, group in grouped(_some(rows), by):
        readers = sorted(set(group["reader"]))
        result = spread(mean_influence(group, group["log_seconds"].to_numpy(), readers))
        sizes = {"readers": len(readers), "cases": group["case"].nunique(), "readings": len(group)}
        for conclusion, value, low, high, _ in _intervals(result, confidence):
            seconds = {"seconds": np.exp(value), "low": np.exp(low), "high": np.exp(high)}
            lines.append(dict(zip(by or [], key, strict=True)) | {"conclusion": conclusion} | seconds | sizes)
    return pd.DataFrame(lines)


def source_ratios(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Ratio of geometric mean times for each pair of sources, by the readers who read both.

    Columns: first, second, conclusion, ratio, low, high, p_value (of ratio 1), readers, readings.
    """
    rows = _some(rows)
    lines = []
    for first, second in combinations(source_order(rows["source"]), 2):
        sides = [rows[rows["source"] == source] for source in (first, second)]
        readers = sorted(set(sides[0]["reader"]) & set(sides[1]["reader"]))
        if not readers:
            continue
        sides = [side[side["reader"].isin(readers)] for side in sides]
        parts = [mean_influence(side, side["log_seconds"].to_numpy(), readers) for side in sides]
        for conclusion, value, low, high, p_value in _intervals(spread(parts[0] - parts[1]), confidence):
            ratio = {"ratio": np.exp(value), "low": np.exp(low), "high": np.exp(high), "p_value": p_value}
            sizes = {"readers": len(readers), "readings": sum(map(len, sides))}
            lines.append({"first": first, "second": second, "conclusion": conclusion} | ratio | sizes)
    return pd.DataFrame(lines)


def learning(rows: pd.DataFrame, per_trials: int = 100, confidence: float = 0.95) -> pd.DataFrame:
    """Change of time over a session: ratio of times ``per_trials`` positions apart, from each reader's own line.

    Each reader's log time is regressed on position by least squares; the slopes are averaged over readers. Columns:
    conclusion, ratio, low, high, p_value (of no change), readers, readings. Readers with fewer than three readings
    at different positions are left out.
    """
    rows = _some(rows)
    kept = rows.groupby("reader").filter(lambda own: own["position"].nunique() > 2)
    if kept.empty:
        raise StatisticsError("no reader has three timed readings at different positions; learning cannot be seen")
    result = spread(_slope_influence(kept))
    lines = []
    for conclusion, value, low, high, p_value in _intervals(result, confidence):
        ratio, low, high = np.exp(per_trials * np.array([value, low, high]))
        sizes = {"readers": kept["reader"].nunique(), "readings": len(kept)}
        lines.append({"conclusion": conclusion, "ratio": ratio, "low": low, "high": high, "p_value": p_value} | sizes)
    return pd.DataFrame(lines)


def by_position(rows: pd.DataFrame, parts: int = 8) -> pd.DataFrame:
    """Geometric mean seconds of each reader in equal parts of the session: reader, position (mean), seconds."""
    rows = _some(rows)
    part = rows.groupby("reader")["position"].transform(lambda p: np.floor((p.rank() - 1) / len(p) * parts))
    means = rows.assign(part=part).groupby(["reader", "part"])[["position", "log_seconds"]].mean().reset_index()
    return means.assign(seconds=np.exp(means["log_seconds"]))[["reader", "position", "seconds"]]


def _some(rows: pd.DataFrame) -> pd.DataFrame:
    kept = timed(rows)
    if kept.empty:
        raise StatisticsError("the readings have no active times (column active_ms is blank or 0 everywhere)")
    return kept


def _slope_influence(rows: pd.DataFrame) -> Influence:
    """Least-squares slope of log seconds on position for each reader, and what each case adds to its error."""
    readers = sorted(set(rows["reader"]))
    case = pd.Series(pd.factorize(rows["case"], sort=True)[0], index=rows.index)
    slopes, influence = np.zeros(len(readers)), np.zeros((len(readers), case.max() + 1))
    for index, reader in enumerate(readers):
        own = rows[rows["reader"] == reader]
        position = own["position"].to_numpy(dtype="float64")
        centred, log_seconds = position - position.mean(), own["log_seconds"].to_numpy()
        slopes[index] = centred @ log_seconds / (centred @ centred)
        residual = log_seconds - log_seconds.mean() - slopes[index] * centred
        correction = np.sqrt(len(own) / (len(own) - 2.0))
        np.add.at(influence[index], case[own.index], centred * residual / (centred @ centred) * correction)
    return Influence(slopes, influence, np.zeros(influence.shape[1], dtype=int))


def _intervals(result, confidence: float):
    """(conclusion, value, low, high, p value) of both conclusions, on the log scale."""
    for conclusion in (THESE, LIKE):
        variance, degrees = result.of(conclusion)
        low, high = t_interval(result.value, variance, degrees, confidence)
        yield (
            conclusion,
            float(result.value),
            float(low),
            float(high),
            float(t_p_value(result.value, variance, degrees)),
        )
